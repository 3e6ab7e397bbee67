"""A connection at a glance."""

from datetime import timedelta

from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from interface.models import OutboundHold
from interface.nightly import JOB, exchange
from interface.questions import connections
from interface.questions.connections import last_nights, people_selected
from tests.interface.inbound.desk import Desk
from tests.interface.outbound.staff import TODAY


def test_the_strip_asks_for_the_runs_of_the_exchange() -> None:
    assert connections.JOB == JOB


def test_whom_it_selects(desk: Desk) -> None:
    assert people_selected(desk.connection, on=TODAY) == 2
    desk.connection.restriction, desk.connection.restriction_values = "payroll", ["277 Weekly"]
    assert people_selected(desk.connection, on=TODAY) == 0


def test_the_last_nights(desk: Desk, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    desk.put(*desk.file(desk.lua("R1"), desk.lua("R2", course="KNITTING")))
    name, _ = desk.file(number=2)
    desk.put(name, b"nonsense")
    desk.put(*desk.file(desk.lua("R3"), number=3))
    exchange(desk.connection, on=TODAY, by="tests")
    OutboundHold.objects.create(
        organisation=desk.staff.organisation, connection=desk.connection, kind="GOC", business_date=TODAY,
        population=10, changed=9, deleted=0, held_at=timezone.now(),
    )  # fmt: skip
    with django_assert_num_queries(4):
        nights = last_nights(desk.connection, on=TODAY + timedelta(days=1))
    assert len(nights) == 30
    tonight = nights[-2]
    assert (tonight.day, tonight.state, tonight.error) == (TODAY, "done", "")
    assert (tonight.files_in, tonight.refused, tonight.waiting) == (3, 1, 1)
    assert tonight.answers == {"E320": 1, "I100": 1}
    assert (tonight.files_out, tonight.held) == (1, True)
    assert tonight.lines_out > 0
    assert (nights[-1].state, nights[-1].files_in, nights[-1].held) == ("", 0, False)

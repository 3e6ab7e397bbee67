"""How nights went, of one connection and of several together."""

from datetime import timedelta

from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from interface.models import Connection, OutboundHold
from interface.nightly import JOB, exchange
from interface.questions import nights
from interface.questions.nights import nights_of, together
from people.models import NightlyRun
from tests.interface.inbound.desk import Desk
from tests.interface.outbound.staff import TODAY


def test_the_strip_asks_for_the_runs_of_the_exchange() -> None:
    assert nights.JOB == JOB


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
    Connection.objects.create(organisation=desk.staff.organisation, code="B", lms_name="Moodle")
    with django_assert_num_queries(5):
        found = nights_of(Connection.objects.order_by("pk"), last=TODAY + timedelta(days=1))
    ours, others = found.values()
    assert len(ours) == 30
    assert all(one.is_empty for one in others)
    assert (ours[-1].state, ours[-1].files_in, ours[-1].holds) == ("", 0, 0)
    for tonight in (ours[-2], together([ours, others])[-2]):
        assert (tonight.on, tonight.state, tonight.errors) == (TODAY, "done", [])
        assert (tonight.files_in, tonight.refused, tonight.waiting) == (3, 1, 1)
        assert tonight.codes == {"E320": 1, "I100": 1}
        assert (tonight.records, tonight.counted("E"), tonight.answered) == (2, 1, 2)
        assert (tonight.files_out, tonight.answers_out, tonight.holds) == (1, 2, 1)
        assert tonight.lines_sent > 0


def test_the_worst_that_became_of_a_run_is_the_night_s(desk: Desk) -> None:
    exchange(desk.connection, on=TODAY, by="tests")
    NightlyRun.objects.update(state="failed", error="No space left.")
    tonight = nights_of([desk.connection], last=TODAY, count=1)[desk.connection.pk][0]
    assert (tonight.state, tonight.errors) == ("failed", ["No space left."])
    assert together([]) == []

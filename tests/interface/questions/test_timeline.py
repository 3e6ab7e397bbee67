"""A person's timeline, the newest first."""

from datetime import date, datetime, timedelta

import time_machine
from pytest_django import DjangoAssertNumQueries

from competencies.models import CompetencyElement
from interface.actions import want_full_file
from interface.models import Mapping, OpenFailure
from interface.outbound.actions import send_changes
from interface.questions.timeline import Event, timeline
from interface.recovery.actions import replay, undo
from people.dates import LONDON
from tests.interface.inbound.desk import Desk
from tests.interface.outbound.staff import TODAY

FILE = "GI_277_CST_LCU_20261103_00000001.DAT"


def short(events: list[Event]) -> list[tuple[str, str, str, int | None]]:
    return [(one.kind.value, one.code, one.file, one.line) for one in events]


def at(hour: int, day: date = TODAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=LONDON)


def sent(desk: Desk) -> list[str]:
    return [one.what for one in timeline(desk.people[0]) if one.kind.value == "outbound"]


def everything(desk: Desk) -> None:
    """Sent, told, replayed, undone."""
    with time_machine.travel(at(20), tick=False):
        send_changes(desk.connection, on=TODAY, by="tests")
    with time_machine.travel(at(21), tick=False):
        desk.send(desk.lua("R1"), desk.lua("R2", person="40002"), desk.lua("R3", course="KNITTING"))
    Mapping.objects.create(
        organisation=desk.staff.organisation,
        connection=desk.connection,
        course_code="KNITTING",
        competence=desk.staff.competences[1],
    )
    with time_machine.travel(at(22), tick=False):
        replay(desk.connection, failures=OpenFailure.objects.all(), on=TODAY, by="alice")
    with time_machine.travel(at(23), tick=False):
        undo(desk.only(), by="alice", reason="by mistake")


def test_everything_that_happened(desk: Desk) -> None:
    everything(desk)
    events = timeline(desk.people[0])
    assert short(events) == [
        ("undo", "", FILE, None),
        ("replay", "I100", FILE, 4),
        ("inbound", "E320", FILE, 4),
        ("inbound", "I100", FILE, 2),
        ("outbound", "", "GO_277_CST_GOF_20261103_00000001.DAT", None),
        ("record", "", "", None),
        ("assignment", "", "", None),
    ]
    assert events[0].what == "Undone by alice: by mistake"
    assert events[3].element_ids == ("900000000001",)
    assert events[4].what == "2 records sent"
    assert events[5].what == "Name40001, Ada (240001): Employee"
    assert events[6].what == "Assignment 240001: Active Assignment"


def test_a_full_file_carries_again_what_was_sent_before(desk: Desk) -> None:
    with time_machine.travel(at(20), tick=False):
        send_changes(desk.connection, on=TODAY, by="tests")
    desk.staff.element(desk.people[0])
    with time_machine.travel(at(21), tick=False):
        want_full_file(desk.connection, by="alice")
        send_changes(desk.connection, on=TODAY, by="tests")
    assert sent(desk) == ["3 records sent", "2 records sent"]


def test_what_was_overtaken_and_deleted_stays(desk: Desk) -> None:
    person = desk.people[0]
    element = desk.staff.element(person)
    for day, change in enumerate(({}, {"proficiency_level": "2 - Passed"}, {"proficiency_level": "3"})):
        with time_machine.travel(at(20, TODAY + timedelta(days=day)), tick=False):
            CompetencyElement.objects.filter(pk=element.pk).update(**change or {"proficiency_level": ""})
            send_changes(desk.connection, on=TODAY + timedelta(days=day), by="tests")
    CompetencyElement.objects.filter(pk=element.pk).delete()
    with time_machine.travel(at(20, TODAY + timedelta(days=3)), tick=False):
        send_changes(desk.connection, on=TODAY + timedelta(days=3), by="tests")
    assert sent(desk) == ["1 deleted", "1 record sent", "1 record sent", "3 records sent"]


def test_every_version_has_its_day(desk: Desk) -> None:
    desk.staff.version(desk.people[0], effective_start=TODAY - timedelta(days=30), last_name="Hale")
    events = [one for one in timeline(desk.people[0]) if one.kind.value == "record"]
    assert [one.at.date() for one in events] == [TODAY - timedelta(days=30), date(2019, 4, 1)]
    assert "Hale" in events[0].what


def test_bounded_and_in_few_queries(
    desk: Desk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    desk.send(*[desk.lua(f"R{day}", on=date(2026, 10, day)) for day in range(1, 20)])
    with django_assert_max_num_queries(7):
        events = timeline(desk.people[0], most=5)
    assert len(events) == 5
    assert {one.kind.value for one in events} == {"inbound"}

"""Silence is noticed (promises P13), by a clock that stands still."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from pytest_django import DjangoAssertNumQueries

from interface.actions import pause
from interface.models import Connection, FileCalendar, InboundFile
from interface.nightly import exchange
from interface.outbound.actions import send_changes
from interface.questions.calendar import (
    Arrival,
    due_times,
    expectations,
    late_files,
    silences,
    silent_since,
    uncollected,
)
from people.dates import LONDON
from tests.interface.inbound.desk import Desk
from tests.interface.outbound.staff import TODAY

MONDAY = date(2026, 11, 2)
DAY = timedelta(days=1)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON)


def calendar(desk: Desk, **values: Any) -> FileCalendar:
    """Monday to Friday by 21:00, an hour of grace."""
    defaults = {"since": MONDAY, "weekdays": [1, 2, 3, 4, 5], "by_time": time(21), "grace_minutes": 60}
    return FileCalendar.objects.create(
        organisation=desk.staff.organisation, connection=desk.connection, **(defaults | values)
    )


def comes(desk: Desk, number: int, moment: datetime, day: date | None = None) -> None:
    desk.put(*desk.file(desk.lua(f"R{number}"), number=number, day=day or moment.date()))
    with time_machine.travel(moment, tick=False):
        desk.collect(moment.date())


def arrivals(found: FileCalendar, moment: datetime) -> list[tuple[date, str]]:
    return [(one.day, one.arrival.value) for one in expectations(found, at=moment)]


# --- Files that are expected --------------------------------------------------------------------------


def test_awaited_then_late_then_missing(desk: Desk) -> None:
    expected = calendar(desk)
    assert arrivals(expected, at(MONDAY, 9)) == [(MONDAY, "awaited")]
    assert arrivals(expected, at(MONDAY, 22)) == [(MONDAY, "awaited")]
    assert arrivals(expected, at(MONDAY, 22, 1)) == [(MONDAY, "late")]
    assert arrivals(expected, at(MONDAY + DAY, 20, 59)) == [(MONDAY, "late"), (MONDAY + DAY, "awaited")]
    assert arrivals(expected, at(MONDAY + DAY, 21)) == [(MONDAY, "missing"), (MONDAY + DAY, "awaited")]


def test_a_file_in_time_came(desk: Desk) -> None:
    expected = calendar(desk)
    comes(desk, 1, at(MONDAY, 20))
    (one,) = expectations(expected, at=at(MONDAY, 23))
    assert (one.arrival, one.file) == (Arrival.CAME, desk.only())
    # It had not come yet, seen from before.
    assert arrivals(expected, at(MONDAY, 19)) == [(MONDAY, "awaited")]


def test_a_late_file_is_its_own_day_s_and_no_other_s(desk: Desk) -> None:
    expected = calendar(desk)
    comes(desk, 1, at(MONDAY + DAY, 7), day=MONDAY)
    assert arrivals(expected, at(MONDAY + DAY, 23)) == [(MONDAY, "came"), (MONDAY + DAY, "late")]


def test_a_file_named_after_a_day_without_one_counts_for_the_next(desk: Desk) -> None:
    expected = calendar(desk, since=date(2026, 10, 26))
    sunday = date(2026, 11, 1)
    comes(desk, 1, at(sunday, 12))
    assert arrivals(expected, at(MONDAY, 23))[-1] == (MONDAY, "came")


def test_a_refused_file_came_all_the_same(desk: Desk) -> None:
    expected = calendar(desk)
    name, _ = desk.file(desk.lua("R1"), day=MONDAY)
    desk.put(name, b"nonsense")
    with time_machine.travel(at(MONDAY, 20), tick=False):
        desk.collect(MONDAY)
    assert arrivals(expected, at(MONDAY, 23)) == [(MONDAY, "came")]


def test_nothing_is_expected_at_the_weekend_nor_before_it_was_agreed(desk: Desk) -> None:
    expected = calendar(desk)
    saturday = MONDAY + 5 * DAY
    assert [day for day, _ in arrivals(expected, at(saturday, 23))] == [MONDAY + DAY * n for n in range(5)]
    assert arrivals(expected, at(MONDAY - DAY, 23)) == []
    assert arrivals(calendar_without_days(desk), at(saturday, 23)) == []


def calendar_without_days(desk: Desk) -> FileCalendar:
    FileCalendar.objects.update(weekdays=[])
    return FileCalendar.objects.get()


def test_times_are_london_s_on_both_sides_of_the_clock_change(desk: Desk) -> None:
    expected = calendar(desk, since=date(2026, 10, 23), weekdays=[5, 1])
    moments = [
        due.astimezone(UTC).hour for _, due in due_times(expected, after=date(2026, 10, 20), until=MONDAY)
    ]
    assert moments == [20, 21, 21, 21]


# --- Files that nobody fetches ------------------------------------------------------------------------


def test_a_file_that_lies_in_out_for_too_long(desk: Desk) -> None:
    expected = calendar(desk, pick_up_hours=24)
    with time_machine.travel(at(TODAY, 22), tick=False):
        file = send_changes(desk.connection, on=TODAY, by="tests").file
    assert file is not None
    assert uncollected(expected, at=at(TODAY + DAY, 22)) == []
    assert uncollected(expected, at=at(TODAY + DAY, 22, 1)) == [file]
    (desk.folders.outbox / file.name).unlink()
    assert uncollected(expected, at=at(TODAY + DAY, 22, 1)) == []


def test_pick_up_is_watched_only_where_it_was_agreed(desk: Desk) -> None:
    with time_machine.travel(at(TODAY, 22), tick=False):
        send_changes(desk.connection, on=TODAY, by="tests")
    assert uncollected(calendar(desk), at=at(TODAY + 30 * DAY, 22)) == []


# --- Partners that are silent -------------------------------------------------------------------------


def test_a_partner_that_says_nothing(desk: Desk) -> None:
    expected = calendar(desk, silent_days=7)
    assert silent_since(expected, at=at(MONDAY + 7 * DAY, 0)) is None
    assert silent_since(expected, at=at(MONDAY + 7 * DAY, 0, 1)) == at(MONDAY, 0)
    comes(desk, 1, at(MONDAY, 20))
    assert silent_since(expected, at=at(MONDAY + 7 * DAY, 20)) is None
    assert silent_since(expected, at=at(MONDAY + 7 * DAY, 20, 1)) == at(MONDAY, 20)


# --- Told ---------------------------------------------------------------------------------------------


def test_sentences_for_a_person(desk: Desk, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    calendar(desk, pick_up_hours=1, silent_days=1)
    with time_machine.travel(at(MONDAY, 22), tick=False):
        send_changes(desk.connection, on=MONDAY, by="tests")
    with django_assert_num_queries(4):
        found = silences([desk.connection], at=at(MONDAY + DAY, 21))
    assert found == [
        "277/TOTARA: the completions file of Monday 2 Nov 2026, due by 21:00, is missing.",
        "277/TOTARA: GO_277_CST_GOF_20261102_00000001.DAT has not been fetched from Out within 1 hours.",
        "277/TOTARA: nothing has come since 2 Nov 2026.",
    ]


def test_who_is_paused_or_not_live_is_not_late(desk: Desk) -> None:
    expected = calendar(desk)
    moment = at(MONDAY + DAY, 21)
    assert silences([desk.connection], at=moment)
    Connection.objects.update(live_on=None)
    assert silences([desk.connection], at=moment) == []
    Connection.objects.update(live_on=date(2026, 1, 5))
    pause(desk.connection, by="alice", reason="new server")
    assert silences([desk.connection], at=moment) == []
    assert late_files(expected, at=moment)


def test_the_night_s_report_says_so(desk: Desk) -> None:
    calendar(desk)
    with time_machine.travel(at(MONDAY, 23), tick=False):
        report = exchange(desk.connection, on=MONDAY, by="tests")
    assert report.waiting == ["277/TOTARA: the completions file of Monday 2 Nov 2026, due by 21:00, is late."]
    assert not InboundFile.objects.exists()


@pytest.mark.parametrize("days", [["Monday"], [0], [8], "1", [True], {"1": 1}])
def test_weekdays_are_numbers(desk: Desk, days: Any) -> None:
    with pytest.raises(ValidationError, match="Monday"):
        FileCalendar(weekdays=days).clean()


def test_weekdays_are_kept_in_order(desk: Desk) -> None:
    made = FileCalendar(weekdays=[5, 1, 5])
    made.clean()
    assert made.weekdays == [1, 5]

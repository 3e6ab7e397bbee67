"""A night that did not run is noticed, though no run is there that could have failed."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from interface.models import Connection
from interface.nightly import exchange
from interface.questions.missed import last_night_due, without_their_night
from people.models import NightlyRun
from tests.interface.inbound.desk import Desk
from tests.interface.outbound.staff import TODAY

# The morning after TODAY's night, and after the one that should have followed.
MORNING = datetime(TODAY.year, TODAY.month, TODAY.day, 8, tzinfo=UTC) + timedelta(days=1)
NEXT_MORNING = MORNING + timedelta(days=1)


def missed(at: datetime) -> list[str]:
    return [one.code for one in without_their_night(Connection.objects.all(), at=at)]


@pytest.mark.parametrize(
    ("nightly", "at", "night"),
    [
        (time(21, 30), datetime(2026, 11, 3, 23, 59, tzinfo=UTC), date(2026, 11, 2)),
        (time(21, 30), datetime(2026, 11, 4, 0, 30, tzinfo=UTC), date(2026, 11, 3)),
        (time(21, 30), datetime(2026, 11, 4, 8, 0, tzinfo=UTC), date(2026, 11, 3)),
        (time(3, 0), datetime(2026, 11, 4, 5, 59, tzinfo=UTC), date(2026, 11, 3)),
        (time(3, 0), datetime(2026, 11, 4, 6, 0, tzinfo=UTC), date(2026, 11, 4)),
        # In summer London is an hour ahead.
        (time(21, 30), datetime(2026, 7, 3, 23, 29, tzinfo=UTC), date(2026, 7, 2)),
        (time(21, 30), datetime(2026, 7, 3, 23, 30, tzinfo=UTC), date(2026, 7, 3)),
    ],
)
def test_the_last_night_due(nightly: time, at: datetime, night: date, settings: Settings) -> None:
    settings.NIGHTLY_TIME = nightly
    assert last_night_due(at) == night


def test_a_night_without_a_run_is_missed(desk: Desk) -> None:
    exchange(desk.connection, on=TODAY, by="tests")
    assert missed(MORNING) == []
    assert missed(NEXT_MORNING) == [desk.connection.code]
    exchange(desk.connection, on=TODAY + timedelta(days=1), by="tests")
    assert missed(NEXT_MORNING) == []


def test_what_was_done_by_hand_by_day_is_no_night(desk: Desk) -> None:
    exchange(desk.connection, on=TODAY, by="tests")
    next_day = TODAY + timedelta(days=1)
    with time_machine.travel(MORNING + timedelta(hours=4), tick=False):
        exchange(desk.connection, on=next_day, by="alice", by_hand=True)
    assert missed(NEXT_MORNING) == [desk.connection.code]
    night = MORNING + timedelta(hours=13, minutes=30)
    with time_machine.travel(night, tick=False):
        exchange(desk.connection, on=next_day, by="nightly run", asked_at=night)
    assert missed(NEXT_MORNING) == []


def test_a_night_that_failed_is_not_missed(desk: Desk) -> None:
    exchange(desk.connection, on=TODAY, by="tests")
    NightlyRun.objects.update(state="failed", error="No space left.")
    assert missed(MORNING) == []


def test_who_need_not_run_misses_nothing(desk: Desk) -> None:
    exchange(desk.connection, on=TODAY, by="tests")
    ours = Connection.objects.filter(pk=desk.connection.pk)
    ours.update(paused_at=timezone.now(), paused_by="bob", pause_reason="The LMS is moved.")
    assert missed(NEXT_MORNING) == []
    ours.update(paused_at=None, paused_by="", pause_reason="")
    ours.update(live_on=TODAY + timedelta(days=9))
    assert missed(NEXT_MORNING) == []
    ours.update(live_on=TODAY)
    NightlyRun.objects.all().delete()
    assert missed(NEXT_MORNING) == [], "set up since"

"""What the queue calls: the fan-out, and a task that is delivered more than once (promises P8)."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from interface import tasks
from interface.models import Connection, OutboundFile
from interface.nightly import exchange
from people.models import NightlyRun
from people.models.run import RunState
from people.runs import claim
from people.tenancy import everywhere
from tests.interface.outbound.staff import TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.scoped]
Queue = list[tuple[Any, ...]]


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Queue:
    """What was put into the queue."""
    queued: Queue = []
    monkeypatch.setattr(tasks, "async_task", lambda *arguments: queued.append(arguments))
    return queued


@time_machine.travel("2026-11-03T21:30:00Z", tick=False)
def test_each_live_connection_gets_a_task_and_each_organisation_its_check(
    three_connections: list[Connection], queue: Queue
) -> None:
    with everywhere("a test"):
        Connection.objects.filter(pk=three_connections[2].pk).update(live_on=None)
    assert tasks.exchange_tonight() == len(queue) == 4
    first, second = three_connections[:2]
    now = "2026-11-03T21:30:00+00:00"
    assert queue == [
        ("interface.tasks.exchange_connection", first.pk, "2026-11-03", now),
        ("interface.tasks.exchange_connection", second.pk, "2026-11-03", now),
        ("interface.tasks.check_orphans", first.organisation_id, "2026-11-03"),
        ("interface.tasks.check_orphans", second.organisation_id, "2026-11-03"),
    ]


@time_machine.travel("2026-07-01T23:30:00Z", tick=False)
def test_the_business_date_is_london_s(three_connections: list[Connection], queue: Queue) -> None:
    tasks.exchange_tonight()
    assert {one[2] for one in queue} == {"2026-07-02"}


def test_a_task_delivered_again_finds_the_night_done(three_connections: list[Connection]) -> None:
    key = three_connections[0].pk
    assert tasks.exchange_connection(key, TODAY.isoformat()) == "277/TOTARA: 0 files in, 1 out"
    assert "is done" in tasks.exchange_connection(key, TODAY.isoformat())
    with everywhere("a test"):
        assert OutboundFile.objects.count() == 1
        assert NightlyRun.objects.get().attempts == 1


def test_what_was_done_by_hand_during_the_day_is_not_the_night(three_connections: list[Connection]) -> None:
    connection = three_connections[0]
    exchange(connection, on=TODAY, by="command line", by_hand=True)
    asked_at = timezone.now().isoformat()
    again = (connection.pk, TODAY.isoformat(), asked_at)
    assert tasks.exchange_connection(*again) == "277/TOTARA: 0 files in, 0 out"
    assert "is done" in tasks.exchange_connection(*again)
    with everywhere("a test"):
        assert NightlyRun.objects.get().attempts == 1


def test_the_next_business_date_is_another_night(three_connections: list[Connection]) -> None:
    key = three_connections[0].pk
    for day in (TODAY, date(2026, 11, 4)):
        tasks.exchange_connection(key, day.isoformat())
    with everywhere("a test"):
        kinds = OutboundFile.objects.order_by("number").values_list("kind", flat=True)
        assert list(kinds) == ["GOF", "GOC"]


def test_the_night_ends_what_an_earlier_one_left_running(
    three_connections: list[Connection], queue: Queue
) -> None:
    """Killed on its last attempt: no task comes back for it, and it would be shown as running for ever."""
    connection = three_connections[0]
    with everywhere("a test"):
        run = claim(
            organisation=connection.organisation, job="exchange", subject="TOTARA", on=TODAY, by_hand=False
        )
        NightlyRun.objects.filter(pk=run.pk).update(worker="elsewhere/1/1", lease_until=run.started_at)
    tasks.exchange_tonight()
    with everywhere("a test"):
        assert NightlyRun.objects.get().state == RunState.FAILED


def test_a_failed_task_raises_so_that_the_queue_shows_it(
    three_connections: list[Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: Any, **values: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("interface.nightly.collect", broken)
    with pytest.raises(OSError, match="disk full"):
        tasks.exchange_connection(three_connections[0].pk, TODAY.isoformat())
    with everywhere("a test"):
        assert NightlyRun.objects.get().state == RunState.FAILED

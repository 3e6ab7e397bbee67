"""The nightly exchange is scheduled once, and keeps to the London clock when the clocks change."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command
from django.utils.module_loading import import_string
from django_q.conf import Conf
from django_q.models import Schedule
from pytest_django import Settings

from cstf_site.schedules import JOBS, LONDON, NIGHTLY, NIGHTLY_TASK, cron_of, ensure_schedules, next_run

UTC = ZoneInfo("UTC")
SUMMER_BEGINS = dt.datetime(2026, 3, 28, 12, tzinfo=UTC)
WINTER_BEGINS = dt.datetime(2026, 10, 24, 12, tzinfo=UTC)


def nightly(*, at: dt.datetime) -> Schedule:
    return next(schedule for schedule in ensure_schedules(at=at) if schedule.name == NIGHTLY)


@pytest.mark.parametrize(
    ("start", "hours_utc"),
    [(SUMMER_BEGINS, [21, 20, 20]), (WINTER_BEGINS, [20, 21, 21])],
)
def test_half_past_nine_stays_half_past_nine(start: dt.datetime, hours_utc: list[int]) -> None:
    runs: list[dt.datetime] = []
    for _ in range(3):
        runs.append(next_run("30 21 * * *", after=runs[-1] if runs else start))
    assert [run.astimezone(UTC).hour for run in runs] == hours_utc
    assert len({run.astimezone(LONDON).date() for run in runs}) == 3


@pytest.mark.django_db
@pytest.mark.parametrize("start", [SUMMER_BEGINS, WINTER_BEGINS])
@pytest.mark.parametrize("time", [dt.time(0, 59), dt.time(3, 0), dt.time(21, 30)])
def test_the_queue_works_it_out_as_we_do(settings: Settings, start: dt.datetime, time: dt.time) -> None:
    assert Conf.TIME_ZONE == "Europe/London"
    settings.NIGHTLY_TIME = time
    schedule = nightly(at=start)
    due = schedule.next_run
    for _ in range(3):
        with time_machine.travel(due + dt.timedelta(minutes=1), tick=False):
            following = schedule.calculate_next_run(due)
        assert following == next_run(cron_of(time), after=due)
        assert following.astimezone(LONDON).time() == time
        assert following.astimezone(LONDON).date() == due.astimezone(LONDON).date() + dt.timedelta(days=1)
        due = following


@pytest.mark.django_db
def test_doing_it_again_changes_nothing() -> None:
    first = nightly(at=SUMMER_BEGINS)
    # A run that is due when a host comes up again must not be put off to the next night.
    again = nightly(at=SUMMER_BEGINS + dt.timedelta(days=2))
    assert (again.pk, again.next_run) == (first.pk, first.next_run)
    assert (again.func, again.name, again.repeats) == (NIGHTLY_TASK, NIGHTLY, -1)


@pytest.mark.django_db
def test_a_new_time_moves_the_schedule(settings: Settings) -> None:
    first = nightly(at=SUMMER_BEGINS)
    settings.NIGHTLY_TIME = dt.time(22, 15)
    moved = nightly(at=SUMMER_BEGINS)
    assert moved.pk == first.pk
    assert moved.next_run == dt.datetime(2026, 3, 28, 22, 15, tzinfo=LONDON)


@pytest.mark.django_db
def test_doubles_are_cleared_away() -> None:
    ensure_schedules(at=SUMMER_BEGINS)
    Schedule.objects.create(name=NIGHTLY, func=NIGHTLY_TASK, next_run=SUMMER_BEGINS)
    ensure_schedules(at=SUMMER_BEGINS)
    assert Schedule.objects.filter(name=NIGHTLY).count() == 1


@pytest.mark.django_db
@time_machine.travel(SUMMER_BEGINS, tick=False)
def test_the_command_says_when(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("schedules")
    assert capsys.readouterr().out == (
        "nightly exchange: next on Sat 28 Mar 2026 at 21:30 London time\n"
        "clearing of sessions: next on Sun 29 Mar 2026 at 04:10 London time\n"
        "clearing of uploads: next on Sun 29 Mar 2026 at 04:20 London time\n"
        "clearing of held loads: next on Sun 29 Mar 2026 at 04:30 London time\n"
        "clearing of previews: next on Sun 29 Mar 2026 at 04:40 London time\n"
        "check of the audit: next on Sun 29 Mar 2026 at 04:50 London time\n"
    )


@pytest.mark.django_db
def test_every_job_has_a_name_of_its_own_and_a_task_that_there_is() -> None:
    assert len({job.name for job in JOBS}) == len(JOBS)
    assert all(callable(import_string(job.task)) for job in JOBS)
    assert not [job for job in JOBS if dt.time(1) <= job.time() < dt.time(3)]

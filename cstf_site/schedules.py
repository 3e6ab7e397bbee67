"""What the queue starts by itself, and when.

django-q2 works out a cron schedule's next run from the present time in `Q_CLUSTER["time_zone"]`, which is
London here: 21:30 stays 21:30 on the clock the day the clocks change, one run a day.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from croniter import croniter
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_q.models import Schedule

LONDON = ZoneInfo("Europe/London")
NIGHTLY = "nightly exchange"
NIGHTLY_TASK = "interface.tasks.exchange_tonight"


@dataclass(frozen=True)
class Job:
    """Something that runs once a day."""

    name: str
    task: str
    time: Callable[[], dt.time]


# Times are London's, outside 01:00–02:59. What clears away comes after the exchange of even a long night.
JOBS: Final = (
    Job(NIGHTLY, NIGHTLY_TASK, lambda: settings.NIGHTLY_TIME),
    Job("clearing of sessions", "login.tasks.clear_away_tonight", lambda: dt.time(4, 10)),
    Job("clearing of uploads", "interface.by_hand.tasks.clear_away_tonight", lambda: dt.time(4, 20)),
    Job("clearing of held loads", "interface.extract.tasks.clear_away_tonight", lambda: dt.time(4, 30)),
    Job("clearing of previews", "interface.background.clear_away_tonight", lambda: dt.time(4, 40)),
    Job("check of the audit", "people.audit.tasks.check_tonight", lambda: dt.time(4, 50)),
)


def cron_of(time: dt.time) -> str:
    """Every day at that time."""
    return f"{time.minute} {time.hour} * * *"


def next_run(cron: str, *, after: dt.datetime) -> dt.datetime:
    """The first run after an instant, by the London clock."""
    found: dt.datetime = croniter(cron, after.astimezone(LONDON)).get_next(dt.datetime)
    return found


@transaction.atomic
def ensure_schedules(*, at: dt.datetime | None = None) -> list[Schedule]:
    """Every job is scheduled once, at its time; one that is due already stays due.

    Django-q2 would start a new schedule at once: the first run is the coming night's instead.
    """
    return [_ensure(job, at=at or timezone.now()) for job in JOBS]


def _ensure(job: Job, *, at: dt.datetime) -> Schedule:
    cron = cron_of(job.time())
    wanted = {"func": job.task, "schedule_type": Schedule.CRON, "cron": cron}
    schedule, *surplus = list(Schedule.objects.select_for_update().filter(name=job.name).order_by("pk")) or [
        Schedule(name=job.name, repeats=-1)
    ]
    for other in surplus:
        other.delete()
    if any(getattr(schedule, field) != value for field, value in wanted.items()):
        for field, value in wanted.items():
            setattr(schedule, field, value)
        schedule.next_run = next_run(cron, after=at)
        schedule.save()
    return schedule

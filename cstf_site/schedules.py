"""What the queue starts by itself, and when.

django-q2 works out a cron schedule's next run from the present time in `Q_CLUSTER["time_zone"]`, which is
London here: 21:30 stays 21:30 on the clock the day the clocks change, one run a day.
"""

import datetime as dt
from zoneinfo import ZoneInfo

from croniter import croniter
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_q.models import Schedule

LONDON = ZoneInfo("Europe/London")
NIGHTLY = "nightly exchange"
NIGHTLY_TASK = "interface.tasks.exchange_tonight"


def cron_of(time: dt.time) -> str:
    """Every day at that time."""
    return f"{time.minute} {time.hour} * * *"


def next_run(cron: str, *, after: dt.datetime) -> dt.datetime:
    """The first run after an instant, by the London clock."""
    found: dt.datetime = croniter(cron, after.astimezone(LONDON)).get_next(dt.datetime)
    return found


@transaction.atomic
def ensure_schedules(*, at: dt.datetime | None = None) -> Schedule:
    """The nightly exchange is scheduled once, at NIGHTLY_TIME; one that is due already stays due.

    Django-q2 would start a new schedule at once: the first run is the coming night's instead.
    """
    cron = cron_of(settings.NIGHTLY_TIME)
    wanted = {"func": NIGHTLY_TASK, "schedule_type": Schedule.CRON, "cron": cron}
    schedule, *surplus = list(Schedule.objects.select_for_update().filter(name=NIGHTLY).order_by("pk")) or [
        Schedule(name=NIGHTLY, repeats=-1)
    ]
    for other in surplus:
        other.delete()
    if any(getattr(schedule, field) != value for field, value in wanted.items()):
        for field, value in wanted.items():
            setattr(schedule, field, value)
        schedule.next_run = next_run(cron, after=at or timezone.now())
        schedule.save()
    return schedule

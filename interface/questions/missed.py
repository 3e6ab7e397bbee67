"""Nights that did not run (promises P13): the worker stood still, or nobody started it, and no run is there to fail."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from interface.models import Connection
from interface.questions.nights import JOB
from interface.questions.today import live
from people.dates import LONDON
from people.models import NightlyRun

# A night hands every connection to the queue at once, where the last may wait for hours; by the morning it is over.
GRACE: Final = timedelta(hours=3)


def last_night_due(at: datetime) -> date:
    """The business date of the latest nightly exchange that must have begun everywhere by this moment."""
    then = (at - GRACE).astimezone(LONDON)
    return then.date() if then.time() >= settings.NIGHTLY_TIME else then.date() - timedelta(days=1)


def without_their_night(connections: QuerySet[Connection], *, at: datetime) -> QuerySet[Connection]:
    """Those that had nights before, are live and not paused, and have no run of the last night that was due.

    One by hand that was over before the night began is none. A connection that was set up since has missed nothing.
    """
    night = last_night_due(at)
    begins = datetime.combine(night, settings.NIGHTLY_TIME, tzinfo=LONDON)
    of_night = Q(business_date=night) & (Q(finished_at__isnull=True) | Q(finished_at__gte=begins))
    runs = NightlyRun.objects.filter(
        job=JOB, organisation=OuterRef("organisation"), subject=OuterRef("code")
    ).order_by()
    return live(connections, on=night).filter(
        Exists(runs), ~Exists(runs.filter(of_night | Q(business_date__gt=night))), paused_at__isnull=True
    )

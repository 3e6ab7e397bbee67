"""What needs somebody's attention in the morning: of the last night, and what has waited longer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from django.db.models import Max, Q, QuerySet

from interface.models import Connection, ExtractHold, InboundFile, InboundState, OutboundHold
from interface.questions.nights import JOB
from people.models import NightlyRun
from people.models.run import RunState

# A failure older than this is history: whoever could mend it has, or the nights after it failed too.
RECENT: Final = timedelta(days=7)


def last_night(runs: QuerySet[NightlyRun]) -> date | None:
    """The business date of the latest exchange, or None before the first. Other jobs run by day as well."""
    latest: date | None = runs.filter(job=JOB).aggregate(latest=Max("business_date"))["latest"]
    return latest


def held(files: QuerySet[InboundFile]) -> QuerySet[InboundFile]:
    """Files that wait for the number before them."""
    return files.filter(state=InboundState.HELD)


def refused_on(files: QuerySet[InboundFile], *, night: date) -> QuerySet[InboundFile]:
    """Files of one night that were refused as a whole."""
    return files.filter(state=InboundState.REFUSED, business_date=night)


def set_aside(files: QuerySet[InboundFile]) -> QuerySet[InboundFile]:
    """Files that failed too often and wait for a person."""
    return files.filter(state=InboundState.QUARANTINED)


def failed_since(runs: QuerySet[NightlyRun], *, first: date) -> QuerySet[NightlyRun]:
    """Runs that failed and have not been done since, of business dates from ``first`` on."""
    return runs.filter(state=RunState.FAILED, business_date__gte=first)


def open_holds(holds: QuerySet[OutboundHold]) -> QuerySet[OutboundHold]:
    """Outbound files that wait for a person's yes, or for the next run after it."""
    return holds.filter(settled_at__isnull=True)


def held_loads(holds: QuerySet[ExtractHold]) -> QuerySet[ExtractHold]:
    """Files of the staff record that wait for a person, or behind one that does, or are being loaded."""
    return holds.filter(settled_at__isnull=True)


def live(connections: QuerySet[Connection], *, on: date) -> QuerySet[Connection]:
    """Connections whose go-live date has come, of organisations that are aligned."""
    return connections.filter(live_on__lte=on, organisation__cstf_aligned_on__lte=on)


def not_live(connections: QuerySet[Connection], *, on: date) -> QuerySet[Connection]:
    """Connections that may not exchange yet."""
    ready = Q(live_on__lte=on, organisation__cstf_aligned_on__lte=on)
    return connections.exclude(pk__in=connections.filter(ready).order_by().values("pk"))


def paused(connections: QuerySet[Connection]) -> QuerySet[Connection]:
    """Connections that somebody has paused: nothing goes out, and what comes is not read."""
    return connections.filter(paused_at__isnull=False)

"""What needs somebody's attention in the morning: of the last night, and what has waited longer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping as Counts
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Max, Q, QuerySet

from interface.models import Connection, InboundFile, InboundKind, InboundState, OutboundHold
from people.models import NightlyRun
from people.models.run import RunState

NIGHTS: Final = 30
# A failure older than this is history: whoever could mend it has, or the nights after it failed too.
RECENT: Final = timedelta(days=7)
KINDS: Final = ("I", "W", "E")


def last_night(runs: QuerySet[NightlyRun]) -> date | None:
    """The business date of the latest run, or None before the first."""
    latest: date | None = runs.aggregate(latest=Max("business_date"))["latest"]
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


def live(connections: QuerySet[Connection], *, on: date) -> QuerySet[Connection]:
    """Connections whose go-live date has come, of organisations that are aligned."""
    return connections.filter(live_on__lte=on, organisation__cstf_aligned_on__lte=on)


def not_live(connections: QuerySet[Connection], *, on: date) -> QuerySet[Connection]:
    """Connections that may not exchange yet."""
    ready = Q(live_on__lte=on, organisation__cstf_aligned_on__lte=on)
    return connections.exclude(pk__in=connections.filter(ready).order_by().values("pk"))


@dataclass(frozen=True, slots=True)
class Night:
    """What became of the records of one business date. ``codes`` counts them by code."""

    on: date
    files: int = 0
    codes: Counts[str, int] = field(default_factory=dict)

    def counted(self, kind: str) -> int:
        """Records whose code begins with this letter."""
        return sum(count for code, count in self.codes.items() if code.startswith(kind))

    @property
    def records(self) -> int:
        """All of them."""
        return sum(self.codes.values())


def nights(files: QuerySet[InboundFile], *, last: date, count: int = NIGHTS) -> list[Night]:
    """The last nights, oldest first, those without a file too: from the files' own counts, no record is read."""
    first = last - timedelta(days=count - 1)
    codes: dict[date, Counter[str]] = {}
    numbers: Counter[date] = Counter()
    for on, counts in _counts(files, first=first, last=last):
        codes.setdefault(on, Counter()).update(counts)
        numbers[on] += 1
    days = [first + timedelta(days=place) for place in range(count)]
    return [Night(on, numbers[on], dict(codes.get(on, {}))) for on in days]


def _counts(
    files: QuerySet[InboundFile], *, first: date, last: date
) -> QuerySet[Any, tuple[date, dict[str, int]]]:
    completions = files.filter(kind=InboundKind.COMPLETIONS, business_date__range=(first, last))
    return completions.order_by().select_related(None).values_list("business_date", "counts")


@dataclass(frozen=True, slots=True)
class ConnectionNights:
    """One connection at a glance: how its last nights went."""

    connection: Connection
    runs: Counts[date, str]
    records: int
    succeeded: int

    @property
    def share(self) -> float | None:
        """Of the records of these nights, those that were answered SUCCESS; None without records."""
        return self.succeeded / self.records if self.records else None


def connections_at_a_glance(
    connections: Sequence[Connection],
    files: QuerySet[InboundFile],
    runs: QuerySet[NightlyRun],
    *,
    last: date,
    count: int = NIGHTS,
) -> list[ConnectionNights]:
    """How the last nights of these connections went, in two queries."""
    first = last - timedelta(days=count - 1)
    keys = [connection.pk for connection in connections]
    tallies: dict[int, Counter[str]] = {}
    counted = files.filter(connection__in=keys, business_date__range=(first, last))
    for key, counts in counted.order_by().select_related(None).values_list("connection_id", "counts"):
        tallies.setdefault(key, Counter()).update(counts)
    states = _run_states(runs, connections, first=first, last=last)
    return [
        _at_a_glance(connection, states.get((connection.organisation_id, connection.code), {}), tallies)
        for connection in connections
    ]


def _at_a_glance(
    connection: Connection, runs: Counts[date, str], tallies: Counts[int, Counter[str]]
) -> ConnectionNights:
    tally = tallies.get(connection.pk, Counter())
    failed = sum(count for code, count in tally.items() if code.startswith("E"))
    return ConnectionNights(connection, runs, tally.total(), tally.total() - failed)


def _run_states(
    runs: QuerySet[NightlyRun], connections: Sequence[Connection], *, first: date, last: date
) -> dict[tuple[int, str], dict[date, str]]:
    codes = {connection.code for connection in connections}
    found = runs.filter(subject__in=codes, business_date__range=(first, last))
    states: dict[tuple[int, str], dict[date, str]] = {}
    values = (
        found.order_by()
        .select_related(None)
        .values_list("organisation_id", "subject", "business_date", "state")
    )
    for organisation, subject, on, state in values:
        states.setdefault((organisation, subject), {})[on] = state
    return states

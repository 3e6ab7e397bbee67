"""A connection at a glance: whom it selects, what it expects next, how its last nights went."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar

from django.db.models import QuerySet

from interface.models import Connection, InboundFile, InboundState, OutboundFile, OutboundHold
from interface.scope import in_scope
from people.models import NightlyRun

JOB = "exchange"
Row = TypeVar("Row", NightlyRun, InboundFile, OutboundFile, OutboundHold)


@dataclass(frozen=True, slots=True)
class Night:
    """One business date in the strip. ``state`` is the run's, or empty where there was none."""

    day: date
    state: str = ""
    error: str = ""
    files_in: int = 0
    refused: int = 0
    waiting: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    files_out: int = 0
    lines_out: int = 0
    held: bool = False


def people_selected(connection: Connection, *, on: date) -> int:
    """How many people the connection's restriction selects on this date."""
    return in_scope(connection, on=on).count()


def last_nights(connection: Connection, *, on: date, nights: int = 30) -> list[Night]:
    """The strip of the last nights up to ``on``, oldest first, in four queries."""
    first = on - timedelta(days=nights - 1)
    between = (first, on)
    runs = _by_day(
        NightlyRun.objects.filter(
            organisation=connection.organisation_id,
            job=JOB,
            subject=connection.code,
            business_date__range=between,
        )
    )
    taken_in = _by_day(InboundFile.objects.filter(connection=connection, business_date__range=between))
    sent = _by_day(
        OutboundFile.objects.filter(connection=connection, business_date__range=between, number__isnull=False)
    )
    holds = _by_day(OutboundHold.objects.filter(connection=connection, business_date__range=between))
    days = (first + timedelta(days=offset) for offset in range(nights))
    return [_night(day, runs[day], taken_in[day], sent[day], holds[day]) for day in days]


def _by_day(rows: QuerySet[Row]) -> dict[date, list[Row]]:
    found: dict[date, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.business_date].append(row)
    return found


def _night(
    day: date,
    runs: list[NightlyRun],
    taken_in: list[InboundFile],
    sent: list[OutboundFile],
    holds: list[OutboundHold],
) -> Night:
    answers: dict[str, int] = defaultdict(int)
    for file in taken_in:
        for code, count in file.counts.items():
            answers[code] += count
    return Night(
        day,
        state=runs[0].state if runs else "",
        error=runs[0].error if runs else "",
        files_in=len(taken_in),
        refused=sum(file.state == InboundState.REFUSED for file in taken_in),
        waiting=sum(file.state in (InboundState.HELD, InboundState.QUARANTINED) for file in taken_in),
        answers=dict(sorted(answers.items())),
        files_out=len(sent),
        lines_out=sum(file.records for file in sent),
        held=any(hold.settled_at is None for hold in holds),
    )

"""Silence over all connections that the scope shows (promises P13), in as many queries for a hundred as for one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q

from interface.models import FileCalendar, InboundFile, InboundKind, OutboundFile
from interface.questions.calendar import (
    Expectation,
    heard_last,
    is_silent,
    late_among,
    lying,
    watched,
    window_start,
)
from people.dates import london_date


@dataclass(frozen=True, slots=True)
class Silence:
    """What did not come, which files of ours nobody fetched, and who has not been heard of; each with its calendar."""

    late: list[tuple[FileCalendar, Expectation]]
    uncollected: list[tuple[FileCalendar, OutboundFile]]
    silent: list[tuple[FileCalendar, datetime]]

    def __len__(self) -> int:
        """Things that somebody should hear of."""
        return len(self.late) + len(self.uncollected) + len(self.silent)


def silence(*, at: datetime) -> Silence:
    """Of the connections that exchange files today: a paused one is not late."""
    calendars = list(watched(on=london_date(at)))
    return Silence(_late(calendars, at), _uncollected(calendars, at), _silent(calendars, at))


def _late(calendars: list[FileCalendar], at: datetime) -> list[tuple[FileCalendar, Expectation]]:
    came: dict[int, list[InboundFile]] = defaultdict(list)
    files = InboundFile.objects.filter(
        connection__in=[one.connection_id for one in calendars],
        kind=InboundKind.COMPLETIONS,
        received_at__gt=window_start(at),
        received_at__lte=at,
    )
    for file in files.order_by("received_at", "pk"):
        came[file.connection_id].append(file)
    return [(one, late) for one in calendars for late in late_among(one, came[one.connection_id], at=at)]


def _uncollected(calendars: list[FileCalendar], at: datetime) -> list[tuple[FileCalendar, OutboundFile]]:
    wanted, of = Q(pk__in=()), {one.connection_id: one for one in calendars}
    for one in calendars:
        if one.pick_up_hours is not None and (names := lying(one)):
            before = at - timedelta(hours=one.pick_up_hours)
            wanted |= Q(connection=one.connection_id, name__in=names, published_at__lt=before)
    files = OutboundFile.objects.filter(wanted).order_by("published_at", "pk")
    return [(of[file.connection_id], file) for file in files]


def _silent(calendars: list[FileCalendar], at: datetime) -> list[tuple[FileCalendar, datetime]]:
    files = InboundFile.objects.filter(
        connection__in=[one.connection_id for one in calendars], received_at__lte=at
    )
    last = dict(files.order_by().values_list("connection").annotate(last=Max("received_at")))
    heard = [(one, heard_last(one, last.get(one.connection_id))) for one in calendars]
    return [(one, when) for one, when in heard if is_silent(one, when, at=at)]

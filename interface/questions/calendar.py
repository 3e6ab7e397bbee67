"""Silence is noticed (promises P13): files that were expected and did not come, files of ours that nobody fetched.

Everything is asked at a moment ``at``; days and times of a calendar are London's.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from interface.folders import Folders
from interface.formats import names
from interface.models import Connection, FileCalendar, InboundFile, InboundKind, OutboundFile
from people.dates import LONDON, london_date, written

_DAY = timedelta(days=1)
_WEEK = _DAY * 7
_FORTNIGHT = _DAY * 14


class Arrival(StrEnum):
    """What became of an expected file."""

    CAME = "came"
    AWAITED = "awaited"
    LATE = "late"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Expectation:
    """One expected day: ``late`` once its grace is over, ``missing`` once the next one is due as well.

    ``file`` is what came for it, were it refused or held: those are other worries.
    """

    day: date
    due_at: datetime
    arrival: Arrival
    file: InboundFile | None = None


def due_times(calendar: FileCalendar, *, after: date, until: date) -> list[tuple[date, datetime]]:
    """The expected days from ``after`` to ``until``, both included, and by when each file is to be there.

    Work is scheduled outside the hour of the clock change; a time within it is the first of the two.
    """
    days = [after + _DAY * offset for offset in range((until - after).days + 1)]
    return [
        (day, datetime.combine(day, calendar.by_time, tzinfo=LONDON))
        for day in days
        if day >= calendar.since and day.isoweekday() in calendar.weekdays
    ]


def expectations(calendar: FileCalendar, *, at: datetime) -> list[Expectation]:
    """The expected files of the last fortnight, today's too, oldest first."""
    return _expected(calendar, _received(calendar.connection, at=at), at)


def _expected(calendar: FileCalendar, files: Iterable[InboundFile], at: datetime) -> list[Expectation]:
    """Of files that came within the window, the first ones first."""
    today = london_date(at)
    # The next one as well: from when it is due, the one before it is missing.
    due = due_times(calendar, after=today - _FORTNIGHT, until=today + _WEEK)
    if not due:
        return []
    came = _assigned(files, due, _grace(calendar))
    nexts = [due_at for _, due_at in due[1:]] + [due[-1][1] + _DAY]
    return [
        Expectation(day, due_at, _arrival(calendar, due_at, after, came.get(day), at), came.get(day))
        for (day, due_at), after in zip(due, nexts, strict=True)
        if day <= today
    ]


def _grace(calendar: FileCalendar) -> timedelta:
    return timedelta(minutes=calendar.grace_minutes)


def _arrival(
    calendar: FileCalendar, due_at: datetime, after: datetime, file: InboundFile | None, at: datetime
) -> Arrival:
    if file is not None:
        return Arrival.CAME
    if at <= due_at + _grace(calendar):
        return Arrival.AWAITED
    return Arrival.LATE if at < after else Arrival.MISSING


def _assigned(
    files: Iterable[InboundFile], due: list[tuple[date, datetime]], grace: timedelta
) -> dict[date, InboundFile]:
    """The first file of each expected day: the day in its name, or else the first that it came in time for."""
    expected = {day for day, _ in due}
    found: dict[date, InboundFile] = {}
    for file in files:
        named = names.parse(file.name)
        day = named.business_date if named else None
        if day not in expected:
            day = next((one for one, due_at in due if file.received_at <= due_at + grace), None)
        if day is not None:
            found.setdefault(day, file)
    return found


def window_start(at: datetime) -> datetime:
    """Files that came earlier were for no day of the last fortnight."""
    return at - _FORTNIGHT - _WEEK


def _received(connection: Connection, *, at: datetime) -> list[InboundFile]:
    files = InboundFile.objects.filter(connection=connection, kind=InboundKind.COMPLETIONS)
    files = files.filter(received_at__gt=window_start(at), received_at__lte=at)
    return list(files.order_by("received_at", "pk"))


def late_files(calendar: FileCalendar, *, at: datetime) -> list[Expectation]:
    """What is late or missing, of the last fortnight."""
    return late_among(calendar, _received(calendar.connection, at=at), at=at)


def late_among(calendar: FileCalendar, received: Iterable[InboundFile], *, at: datetime) -> list[Expectation]:
    """As ``late_files``, where what was received is known."""
    expected = _expected(calendar, received, at)
    return [one for one in expected if one.arrival in (Arrival.LATE, Arrival.MISSING)]


def uncollected(calendar: FileCalendar, *, at: datetime) -> list[OutboundFile]:
    """Our files that still lie in Out longer than was agreed, oldest first; none where it is not watched."""
    if calendar.pick_up_hours is None:
        return []
    published = OutboundFile.objects.filter(
        connection=calendar.connection,
        name__in=lying(calendar),
        published_at__lt=at - timedelta(hours=calendar.pick_up_hours),
    )
    return list(published.order_by("published_at", "pk"))


def lying(calendar: FileCalendar) -> list[str]:
    """Names of what lies in Out; a folder that nobody has made yet holds nothing."""
    try:
        with os.scandir(Folders.of(calendar.connection).outbox) as entries:
            return [entry.name for entry in entries if entry.is_file()]
    except FileNotFoundError:
        return []


def silent_since(calendar: FileCalendar, *, at: datetime) -> datetime | None:
    """When the partner was last heard of, where that is longer ago than was agreed; else None."""
    files = InboundFile.objects.filter(connection=calendar.connection, received_at__lte=at)
    last = files.order_by("-received_at").values_list("received_at", flat=True).first()
    heard = heard_last(calendar, last)
    return heard if is_silent(calendar, heard, at=at) else None


def heard_last(calendar: FileCalendar, last: datetime | None) -> datetime:
    """When the partner's last file came, or, before the first, from when one is expected."""
    return last or datetime.combine(calendar.since, datetime.min.time(), tzinfo=LONDON)


def is_silent(calendar: FileCalendar, heard: datetime, *, at: datetime) -> bool:
    """Whether that is longer ago than was agreed."""
    return heard < at - _DAY * calendar.silent_days


def watched(*, on: date) -> Iterator[FileCalendar]:
    """The calendars of connections that exchange files today: a paused one is not late."""
    calendars = FileCalendar.objects.select_related("connection__organisation")
    for calendar in calendars.filter(connection__paused_at__isnull=True):
        if calendar.connection.may_exchange(on=on):
            yield calendar


def silences(connections: Iterable[Connection], *, at: datetime) -> list[str]:
    """What a person should hear of, a sentence a cause: for the console's first page and the night's report."""
    wanted = {connection.pk for connection in connections}
    found: list[str] = []
    for calendar in watched(on=london_date(at)):
        if calendar.connection_id in wanted:
            found += _sentences(calendar, at)
    return found


def _sentences(calendar: FileCalendar, at: datetime) -> Iterator[str]:
    name = calendar.connection
    for one in late_files(calendar, at=at):
        due = one.due_at.astimezone(LONDON)
        yield f"{name}: the completions file of {one.day:%A} {written(one.day)}, due by {due:%H:%M}, is {one.arrival}."
    for file in uncollected(calendar, at=at):
        yield f"{name}: {file.name} has not been fetched from Out within {calendar.pick_up_hours} hours."
    if heard := silent_since(calendar, at=at):
        yield f"{name}: nothing has come since {written(london_date(heard))}."

"""Business dates: an exchange's "today" is a Europe/London calendar date, whatever the server's clock is set to."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

LONDON = ZoneInfo("Europe/London")


def london_date(moment: datetime) -> date:
    """The London calendar date of an aware moment."""
    return moment.astimezone(LONDON).date()


def london_today() -> date:
    """Today's business date. Called at the edge (a command, a task, a view) and handed down as ``on=``."""
    return london_date(timezone.now())


def london_noon(day: date) -> datetime:
    """A moment that certainly lies on this London date: noon, which no clock change touches (aware, UTC)."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=LONDON).astimezone(UTC)


def written(day: date) -> str:
    """As every page and sentence writes a date: 4 Jan 2026."""
    return f"{day.day} {day:%b %Y}"


def short(day: date) -> str:
    """Where the year is clear: 4 Jan."""
    return f"{day.day} {day:%b}"


def weekday(day: date) -> str:
    """A night in a list of nights: Sun 4 Jan."""
    return f"{day:%a} {short(day)}"


def written_at(moment: datetime) -> str:
    """A moment as London's clocks say it: 4 Jan 2026, 21:30."""
    local = moment.astimezone(LONDON)
    return f"{written(local.date())}, {local:%H:%M}"

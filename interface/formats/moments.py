"""Dates and timestamps of the wire: ``YYYYMMDD`` and ``YYYYMMDD HHMMSS`` in Europe/London local time.

Inside the product a timestamp is an aware UTC ``datetime``. Two facts of local time cannot be mended here:
the hour that autumn repeats is read as its first run (summer time), and the hour that spring leaves out is
read as if the clocks had not yet changed. No nightly work happens in either (architecture: nothing between
01:00 and 02:59 London).
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
NO_RUN = "00000000 000000"

DATE_LENGTH = 8
_TIMESTAMP_LENGTH = 15
# Until then London kept its own time, 75 seconds off Greenwich.
_WHOLE_HOURS_SINCE = 1848
_TWO_DIGITS = tuple(f"{number:02}" for number in range(60))
_PAST_THE_HOUR = {
    minute + second: timedelta(minutes=int(minute), seconds=int(second))
    for minute in _TWO_DIGITS
    for second in _TWO_DIGITS
}


def read_date(text: str) -> date | None:
    """A real calendar day written as eight ASCII digits, else None (so also for an empty text)."""
    # The length is looked at before the cache, so that hostile long values never fill it.
    return short_date(text) if len(text) == DATE_LENGTH else None


def read_timestamp(text: str) -> datetime | None:
    """A real London moment written ``YYYYMMDD HHMMSS``, as aware UTC, else None (so also for ``NO_RUN``)."""
    if len(text) != _TIMESTAMP_LENGTH:
        return None
    past_the_hour = _PAST_THE_HOUR.get(text[11:])
    hour = _hour(text[:11])
    if past_the_hour is None or hour is None:
        return None
    return hour + past_the_hour


def read_moment(text: str) -> datetime | None:
    """A timestamp, or a date taken as its London midnight: GO writes Last Update as either."""
    if len(text) == DATE_LENGTH:
        return read_timestamp(f"{text} 000000")
    return read_timestamp(text)


@lru_cache(maxsize=32768)
def write_date(day: date | None) -> str:
    """``YYYYMMDD``; nothing for None."""
    return "" if day is None else day.isoformat().replace("-", "")


def write_timestamp(moment: datetime | None) -> str:
    """``YYYYMMDD HHMMSS``, London local time, of an aware moment, fractions cut off; nothing for None."""
    if moment is None:
        return ""
    if moment.tzinfo is not UTC or moment.year < _WHOLE_HOURS_SINCE:
        return _local_text(moment)
    hour = _london_hour(moment.year, moment.month, moment.day, moment.hour)
    return hour + _TWO_DIGITS[moment.minute] + _TWO_DIGITS[moment.second]


def write_run(moment: datetime | None) -> str:
    """A header's run timestamp, where None is "no previous run"."""
    return NO_RUN if moment is None else write_timestamp(moment)


@lru_cache(maxsize=32768)
def short_date(text: str) -> date | None:
    """``read_date`` for who knows already that the text is not longer than a date: the cache keeps it."""
    # str.isdigit alone admits digits of every script, and superscripts.
    if len(text) != DATE_LENGTH or not (text.isascii() and text.isdigit()):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


@lru_cache(maxsize=8192)
def _hour(text: str) -> datetime | None:
    """The UTC moment at which the London hour ``YYYYMMDD HH`` starts. Clocks only ever change on the hour."""
    day, clock = short_date(text[:8]), text[9:]
    if day is None or text[8] != " " or not (clock.isascii() and clock.isdigit()) or int(clock) > 23:
        return None
    return datetime(day.year, day.month, day.day, int(clock), tzinfo=LONDON).astimezone(UTC)


@lru_cache(maxsize=8192)
def _london_hour(year: int, month: int, day: int, hour: int) -> str:
    """A UTC hour as London's ``YYYYMMDD HH``."""
    return _local_text(datetime(year, month, day, hour, tzinfo=UTC))[:11]


def _local_text(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("A timestamp without a time zone cannot be written.")
    local = moment.astimezone(LONDON).isoformat(" ", "seconds")
    return local[:19].replace("-", "").replace(":", "")

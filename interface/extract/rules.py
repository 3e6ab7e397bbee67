"""The decisions of a load, apart from the database: which of two versions stands, and what ESR's words mean here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from interface.extract.report import Outcome
from interface.formats.person_types import APPLICANT, EMPLOYEE, EX_APPLICANT, EX_EMPLOYEE, person_types

Content = tuple[Any, ...]

# SmallInteger on both databases, and longer than any renewal.
_MOST_RENEWALS = 32_767
_PERSON_TYPE_CODES = {
    frozenset({EMPLOYEE}): "EMP",
    frozenset({EMPLOYEE, EX_APPLICANT}): "EMP",
    frozenset({EMPLOYEE, APPLICANT}): "EMP_APL",
    frozenset({APPLICANT}): "APL",
    frozenset({EX_EMPLOYEE, APPLICANT}): "EX_EMP_APL",
    frozenset({EX_EMPLOYEE}): "EX_EMP",
    frozenset({EX_EMPLOYEE, EX_APPLICANT}): "EX_EMP",
    frozenset({EX_APPLICANT}): "EX_APL",
}


def compare(held: Content, held_since: datetime | None, content: Content, last_update: datetime) -> Outcome:
    """What a line makes of the row that it names: UNCHANGED, STALE or AMENDED (P10).

    A row is only replaced by one that is not older; a held row that never said when it was updated is older than any.
    """
    if content == held:
        return Outcome.UNCHANGED
    if held_since is not None and last_update < held_since:
        return Outcome.STALE
    return Outcome.AMENDED


def revives(removed_at: datetime, *, file_created: datetime, last_update: datetime) -> bool:
    """Whether a line brings back what was deleted: it was written or changed since, not read again from before."""
    return file_created >= removed_at or last_update > removed_at


def may_remove(last_update: datetime | None, *, file_created: datetime) -> bool:
    """Whether a deletion, which has no Last Update of its own, is not older than what it deletes."""
    return last_update is None or last_update <= file_created


def person_type_code(user_type: str, system_type: str) -> str:
    """The stored code of a person type, however it is spelled; OTHER where it is neither employee nor applicant."""
    return _PERSON_TYPE_CODES.get(person_types(user_type, system_type), "OTHER")


def ends_before_it_starts(start: date | None, end: date | None) -> bool:
    """An empty date is unbounded."""
    return start is not None and end is not None and end < start


class RenewalPeriod(NamedTuple):
    """As competences store it: both filled or both empty."""

    frequency: int | None = None
    units: str = ""


def renewal_period(frequency: int | None, units: str) -> RenewalPeriod | None:
    """The renewal period of CDA columns 10 and 11, or None where they cannot be understood.

    Without a frequency (or with 0) there is none, whatever the units say.
    """
    if not frequency:
        return RenewalPeriod()
    # Spelled Year, Years, YEAR, Y …
    unit = {"y": "Year", "m": "Month"}.get(units.strip()[:1].casefold())
    return RenewalPeriod(frequency, unit) if unit and frequency <= _MOST_RENEWALS else None


def in_effect(start: date | None, end: date | None, *, on: date) -> bool:
    """Whether ``on`` lies between the two, both included; an empty date is unbounded."""
    return (start is None or start <= on) and (end is None or on <= end)


def exceeds(affected: int, of: int, *, share: float, minimum: int) -> bool:
    """Whether so many persons at once look like an accident (P12)."""
    return affected >= minimum and affected > share * of


def too_long(values: Sequence[str], limit: int) -> bool:
    """Whether one of the values would not fit into its column."""
    return any(len(value) > limit for value in values)

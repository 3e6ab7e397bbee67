"""What a decision says: the answer to the sender and the changes to write, as plain values."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from interface.decision.codes import Code


class Held(NamedTuple):
    """The values of an element as they are to be held."""

    element_id: str
    person: int
    competence: int
    date_from: date
    date_to: date | None
    source_date_to: date | None


class Changes(NamedTuple):
    """What one record makes of its reference's elements: ids of withdrawn and advanced ones, values of the others.

    Advanced elements only take over a newer Last Update.
    """

    added: tuple[Held, ...] = ()
    amended: tuple[Held, ...] = ()
    withdrawn: tuple[str, ...] = ()
    advanced: tuple[str, ...] = ()


NOTHING = Changes()


class Outcome(NamedTuple):
    """One line's outcome. ``element_ids`` are those of the answer; ``person`` is a primary key."""

    code: Code
    message: str
    person: int | None = None
    element_ids: tuple[str, ...] = ()
    changes: Changes = NOTHING
    digest: int = 0
    last_update: datetime | None = None


class RecordRejectedError(Exception):
    """A check failed: the record is answered with this code and nothing is written."""

    def __init__(self, code: Code, message: str, person: int | None = None) -> None:
        super().__init__(f"{code} {message}")
        self.outcome = Outcome(code, message[:200], person)

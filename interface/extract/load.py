"""What the loaders of one file share: whose it is, when it was made, who is known, and who was touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from interface.extract.report import Outcome, Tally
from interface.extract.source import UNREADABLE, Line
from interface.extract.trail import Trail
from interface.formats.go import Row, Skipped, read_line
from interface.formats.layout import FormError
from interface.formats.lines import MAX_LINE
from people.models import Organisation, Person


@dataclass(slots=True)
class Load:
    """One file on its way into the database.

    ``persons`` (Person ID → key) and ``removed`` (key → since when) are kept current while persons are loaded;
    ``present_before``, ``changed`` and ``deleted`` are for the guard against mass accidents (P12).
    """

    organisation: Organisation
    created: datetime
    business_date: date
    tally: Tally = field(default_factory=Tally)
    persons: dict[str, int] = field(default_factory=dict)
    removed: dict[int, datetime] = field(default_factory=dict)
    present_before: set[int] = field(default_factory=set)
    known_before: int = 0
    changed: set[int] = field(default_factory=set)
    trail: Trail = field(init=False)

    def __post_init__(self) -> None:
        self.trail = Trail(self.organisation.pk)

    def know_persons(self) -> None:
        """Load who is known already: one query, a few MB for the largest trust."""
        rows = Person.objects.order_by().values_list("person_id", "pk", "removed_at")
        for person_id, pk, removed_at in rows.iterator(chunk_size=10_000):
            self.persons[person_id] = pk
            if removed_at is None:
                self.present_before.add(pk)
            else:
                self.removed[pk] = removed_at
        self.known_before = len(self.persons)

    @property
    def newcomers(self) -> int:
        """How many persons nobody had heard of before the file."""
        return len(self.persons) - self.known_before

    @property
    def deleted(self) -> set[int]:
        """Persons who were there before the file and are not now."""
        return self.present_before & self.removed.keys()

    def touch(self, person: int, record_type: str, outcome: Outcome) -> None:
        """Count a line of this person's and remember whose record changes."""
        self.tally.count(record_type, outcome)
        if outcome in (Outcome.AMENDED, Outcome.REMOVED):
            self.changed.add(person)

    def reject(self, line: Line, column: str, reason: str) -> None:
        """This line is not loaded."""
        self.tally.reject(line.number, line.record_type, column, reason)


class Loader(Protocol):
    """Loads the lines of some record types, a batch at a time."""

    def take(self, lines: Sequence[tuple[Line, Row]]) -> None:
        """Compare with what is held and write what differs."""


def readable(load: Load, lines: Sequence[Line]) -> list[tuple[Line, Row]]:
    """The lines that are records, each with its row; the others are rejected, or skipped, and counted."""
    rows: list[tuple[Line, Row]] = []
    for line in lines:
        if line.too_long:
            load.reject(line, "", f"longer than {MAX_LINE} bytes")
            continue
        row = read_line(line.text)
        if isinstance(row, FormError):
            # Of a line that names no known type the message would repeat what the sender wrote.
            is_known = line.record_type != UNREADABLE
            load.reject(line, row.column, row.message if is_known else "not a GO record")
        elif isinstance(row, Skipped):
            load.tally.count(line.record_type, Outcome.SKIPPED)
        else:
            rows.append((line, row))
    return rows

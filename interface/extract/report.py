"""What a load of one GO file did: counts by record type, rejected lines by number, or why it did nothing.

Memory stays flat however many lines are rejected: a line costs a number, a reason is kept once. No reason repeats a
value, so that a report may be mailed or logged.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple


class ExtractRefusedError(Exception):
    """Nothing of the file was applied; the text says why, for a person."""


class ExtractHeldError(ExtractRefusedError):
    """Nothing of the file was applied: it waits for a person, under this key."""

    def __init__(self, text: str, key: int) -> None:
        super().__init__(text)
        self.key = key


class Outcome(StrEnum):
    """What became of one line."""

    ADDED = "added"
    AMENDED = "amended"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    STALE = "stale"  # older, by Last Update, than what is held
    OURS = "ours"  # an element that was made here, coming back from the record
    NOT_HELD = "not held"  # the deletion of what is not there
    SKIPPED = "skipped"
    REJECTED = "rejected"


class Fault(NamedTuple):
    """Why a line was rejected; ``column`` is empty where the whole line is at fault."""

    record_type: str
    column: str
    reason: str


@dataclass(slots=True)
class Tally:
    """Counts lines while a file is loaded."""

    counts: dict[str, Counter[Outcome]] = field(default_factory=lambda: defaultdict(Counter))
    findings: Counter[str] = field(default_factory=Counter)
    faults: dict[Fault, array[int]] = field(default_factory=dict)

    def count(self, record_type: str, outcome: Outcome) -> None:
        """One line came out like this."""
        self.counts[record_type][outcome] += 1

    def reject(self, number: int, record_type: str, column: str, reason: str) -> None:
        """This line is not loaded."""
        self.counts[record_type][Outcome.REJECTED] += 1
        fault = Fault(record_type, column, reason)
        lines = self.faults.get(fault)
        if lines is None:
            lines = self.faults[fault] = array("Q")
        lines.append(number)


@dataclass(frozen=True, slots=True)
class ExtractReport:
    """One loaded file. ``findings`` are oddities of the data that are no errors, with how often they were met."""

    file: str
    vpd: str
    organisation: str
    created: datetime
    lines: int
    counts: dict[str, Counter[Outcome]]
    findings: Counter[str]
    faults: dict[Fault, array[int]]

    @property
    def rejected(self) -> int:
        """How many lines were rejected."""
        return sum(len(lines) for lines in self.faults.values())

    def total(self, outcome: Outcome) -> int:
        """How many lines of any record type came out like this."""
        return sum(counts[outcome] for counts in self.counts.values())

    def rejections(self) -> Iterator[tuple[int, Fault]]:
        """Every rejected line with its fault, by line number."""
        yield from sorted((number, fault) for fault, lines in self.faults.items() for number in lines)

    def as_json(self) -> dict[str, Any]:
        """The report in JSON's types."""
        return {
            "file": self.file,
            "vpd": self.vpd,
            "organisation": self.organisation,
            "created": self.created.isoformat(),
            "lines": self.lines,
            "counts": {kind: dict(counts) for kind, counts in sorted(self.counts.items())},
            "findings": dict(self.findings),
            "rejected": [{"line": number, **fault._asdict()} for number, fault in self.rejections()],
        }

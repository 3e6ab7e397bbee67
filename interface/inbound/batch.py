"""A batch of lines on its way: read, then settled where that is quick, then decided in line order. Without a database.

``settle`` says what has to be looked up in the database before ``outcomes`` can be made, so that a batch costs two
queries: what is held under its references, and what is held where its other records would go.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import NamedTuple, Protocol

from competencies.acceptance import AcceptancePolicy
from interface.decision.decide import Record, decide, note, places
from interface.decision.facts import Facts, Place, ReferenceState
from interface.decision.outcome import Outcome
from interface.decision.quick import Parts, Quick, Version, added, places_of, unchanged
from interface.formats.completions import LUA, Completion, Unreadable, read, read_raw
from interface.formats.lines import MAX_LINE
from interface.formats.text import SEPARATOR


class Line(NamedTuple):
    """One line of an inbound file: its number, and its text as it came (cut where over-long).

    Of a line with the shape of a record its reference, of a completion of known parts these. The columns themselves
    are not kept: to keep them costs more than to find them.
    """

    number: int
    raw: str
    reference: str | None = None
    parts: Parts | None = None


class Decided(NamedTuple):
    """A line with its outcome; proficiency level and certification method are those that it asks to be held."""

    line: Line
    reference: str
    proficiency_level: str
    certification_method: str
    outcome: Outcome


class Held(Protocol):
    """What is held under references."""

    def version(self, reference: str) -> Version | None:
        """Of one that is nothing but a live element; None too where that is not known at once."""

    def state(self, reference: str) -> ReferenceState | None:
        """All that is held under it, or was."""


class Batch:
    """Lines that are decided and written together."""

    def __init__(self, numbered: Iterable[tuple[int, bytes]], encoding: str, quick: Quick) -> None:
        self._encoding = encoding
        self._quick = quick
        self._over_long: dict[int, bytes] = {}
        self._records: dict[int, Record] = {}
        self.lines = [self._line(number, raw) for number, raw in numbered]
        self.references, self.repeated = _references(self.lines)
        self._outcomes: dict[int, Outcome] = {}
        self._parts: dict[int, Parts] = {}

    def _line(self, number: int, raw: bytes) -> Line:
        if len(raw) > MAX_LINE:
            self._over_long[number] = raw
            return Line(number, raw[:MAX_LINE].decode(self._encoding, "replace"), None)
        text = raw.decode(self._encoding)
        if text[:4] == "LUA~":
            cells = text.split(SEPARATOR)
            if len(cells) == LUA.width:
                return Line(number, text, cells[1], self._quick.parts(cells))
        elif text[:4] == "LUD~":
            return Line(number, text, text[4:])
        return Line(number, text)

    def record(self, line: Line) -> Record:
        """The line read column by column."""
        record = self._records.get(line.number)
        if record is None:
            raw = self._over_long.get(line.number)
            record = read(line.raw) if raw is None else read_raw(raw, self._encoding)
            self._records[line.number] = record
        return record

    def records(self) -> Iterator[Record]:
        """Every line read column by column."""
        return map(self.record, self.lines)

    def settle(self, held: Held, facts: Facts) -> set[Place]:
        """Settle what can be settled by what is held under the references, and say which places matter now.

        Done again with what is held later, it forgets what it settled before.
        """
        self._outcomes.clear()
        self._parts.clear()
        wanted: set[Place] = set()
        for line in self.lines:
            parts = self._known(line, facts)
            if parts is None:
                self._leave(line, held, facts, wanted)
                continue
            version = held.version(parts.reference)
            if version is not None:
                outcome = unchanged(parts, version)
                if outcome is not None:
                    self._outcomes[line.number] = outcome
                    continue
            elif held.state(parts.reference) is None:
                self._parts[line.number] = parts
                wanted.update(places_of(parts))
                continue
            self._leave(line, held, facts, wanted)
        return wanted

    def _known(self, line: Line, facts: Facts) -> Parts | None:
        """The parts of a line whose reference no other line has; learnt now, if they can be."""
        if line.reference is None or line.reference in self.repeated:
            return None
        if line.parts is not None:
            return line.parts
        record = self.record(line)
        if not isinstance(record, Completion):
            return None
        cells = line.raw.split(SEPARATOR)
        parts = self._quick.parts(cells)
        if parts is None:
            self._quick.learn(cells, record, facts)
            parts = self._quick.parts(cells)
        return parts

    def _leave(self, line: Line, held: Held, facts: Facts, wanted: set[Place]) -> None:
        """``decide`` will have it: what is held under its reference it must see, and what at its places."""
        record = self.record(line)
        if isinstance(record, Unreadable):
            return
        state = held.state(record.source_reference)
        if state is not None:
            facts.references[record.source_reference] = state
        if isinstance(record, Completion):
            wanted.update(places(record, facts, self.repeated))

    def outcomes(
        self, facts: Facts, policy: AcceptancePolicy, contradicted: Container[str]
    ) -> Iterator[Decided]:
        """Every line's, in line order, each noted in ``facts`` for those after it."""
        settled, known = self._outcomes, self._parts
        for line in self.lines:
            outcome = settled.get(line.number)
            if outcome is not None:
                assert line.reference is not None
                yield Decided(line, line.reference, "", "", outcome)
                continue
            parts = known.get(line.number)
            outcome = None if parts is None else added(parts, facts)
            if outcome is None or parts is None:
                yield self._decided(line, facts, policy, contradicted)
            else:
                note(parts.reference, outcome, facts)
                level, method, _ = parts.detail
                yield Decided(line, parts.reference, level, method, outcome)

    def _decided(
        self, line: Line, facts: Facts, policy: AcceptancePolicy, contradicted: Container[str]
    ) -> Decided:
        record = self.record(line)
        outcome = decide(record, facts, policy, contradicted)
        note(record.source_reference, outcome, facts)
        return decided_as(line, record, outcome)


def decided_as(line: Line, record: Record, outcome: Outcome) -> Decided:
    """A line that was read as this record."""
    if isinstance(record, Completion):
        detail = (record.proficiency_level, record.certification_method)
        return Decided(line, record.source_reference, *detail, outcome)
    return Decided(line, record.source_reference, "", "", outcome)


def _references(lines: Iterable[Line]) -> tuple[set[str], set[str]]:
    """The references of well-shaped lines, and those of them that several lines have."""
    found: set[str] = set()
    repeated: set[str] = set()
    for line in lines:
        reference = line.reference
        if reference is None:
            continue
        if reference in found:
            repeated.add(reference)
        else:
            found.add(reference)
    return found, repeated

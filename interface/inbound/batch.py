"""A batch of lines on its way: read, then settled where that is quick, then decided in line order. Without a database.

``settle`` says what has to be looked up in the database before the outcomes can be made, so that a batch costs two
queries: what is held under its references, and what is held where its other records would go. Then ``decide_into``
hands every line's outcome on. The two ends that make up nearly every file, unchanged and added, are handed on all
together, without an object made for each: there may be a million of them.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence, Set
from datetime import datetime
from typing import NamedTuple, Protocol

from competencies.acceptance import AcceptancePolicy
from competencies.lookup import ReferenceRow, as_date
from interface.decision.decide import Record, decide, new_id, note, places
from interface.decision.facts import Facts, HeldElement, Place, ReferenceState
from interface.decision.outcome import Outcome
from interface.decision.quick import Parts, Quick, is_sound, places_of
from interface.formats.completions import LUA, Completion, Unreadable, read, read_raw
from interface.formats.lines import MAX_LINE
from interface.formats.text import SEPARATOR


class Line(NamedTuple):
    """One line of an inbound file: its number, and its text as it came (cut where over-long)."""

    number: int
    raw: str


class Decided(NamedTuple):
    """A line with its outcome; proficiency level and certification method are those that it asks to be held."""

    line: Line
    reference: str
    proficiency_level: str
    certification_method: str
    outcome: Outcome


class Held(Protocol):
    """What is held under references."""

    @property
    def single(self) -> Mapping[str, ReferenceRow]:
        """Of references that have one live element and nothing else, that one. It need not have all of these."""

    def state(self, reference: str) -> ReferenceState | None:
        """All that is held under it, or was."""


# A line that is unchanged: its number, its text, its reference, the person's key and the element ID.
Unchanged = tuple[int, str, str, int, str]
# A line that is added: its number, its text, its reference, its parts and an element ID for each competence it gives.
Added = tuple[int, str, str, Parts, list[str]]


class Outcomes(Protocol):
    """Takes what becomes of a batch's lines; the two ends of nearly all of them all at once."""

    def take(self, decided: Decided, /) -> None:
        """A line that ``decide`` was asked about, in line order."""

    def unchanged(self, lines: Sequence[Unchanged], newer: Mapping[str, datetime], /) -> None:
        """I102. ``newer``: a Last Update that an element takes over."""

    def added(self, lines: Sequence[Added], /) -> None:
        """I100, W200 or W201. Of their references no other line of the batch speaks."""


class Batch:
    """Lines that are decided and written together."""

    def __init__(self, numbered: Iterable[tuple[int, bytes]], encoding: str, quick: Quick) -> None:
        self._encoding = encoding
        self._quick = quick
        self._over_long: dict[int, bytes] = {}
        self._records: dict[int, Record] = {}
        self.lines: list[tuple[int, str]] = []
        # Of each line, where it has the shape of a record its reference, and where these are known its parts.
        self._references: list[str | None] = []
        self._parts: list[Parts | None] = []
        for number, raw in numbered:
            self._read(number, raw)
        self.references, self.repeated = _distinct(self._references)
        # What ``settle`` found out: the lines that are unchanged, and by place among the lines whether another may be
        # added.
        self._unchanged: list[Unchanged] = []
        self._left: list[tuple[int, bool]] = []
        self._newer: dict[str, datetime] = {}
        self._advanced: dict[str, ReferenceState] = {}
        self._added: dict[str, tuple[Parts, list[str]]] = {}
        # Elements that are no longer where they were before this batch.
        self._gone: set[str] = set()

    def _read(self, number: int, raw: bytes) -> None:
        reference = parts = None
        if len(raw) > MAX_LINE:
            self._over_long[number] = raw
            text = raw[:MAX_LINE].decode(self._encoding, "replace")
        else:
            text = raw.decode(self._encoding)
            if text[:4] == "LUA~":
                cells = text.split(SEPARATOR)
                if len(cells) == LUA.width:
                    reference, parts = cells[1], self._quick.parts(cells)
            elif text[:4] == "LUD~":
                reference = text[4:]
        self.lines.append((number, text))
        self._references.append(reference)
        self._parts.append(parts)

    def record(self, number: int, raw: str) -> Record:
        """The line read column by column."""
        record = self._records.get(number)
        if record is None:
            over_long = self._over_long.get(number)
            record = read(raw) if over_long is None else read_raw(over_long, self._encoding)
            self._records[number] = record
        return record

    def records(self) -> Iterator[Record]:
        """Every line read column by column."""
        return (self.record(number, raw) for number, raw in self.lines)

    def settle(self, held: Held, facts: Facts) -> set[Place]:
        """Settle what can be settled by what is held under the references, and say which places matter now.

        Done again with what is held later, it forgets what it settled before.
        """
        self._unchanged, self._left, self._newer = [], [], {}
        self._advanced, self._added, self._gone = {}, {}, set()
        wanted: set[Place] = set()
        single, repeated = held.single, self.repeated
        for at, reference in enumerate(self._references):
            parts = None
            if reference is not None and reference not in repeated:
                parts = self._parts[at] or self._learnt(at, facts)
            if parts is None or reference is None:
                self._leave(at, held, facts, wanted)
                continue
            row = single.get(reference)
            if row is None:
                if held.state(reference) is None:
                    self._left.append((at, True))
                    wanted.update(places_of(parts))
                else:
                    self._leave(at, held, facts, wanted)
            elif row[5] == parts[4]:
                self._unchanged.append((*self.lines[at], reference, parts[0].person, row[1]))
                if parts[3].seconds > row[6]:
                    self._advance(reference, row, parts[3].at)
            else:
                self._leave(at, held, facts, wanted)
        return wanted

    def _learnt(self, at: int, facts: Facts) -> Parts | None:
        """The parts of a line, if they can be known; others may have been learnt since it was read."""
        number, raw = self.lines[at]
        if raw[:4] != "LUA~":
            return None
        cells = raw.split(SEPARATOR)
        parts = self._quick.parts(cells)
        if parts is None:
            record = self.record(number, raw)
            if not isinstance(record, Completion):
                return None
            self._quick.learn(cells, record, facts)
            parts = self._quick.parts(cells)
        self._parts[at] = parts
        return parts

    def _leave(self, at: int, held: Held, facts: Facts, wanted: set[Place]) -> None:
        """``decide`` will have it: what is held under its reference it must see, and what at its places."""
        self._left.append((at, False))
        record = self.record(*self.lines[at])
        if isinstance(record, Unreadable):
            return
        state = held.state(record.source_reference)
        if state is not None:
            facts.references[record.source_reference] = state
        if isinstance(record, Completion):
            wanted.update(places(record, facts, self.repeated))

    def decide_into(
        self, outcomes: Outcomes, facts: Facts, policy: AcceptancePolicy, contradicted: Container[str]
    ) -> None:
        """Hand on every line's outcome; all but the unchanged are decided in line order, each noted for those after."""
        outcomes.unchanged(self._unchanged, self._newer)
        added: list[Added] = []
        for at, is_new in self._left:
            (number, raw), reference, parts = self.lines[at], self._references[at], self._parts[at]
            if is_new and parts and reference and self._is_free(reference, parts, facts):
                added.append((number, raw, reference, parts, self._add(reference, parts, facts)))
            else:
                outcomes.take(self._decided(number, raw, facts, policy, contradicted))
        outcomes.added(added)

    def _is_free(self, reference: str, parts: Parts, facts: Facts) -> bool:
        """Whether it can be added as it is."""
        return is_sound(reference) and not any(map(facts.holdings.get, places_of(parts)))

    def _add(self, reference: str, parts: Parts, facts: Facts) -> list[str]:
        element_ids = []
        for place in places_of(parts):
            element_id = new_id(facts)
            element_ids.append(element_id)
            facts.holdings[place] = {element_id: reference}
        self._added[reference] = (parts, element_ids)
        return element_ids

    def _decided(
        self, number: int, raw: str, facts: Facts, policy: AcceptancePolicy, contradicted: Container[str]
    ) -> Decided:
        record = self.record(number, raw)
        outcome = decide(record, facts, policy, contradicted)
        note(record.source_reference, outcome, facts)
        self._gone.update(outcome.changes.withdrawn, [one.element_id for one in outcome.changes.amended])
        return decided_as(Line(number, raw), record, outcome)

    def _advance(self, reference: str, row: ReferenceRow, newer: datetime) -> None:
        _, element_id, person, competence, day, digest, _, _, _ = row
        self._newer[element_id] = newer
        held = HeldElement(element_id, person, competence, None if day is None else as_date(day))
        self._advanced[reference] = ReferenceState((held,), digest, newer)

    def states(self, references: Set[str], facts: Facts) -> dict[str, ReferenceState]:
        """What is held under these, as far as this batch's outcomes, made with ``facts``, say."""
        found = {}
        for reference in references & self.references:
            if reference in self._added:
                found[reference] = _state_of_added(*self._added[reference])
            elif state := self._advanced.get(reference) or facts.references.get(reference):
                found[reference] = state
        return found

    def overrule_holdings(self, wanted: Set[Place], facts: Facts, own: Facts) -> None:
        """What stands in ``facts`` of these places was held before this batch: make it what is held after it.

        ``own`` are those with which its outcomes were made: they hold all of every place that they speak of.
        """
        if self._gone:
            for place in facts.holdings.values():
                for element_id in self._gone & place.keys():
                    del place[element_id]
        for at in wanted & own.holdings.keys():
            facts.holdings[at] = dict(own.holdings[at])


def _state_of_added(parts: Parts, element_ids: list[str]) -> ReferenceState:
    elements = [
        HeldElement(element_id, *place)
        for element_id, place in zip(element_ids, places_of(parts), strict=True)
    ]
    return ReferenceState(tuple(elements), parts[4], parts[3].at)


def decided_as(line: Line, record: Record, outcome: Outcome) -> Decided:
    """A line that was read as this record."""
    if isinstance(record, Completion):
        detail = (record.proficiency_level, record.certification_method)
        return Decided(line, record.source_reference, *detail, outcome)
    return Decided(line, record.source_reference, "", "", outcome)


def _distinct(references: Iterable[str | None]) -> tuple[set[str], set[str]]:
    """The references of well-shaped lines, and those of them that several lines have."""
    found: set[str] = set()
    repeated: set[str] = set()
    for reference in references:
        if reference is None:
            continue
        if reference in found:
            repeated.add(reference)
        else:
            found.add(reference)
    return found, repeated

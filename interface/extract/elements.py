"""CMA and CMD: what people hold, as the record has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from competencies.models import CompetencyElement, Source
from competencies.models.element import FIRST_OWN_ELEMENT_ID
from interface.extract.definitions import Definition, Definitions
from interface.extract.keys import any_text
from interface.extract.load import Load
from interface.extract.report import Outcome
from interface.extract.rules import Content, compare, ends_before_it_starts, may_remove, revives
from interface.extract.source import Line
from interface.extract.trail import apart
from interface.formats.go import Delete, ElementRow, Row
from people.bulk import insert_rows, update_rows

FIELDS = ("person_id", "competence_id", "date_from", "date_to", "proficiency_level", "certification_method")
_STATE = ("last_update", "withdrawn_at", *FIELDS)
NAME_DIFFERS = "Competency Name of an element differs from the name of its Competence ID, which rules"

_MOST_MEANINGS = 10_000


@dataclass(slots=True)
class _Element:
    """One element as it will be stored; ``pk`` is None while it is not."""

    pk: int | None
    content: Content
    last_update: datetime | None
    withdrawn_at: datetime | None = None
    is_ours: bool = False
    differs: bool = False
    before: Content | None = None

    @property
    def state(self) -> Content:
        """In the order of ``_STATE``."""
        return (self.last_update, self.withdrawn_at, *self.content)

    @property
    def person(self) -> int:
        """Whose it is."""
        return int(self.content[0])


class ElementLoader:
    """Keeps the record's elements as the file has them, and leaves alone those that were made here.

    Rows are compared column by column, not by a digest: a difference made by anything else is put right too.
    """

    record_types = ("CMA", "CMD")

    def __init__(self, load: Load, definitions: Definitions) -> None:
        self._load = load
        self._definitions = definitions
        self._meanings: dict[tuple[str, str], tuple[Definition | str, bool]] = {}
        self._held: dict[str, _Element] = {}

    def take(self, lines: Sequence[tuple[Line, Row]]) -> None:
        """As Loader.take."""
        rows = [row for _, row in lines]
        self._hold(
            {row.element_id for row in rows if isinstance(row, ElementRow)}
            | {row.key for row in rows if isinstance(row, Delete)}
        )
        for line, row in lines:
            if isinstance(row, ElementRow):
                self._amend(line, row)
            elif isinstance(row, Delete):
                self._remove(line, row.key)
        self._write()

    def _hold(self, element_ids: set[str]) -> None:
        rows = CompetencyElement.objects.filter(element_id__in=any_text(element_ids)).order_by()
        names = ("element_id", "pk", "source", "last_update", "withdrawn_at", *FIELDS)
        self._held = {
            element_id: _Element(pk, tuple(content), last_update, withdrawn_at, source != Source.GO)
            for element_id, pk, source, last_update, withdrawn_at, *content in rows.values_list(*names)
        }

    def _amend(self, line: Line, row: ElementRow) -> None:
        held = self._held.get(row.element_id)
        if held is not None and held.is_ours:
            self._load.tally.count(line.record_type, Outcome.OURS)
            return
        person = self._load.persons.get(row.person_id)
        meant = self._meaning(row)
        fault = _fault(row, person, meant, is_held=held is not None)
        if fault is not None or person is None or isinstance(meant, str):
            self._load.reject(line, *(fault or ("", "")))
            return
        last_update = row.last_update or self._load.created
        content = (
            person,
            meant.pk,
            row.date_from,
            row.date_to,
            row.proficiency_level,
            row.certification_method,
        )
        outcome = Outcome.ADDED
        if held is None:
            self._held[row.element_id] = _Element(None, content, last_update, differs=True)
        else:
            outcome = self._update(held, content, last_update)
        self._load.touch(person, line.record_type, outcome)

    def _update(self, held: _Element, content: Content, last_update: datetime) -> Outcome:
        before = held.state
        outcome = compare(held.content, held.last_update, content, last_update)
        if outcome is Outcome.STALE:
            return outcome
        if held.withdrawn_at is not None:
            if not revives(held.withdrawn_at, file_created=self._load.created, last_update=last_update):
                return Outcome.STALE
            outcome, held.withdrawn_at = Outcome.AMENDED, None
        is_newer = held.last_update is None or last_update > held.last_update
        if outcome is Outcome.AMENDED or is_newer:
            held.content, held.last_update, held.differs = content, last_update, True
            held.before = held.before or before
        return outcome

    def _meaning(self, row: ElementRow) -> Definition | str:
        """The definition, or why it is not known which. Every pair of ID and name is looked up once."""
        key = (row.competence_id, row.competence_name)
        if key not in self._meanings:
            if len(self._meanings) >= _MOST_MEANINGS:
                self._meanings.clear()
            meant = self._definitions.meant_by(*key)
            self._meanings[key] = (
                meant,
                not isinstance(meant, str) and not meant.is_called(row.competence_name),
            )
        meant, name_differs = self._meanings[key]
        if name_differs:
            self._load.tally.findings[NAME_DIFFERS] += 1
        return meant

    def _remove(self, line: Line, element_id: str) -> None:
        held = self._held.get(element_id)
        if held is None:
            self._load.tally.count(line.record_type, Outcome.NOT_HELD)
            return
        outcome = Outcome.REMOVED
        if held.withdrawn_at is not None:
            outcome = Outcome.UNCHANGED
        elif not may_remove(held.last_update, file_created=self._load.created):
            outcome = Outcome.STALE
        else:
            held.before = held.before or held.state
            held.withdrawn_at, held.differs = self._load.created, True
        self._load.touch(held.person, line.record_type, outcome)

    def _write(self) -> None:
        organisation = self._load.organisation.pk
        new = [
            (
                organisation,
                element_id,
                Source.GO.value,
                "",
                0,
                *one.state,
            )
            for element_id, one in self._held.items()
            if one.pk is None
        ]
        old = [
            (*one.state, organisation, one.pk)
            for one in self._held.values()
            if one.differs and one.pk is not None
        ]
        for element_id, one in self._held.items():
            if one.pk is not None and one.before is not None and one.before != one.state:
                states = apart(_STATE, one.before, one.state)
                self._load.trail.change(CompetencyElement, one.pk, element_id, *states)
        told = ("organisation", "element_id", "source", "source_reference", "content_digest")
        insert_rows(CompetencyElement, (*told, *_STATE), new)
        update_rows(CompetencyElement, ("organisation", "id"), _STATE, old)


def _fault(
    row: ElementRow, person: int | None, meant: Definition | str, *, is_held: bool
) -> tuple[str, str] | None:
    """Why the line cannot be an element, with the column."""
    if person is None:
        return "Person ID", "is not known"
    if isinstance(meant, str):
        return ("Competence ID" if row.competence_id else "Competency Name"), meant
    if ends_before_it_starts(row.date_from, row.date_to):
        return "Date To", "lies before the Date From"
    if not is_held and _is_own_id(row.element_id):
        # Stored, it would one day collide with an element made here.
        return "Competency Element ID", "is of the range that is numbered here, and is not known here"
    return None


def _is_own_id(element_id: str) -> bool:
    return element_id.isascii() and element_id.isdigit() and int(element_id) >= FIRST_OWN_ELEMENT_ID

"""PRA and PRD: persons, and what the record says of them from which date on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from interface.extract.keys import any_text
from interface.extract.load import Load
from interface.extract.report import Outcome
from interface.extract.rules import (
    Content,
    ends_before_it_starts,
    may_remove,
    person_type_code,
    revives,
)
from interface.extract.source import Line
from interface.extract.versions import Versions
from interface.formats.go import Delete, PersonRow, Row
from people.bulk import insert_rows, update_rows
from people.models import Person, PersonVersion

FIELDS = (
    "effective_end",
    "employee_number",
    "title",
    "last_name",
    "first_name",
    "middle_names",
    "maiden_name",
    "preferred_name",
    "previous_last_name",
    "date_of_birth",
    "ni_number",
    "nhs_unique_id",
    "hired_on",
    "terminated_on",
    "system_person_type",
    "person_type",
    "office_email",
    "nhs_started_on",
)


class PersonLoader:
    """Keeps persons and their versions as the file has them. A person is never deleted, only marked removed."""

    record_types = ("PRA", "PRD")

    def __init__(self, load: Load) -> None:
        self._load = load
        self._versions = Versions(PersonVersion, owner="person", fields=FIELDS)
        # Person → removed since when, before and after.
        self._marked: dict[int, tuple[datetime | None, datetime | None]] = {}
        self._names: dict[int, str] = {}

    def take(self, lines: Sequence[tuple[Line, Row]]) -> None:
        """As Loader.take."""
        sound = [(line, row) for line, row in lines if self._is_sound(line, row)]
        self._meet(row.person_id for _, row in sound if isinstance(row, PersonRow))
        persons = self._load.persons
        named = {row.person_id for _, row in sound if isinstance(row, PersonRow)}
        named |= {row.key for _, row in sound if isinstance(row, Delete)}
        self._names = {persons[person_id]: person_id for person_id in named & persons.keys()}
        self._versions.hold(self._names.keys())
        for line, row in sound:
            if isinstance(row, PersonRow):
                self._amend(line, row)
            elif isinstance(row, Delete):
                self._remove(line, row.key)
        self._write()

    def _is_sound(self, line: Line, row: Row) -> bool:
        if isinstance(row, PersonRow) and ends_before_it_starts(row.effective_start, row.effective_end):
            self._load.reject(line, "Effective End Date", "lies before the Effective Start Date")
            return False
        return True

    def _meet(self, person_ids: Iterable[str]) -> None:
        """Give every new Person ID its row."""
        organisation, persons = self._load.organisation, self._load.persons
        new = {person_id for person_id in person_ids if person_id not in persons}
        insert_rows(Person, ("organisation", "person_id"), [(organisation.pk, one) for one in sorted(new)])
        if new:
            persons.update(Person.objects.filter(person_id__in=any_text(new)).values_list("person_id", "pk"))

    def _amend(self, line: Line, row: PersonRow) -> None:
        person = self._load.persons[row.person_id]
        last_update = row.last_update or self._load.created
        outcome = self._versions.take(person, row.effective_start, _content(row), last_update)
        removed_at = self._load.removed.get(person)
        if removed_at is not None and outcome is not Outcome.STALE:
            outcome = self._revive(person, removed_at, last_update)
        is_known = person in self._load.present_before
        if is_known and outcome is Outcome.ADDED:
            # One more version of somebody who is known is a change of theirs.
            self._load.changed.add(person)
        self._load.touch(person, line.record_type, outcome)

    def _revive(self, person: int, removed_at: datetime, last_update: datetime) -> Outcome:
        if not revives(removed_at, file_created=self._load.created, last_update=last_update):
            return Outcome.STALE
        self._mark(person, None)
        return Outcome.AMENDED

    def _remove(self, line: Line, person_id: str) -> None:
        person = self._load.persons.get(person_id)
        if person is None:
            self._load.tally.count(line.record_type, Outcome.NOT_HELD)
            return
        outcome = Outcome.REMOVED
        if person in self._load.removed:
            outcome = Outcome.UNCHANGED
        elif not may_remove(self._versions.newest(person), file_created=self._load.created):
            outcome = Outcome.STALE
        else:
            self._mark(person, self._load.created)
        self._load.touch(person, line.record_type, outcome)

    def _mark(self, person: int, removed_at: datetime | None) -> None:
        before, _ = self._marked.get(person, (self._load.removed.get(person), None))
        self._marked[person] = (before, removed_at)
        if removed_at is None:
            del self._load.removed[person]
        else:
            self._load.removed[person] = removed_at

    def _write(self) -> None:
        organisation = self._load.organisation
        self._versions.write(organisation, self._load.trail, self._names)
        rows = [(removed_at, organisation.pk, person) for person, (_, removed_at) in self._marked.items()]
        for person, (before, removed_at) in self._marked.items():
            if before != removed_at:
                was, became = {"removed_at": before}, {"removed_at": removed_at}
                self._load.trail.change(Person, person, self._names[person], was, became)
        update_rows(Person, ("organisation", "id"), ("removed_at",), rows)
        self._marked.clear()


def _content(row: PersonRow) -> Content:
    """In the order of FIELDS."""
    return (
        row.effective_end,
        row.employee_number,
        row.title,
        row.last_name,
        row.first_name,
        row.middle_names,
        row.maiden_name,
        row.preferred_name,
        row.previous_last_name,
        row.date_of_birth,
        row.ni_number,
        row.nhs_unique_id,
        row.hire_date,
        row.termination_date,
        person_type_code(row.user_person_type, row.system_person_type),
        row.user_person_type,
        row.office_email,
        row.nhs_start_date,
    )

"""Of one person all that the picture is made of, as the database gives it: a few texts, taken apart here. Pure.

Every version that had begun by the business date is there; which of them counts is decided here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from interface.formats.text import SEPARATOR
from interface.outbound.digests import VALUES_SEPARATORS
from people.gathering import parts


class PersonFacts(NamedTuple):
    """A person's version; dates are ``YYYY-MM-DD``, no value is an empty text."""

    effective_start: str
    effective_end: str
    employee_number: str
    title: str
    last_name: str
    first_name: str
    middle_names: str
    maiden_name: str
    preferred_name: str
    previous_last_name: str
    date_of_birth: str
    ni_number: str
    nhs_unique_id: str
    hired_on: str
    terminated_on: str
    system_person_type: str
    person_type: str
    office_email: str
    nhs_started_on: str
    last_update: str


class AssignmentFacts(NamedTuple):
    """An assignment's version with the IDs of what it refers to; dates are ``YYYY-MM-DD``."""

    assignment_id: str
    effective_start: str
    effective_end: str
    earliest_start: str
    assignment_type: str
    assignment_number: str
    system_status: str
    status: str
    employee_status_flag: str
    payroll_name: str
    payroll_period: str
    is_primary: str
    fte: str
    unit_id: str
    position_id: str
    position_name: str
    staff_group: str
    job_role: str
    projected_hire_on: str
    vacancy_id: str
    ended_on: str
    last_update: str


# Length of its ID, element ID, competence, values as the line has them, Last Update.
ElementFacts = tuple[int, str, str, str, str]
ELEMENT_PARTS = 4


class Dossier(NamedTuple):
    """What was read of a person in one statement; ``prints`` differ whenever anything does that is shown of them."""

    person_id: str
    prints: tuple[str, str, str]
    versions: list[str]
    assignments: list[str]
    elements: list[str]

    def version(self, *, on: str) -> PersonFacts | None:
        """The version in effect; where none is in effect any more, the last."""
        width = len(PersonFacts._fields)
        if len(self.versions) == width:
            return PersonFacts._make(self.versions)
        found = [PersonFacts._make(row) for row in _rows(self.versions, width)]
        return max(found, key=lambda one: (_contains(one, on), one.effective_start), default=None)

    def assignments_in_effect(self, *, on: str) -> list[AssignmentFacts]:
        """Of each assignment the version in effect, unless it had ended by then; by ID."""
        found: dict[str, AssignmentFacts] = {}
        for one in map(AssignmentFacts._make, _rows(self.assignments, len(AssignmentFacts._fields))):
            if one.effective_start <= on and _contains(one, on):
                other = found.get(one.assignment_id)
                if other is None or other.effective_start < one.effective_start:
                    found[one.assignment_id] = one
        standing = [one for one in found.values() if not one.ended_on or one.ended_on >= on]
        if len(standing) > 1:
            standing.sort(key=lambda one: (len(one.assignment_id), one.assignment_id))
        return standing

    def elements_in_order(self) -> list[ElementFacts]:
        """What the person holds, of whatever competence, in the order of the wire."""
        ids, competences, values, last_updates = (
            self.elements[at::ELEMENT_PARTS] for at in range(ELEMENT_PARTS)
        )
        return sorted(zip(map(len, ids), ids, competences, values, last_updates, strict=True))


def taken_apart(person_id: str, versions: str, assignments: str, elements: str) -> Dossier | None:
    """The dossier of three gathered texts; None where a value holds what parts them."""
    people = parts(versions, a_row=len(PersonFacts._fields))
    jobs = parts(assignments, a_row=len(AssignmentFacts._fields))
    held = parts(elements, a_row=ELEMENT_PARTS)
    if people is None or jobs is None or held is None:
        return None
    if elements.count(SEPARATOR) != len(held[1]) // ELEMENT_PARTS * VALUES_SEPARATORS:
        return None
    return Dossier(person_id, (people[0], jobs[0], held[0]), people[1], jobs[1], held[1])


def _rows(cells: Sequence[str], width: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(cells), width):
        yield cells[start : start + width]


def _contains(one: PersonFacts | AssignmentFacts, day: str) -> bool:
    """Whether a version that had begun by this day was in effect on it."""
    return not one.effective_end or one.effective_end >= day

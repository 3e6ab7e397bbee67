"""What the projection needs of some persons, in plain tuples and few queries.

Dates and timestamps come as the database's own text: making Python dates of them costs more than all the rest,
and what is written is text again. Nothing here decides anything but which version is in effect.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast

from competencies.models import Competence, CompetencyElement
from people.bulk import among
from people.models import AssignmentVersion, PersonVersion
from people.models.person import effective_on


class PersonFacts(NamedTuple):
    """A person's version; dates are ``YYYY-MM-DD``."""

    person: int
    effective_start: str
    effective_end: str | None
    employee_number: str
    title: str
    last_name: str
    first_name: str
    middle_names: str
    maiden_name: str
    preferred_name: str
    previous_last_name: str
    date_of_birth: str | None
    ni_number: str
    nhs_unique_id: str
    hired_on: str | None
    terminated_on: str | None
    system_person_type: str
    person_type: str
    office_email: str
    nhs_started_on: str | None
    last_update: str | None


class AssignmentFacts(NamedTuple):
    """An assignment's version with the IDs of what it refers to; dates are ``YYYY-MM-DD``."""

    person: int
    assignment_id: str
    effective_start: str
    effective_end: str | None
    earliest_start: str | None
    assignment_type: str
    assignment_number: str
    system_status: str
    status: str
    employee_status_flag: str
    payroll_name: str
    payroll_period: str
    is_primary: bool
    fte: str
    unit_id: str | None
    position_id: str | None
    position_name: str | None
    staff_group: str
    job_role: str
    projected_hire_on: str | None
    vacancy_id: str
    ended_on: str | None
    last_update: str | None


# person, element ID, competence, from, to, proficiency level, certification method, last update
ElementFacts = tuple[int, str, int, str | None, str | None, str, str, str | None]

# competence, its ID, name, description, from, to, renewal frequency, renewal units, last update
DefinitionFacts = tuple[int, str, str, str, str | None, str | None, int | None, str, str | None]

_MOMENTS = {
    "effective_start",
    "effective_end",
    "earliest_start",
    "date_of_birth",
    "hired_on",
    "terminated_on",
    "nhs_started_on",
    "projected_hire_on",
    "ended_on",
    "date_from",
    "date_to",
    "last_update",
}
_ELSEWHERE = {
    "person": "assignment__person",
    "assignment_id": "assignment__assignment_id",
    "unit_id": "unit__unit_id",
    "position_id": "position__position_id",
    "position_name": "position__name",
}


def _values(queryset: QuerySet[Any, Any], fields: Iterable[str]) -> QuerySet[Any, Any]:
    """Tuples of these fields, dates and timestamps as text."""
    columns = [Cast(field, CharField()) if field in _MOMENTS else field for field in fields]
    return queryset.order_by().values_list(*columns)


def person_facts(persons: Collection[int], *, on: date) -> dict[int, PersonFacts]:
    """Each person's version in effect; the last one of those who have none in effect any more."""
    versions = PersonVersion.objects.filter(among("person_id", persons))
    facts = _latest(_values(versions.filter(effective_on(on)), PersonFacts._fields))
    if len(facts) < len(persons):
        without = versions.filter(among("person_id", set(persons) - facts.keys()), effective_start__lte=on)
        facts |= _latest(_values(without, PersonFacts._fields))
    return facts


def _latest(rows: Iterable[Any]) -> dict[int, PersonFacts]:
    found: dict[int, PersonFacts] = {}
    for facts in map(PersonFacts._make, rows):
        other = found.get(facts.person)
        if other is None or other.effective_start < facts.effective_start:
            found[facts.person] = facts
    return found


def assignment_facts(persons: Collection[int], *, on: date) -> Iterator[AssignmentFacts]:
    """The versions in effect of these persons' assignments, unless ended or deleted at the source."""
    rows = _assignments(persons).filter(effective_on(on))
    yield from _in_effect(_values(rows, _assignment_columns()), on=on.isoformat())


def last_assignment_facts(left_on: Mapping[int, date]) -> Iterator[AssignmentFacts]:
    """The assignments of leavers as they stood on the day of termination (given by person)."""
    versions: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    days = {person: day.isoformat() for person, day in left_on.items()}
    for row in _values(_assignments(left_on.keys()), _assignment_columns()):
        day = days[row[0]]
        if row[2] <= day and (row[3] is None or row[3] >= day):
            versions[day].append(row)
    for day, rows in sorted(versions.items()):
        yield from _in_effect(rows, on=day)


def _assignments(persons: Iterable[int]) -> QuerySet[Any, Any]:
    return AssignmentVersion.objects.filter(
        among("assignment__person_id", persons), assignment__removed_at__isnull=True
    )


def _assignment_columns() -> list[str]:
    return [_ELSEWHERE.get(field, field) for field in AssignmentFacts._fields]


def _in_effect(rows: Iterable[tuple[Any, ...]], *, on: str) -> Iterator[AssignmentFacts]:
    """Of rows whose dates contain ``on``, the latest of each assignment, unless it has ended by then."""
    found: dict[str, AssignmentFacts] = {}
    for facts in map(AssignmentFacts._make, rows):
        other = found.get(facts.assignment_id)
        if other is None or other.effective_start < facts.effective_start:
            found[facts.assignment_id] = facts
    for facts in found.values():
        if facts.ended_on is None or facts.ended_on >= on:
            yield facts


def element_facts(persons: Collection[int]) -> list[ElementFacts]:
    """Every element that these persons hold, of whatever competence."""
    held = CompetencyElement.objects.held().filter(among("person_id", persons))
    fields = (
        "person_id",
        "element_id",
        "competence_id",
        "date_from",
        "date_to",
        "proficiency_level",
        "certification_method",
        "last_update",
    )
    return list(_values(held, fields))


def definition_facts(competences: Q) -> list[DefinitionFacts]:
    """CSTF competences that meet a condition, by Competence ID."""
    fields = (
        "pk",
        "competence_id",
        "name",
        "description",
        "date_from",
        "date_to",
        "renewal_frequency",
        "renewal_units",
        "last_update",
    )
    return sorted(_values(Competence.objects.cstf().filter(competences), fields), key=_by_competence_id)


def _by_competence_id(facts: DefinitionFacts) -> tuple[int, str]:
    return len(facts[1]), facts[1]

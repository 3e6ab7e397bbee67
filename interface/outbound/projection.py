"""What holds today of some persons, as the records a partner is to hold: first read, then rendered, which is pure.

Columns are minimised (wire format §3): what the layouts have no field for, or the templates fix as empty, is
never sent; the NI number only where the connection says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import NamedTuple

from django.db.models import Q

from competencies.models import Competence, CompetencyElement
from interface.formats.go import job_name
from interface.formats.text import SEPARATOR
from interface.models import Connection
from interface.outbound import loading
from interface.outbound.digests import (
    ASSIGNMENT,
    COMPETENCE,
    ELEMENT_AFTER,
    ELEMENT_SEPARATORS,
    PERSON,
    element_before,
    without_separators,
)
from interface.outbound.loading import AssignmentFacts, DefinitionFacts, ElementFacts, PersonFacts
from interface.outbound.picture import Picture, Record, id_order, pictured
from interface.scope import FORMER_EMPLOYEE_TYPES, Standing, has_left, population, standing
from people.models import SystemPersonType
from people.models.assignment import IN_SCOPE_APPLICANT_STATUSES, AssignmentType


class _Days(dict[str | None, str]):
    """Dates of the database's text as the wire has them; the same few thousand come again and again."""

    def __missing__(self, day: str | None) -> str:
        self[day] = _wire(day)
        return self[day]


class Facts(NamedTuple):
    """What was read of some persons."""

    # Primary key → Person ID.
    persons: Mapping[int, str]
    versions: Mapping[int, PersonFacts]
    assignments: Sequence[AssignmentFacts]
    # Of leavers, as they stood on the day of termination.
    last_assignments: Sequence[AssignmentFacts]
    elements: Sequence[ElementFacts]


def _wire(day: str | None) -> str:
    return day.replace("-", "") if day else ""


def _date(day: str | None) -> date | None:
    return date.fromisoformat(day) if day else None


@dataclass(frozen=True)
class Projection:
    """Today's records for one connection, on one business date."""

    on: date
    send_ni_number: bool
    # Competence → what its elements have in common, of the national CSTF: other elements are not sent.
    competences: Mapping[int, str]

    @classmethod
    def of(cls, connection: Connection, *, on: date) -> Projection:
        """Read what all persons have in common."""
        names = Competence.objects.cstf().values_list("pk", "name", "competence_id")
        return cls(
            on=on,
            send_ni_number=connection.send_ni_number,
            competences={
                pk: element_before(
                    competence_name=name, competence_id=competence_id, vpd=connection.organisation.vpd
                )
                for pk, name, competence_id in names
            },
        )

    def read(self, persons: Mapping[int, str]) -> Facts:
        """What rendering these members of the population takes (primary key → Person ID)."""
        versions = loading.person_facts(persons.keys(), on=self.on)
        leavers = {
            person: _date(one.terminated_on) or self.on
            for person, one in versions.items()
            if self._standing(one) is Standing.NOBODY and self._has_left(one)
        }
        staying = [person for person in versions if person not in leavers]
        return Facts(
            persons,
            versions,
            list(loading.assignment_facts(staying, on=self.on)),
            list(loading.last_assignment_facts(leavers)) if leavers else (),
            loading.element_facts(persons.keys()),
        )

    def render(self, facts: Facts) -> dict[int, Picture]:
        """The picture of each of these persons: pure."""
        records: dict[int, list[Record]] = {person: [] for person in facts.persons}
        standings = {}
        for person, one in facts.versions.items():
            standings[person] = self._standing(one)
            records[person].append(self._person(one, facts.persons[person], standings[person]))
        for job in sorted(facts.assignments, key=_assignment_order):
            if _counts(job, standings[job.person]):
                records[job.person].append(self._assignment(job, facts.persons[job.person]))
        for job in sorted(facts.last_assignments, key=_assignment_order):
            if _counts(job, Standing.EMPLOYED):
                records[job.person].append(self._assignment(job, facts.persons[job.person]))
        self._add_elements(records, facts)
        return {person: pictured(found) for person, found in records.items()}

    def pictures(self, persons: Mapping[int, str]) -> dict[int, Picture]:
        """The picture of each of these members of the population (primary key → Person ID), read and rendered."""
        return self.render(self.read(persons))

    def _standing(self, one: PersonFacts) -> Standing:
        return standing(one.system_person_type, _date(one.terminated_on), on=self.on)

    def _has_left(self, one: PersonFacts) -> bool:
        return has_left(one.system_person_type, _date(one.terminated_on), on=self.on)

    def _person(self, one: PersonFacts, person_id: str, who: Standing) -> Record:
        system_type, user_type = self._shown_types(one, who)
        values = (
            person_id,
            _wire(one.effective_start),
            _wire(one.effective_end),
            one.employee_number,
            one.title,
            one.last_name,
            one.first_name,
            one.middle_names,
            one.maiden_name,
            one.preferred_name,
            one.previous_last_name,
            _wire(one.date_of_birth),
            one.ni_number if self.send_ni_number else "",
            one.nhs_unique_id,
            _wire(one.hired_on),
            _wire(one.terminated_on),
            system_type,
            user_type,
            one.office_email,
            _wire(one.nhs_started_on),
        )
        return "PRA", person_id, *PERSON.fill(values, one.last_update)

    def _shown_types(self, one: PersonFacts, who: Standing) -> tuple[str, str]:
        """System and user person type: the wire has no code for a former employee who applies again."""
        if self._has_left(one):
            shown = SystemPersonType.APPLICANT if who.applying else SystemPersonType.EX_EMPLOYEE
            said = one.system_person_type in FORMER_EMPLOYEE_TYPES and one.person_type
            return shown, said or ("Ex-employee.Applicant" if who.applying else "Ex-employee")
        if one.system_person_type == SystemPersonType.EX_EMPLOYEE_APPLICANT:
            shown = SystemPersonType.EMPLOYEE_APPLICANT if who.employed else SystemPersonType.APPLICANT
            return shown, one.person_type
        return one.system_person_type, one.person_type

    def _assignment(self, job: AssignmentFacts, person_id: str) -> Record:
        values = (
            person_id,
            job.assignment_id,
            _wire(job.effective_start),
            _wire(job.effective_end),
            _wire(job.earliest_start),
            job.assignment_type,
            job.assignment_number,
            job.system_status,
            job.status,
            job.employee_status_flag,
            job.payroll_name,
            job.payroll_period,
            "Yes" if job.is_primary else "No",
            job.fte,
            job.unit_id or "",
            job.position_id or "",
            job.position_name or "",
            job_name(job.staff_group, job.job_role),
            _wire(job.projected_hire_on),
            job.vacancy_id,
            _wire(job.ended_on),
        )
        return "ASA", job.assignment_id, *ASSIGNMENT.fill(values, job.last_update)

    def _add_elements(self, records: Mapping[int, list[Record]], facts: Facts) -> None:
        """The one loop that a large organisation spends its night in."""
        held: dict[int, list[ElementFacts]] = defaultdict(list)
        for row in facts.elements:
            held[row[0]].append(row)
        competences, days = self.competences, _Days()
        for person, rows in held.items():
            _sort(rows)
            person_id, found = facts.persons[person], records[person]
            for _, element_id, competence, date_from, date_to, level, method, last_update in rows:
                if before := competences.get(competence):
                    values = (person_id, element_id, days[date_from], days[date_to], level, method)
                    text = before % values
                    if text.count(SEPARATOR) != ELEMENT_SEPARATORS:
                        text = before % without_separators(values)
                    found.append(("CMA", element_id, text, last_update, ELEMENT_AFTER))


def _assignment_order(job: AssignmentFacts) -> tuple[int, str]:
    return id_order(job.assignment_id)


_element_id = itemgetter(1)


def _sort(rows: list[ElementFacts]) -> None:
    """By element ID in the order of the wire; IDs of one length, as nearly always, compare as they are."""
    rows.sort(key=_element_id)
    if len(set(map(len, map(_element_id, rows)))) > 1:
        rows.sort(key=lambda row: len(row[1]))


def _counts(job: AssignmentFacts, who: Standing) -> bool:
    """The rule of ``scope.counting_assignments`` for one row."""
    if job.assignment_type == AssignmentType.EMPLOYEE:
        return who.employed
    return who.applying and job.status in IN_SCOPE_APPLICANT_STATUSES


def definitions(connection: Connection, *, on: date) -> Picture:
    """Every national CSTF competence that is in force, or is held by somebody sent; by Competence ID."""
    in_force = Q(pk__in=Competence.objects.cstf().in_force(on=on).values("pk"))
    over = list(Competence.objects.cstf().exclude(in_force).values_list("pk", flat=True))
    held: set[int] = set()
    if over:
        elements = CompetencyElement.objects.held().filter(
            organisation=connection.organisation_id, competence__in=over
        )
        sent = elements.filter(person__in=population(connection, on=on).values("pk"))
        held = set(sent.order_by().values_list("competence_id", flat=True).distinct())
    return pictured([_definition(facts) for facts in loading.definition_facts(in_force | Q(pk__in=held))])


def _definition(facts: DefinitionFacts) -> Record:
    _, competence_id, name, description, date_from, date_to, frequency, units, last_update = facts
    renewal = "" if frequency is None else str(frequency)
    values = (competence_id, name, description, _wire(date_from), _wire(date_to), renewal, units)
    return "CDA", competence_id, *COMPETENCE.fill(values, last_update)

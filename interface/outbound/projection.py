"""What holds today of some persons, as the records a partner is to hold: pure but for the one query layer it calls.

Columns are minimised (wire format §3): what the layouts have no field for, or the templates fix as empty, is
never sent; the NI number only where the connection says so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from competencies.models import Competence, CompetencyElement
from interface.formats.go import job_name
from interface.models import Connection
from interface.outbound import loading
from interface.outbound.digests import (
    ASSIGNMENT,
    COMPETENCE,
    ELEMENT_AFTER,
    PERSON,
    Sheet,
    digest_of,
    element_text,
)
from interface.outbound.loading import AssignmentFacts, DefinitionFacts, ElementFacts, PersonFacts
from interface.scope import FORMER_EMPLOYEE_TYPES, Standing, has_left, population, standing
from people.models import SystemPersonType
from people.models.assignment import IN_SCOPE_APPLICANT_STATUSES, AssignmentType

# A record's type and the ID under which it is deleted: ("CMA", "900000000001").
Key = tuple[str, str]
Picture = dict[Key, Sheet]


def _wire(day: str | None) -> str:
    return day.replace("-", "") if day else ""


def _date(day: str | None) -> date | None:
    return date.fromisoformat(day) if day else None


@dataclass(frozen=True)
class Projection:
    """Today's records for one connection, on one business date."""

    on: date
    vpd: str
    send_ni_number: bool
    # Competence → name, ID, of the national CSTF: other elements are not sent.
    competences: Mapping[int, tuple[str, str]]

    @classmethod
    def of(cls, connection: Connection, *, on: date) -> Projection:
        """Read what all persons have in common."""
        names = Competence.objects.cstf().values_list("pk", "name", "competence_id")
        return cls(
            on=on,
            vpd=connection.organisation.vpd,
            send_ni_number=connection.send_ni_number,
            competences={pk: (name, competence_id) for pk, name, competence_id in names},
        )

    def pictures(self, persons: Mapping[int, str]) -> dict[int, Picture]:
        """The records of each of these members of the population (primary key → Person ID), read and rendered."""
        facts = loading.person_facts(persons.keys(), on=self.on)
        standings = {person: self._standing(one) for person, one in facts.items()}
        leavers = {
            person: _date(facts[person].terminated_on) or self.on
            for person, who in standings.items()
            if who is Standing.NOBODY and self._has_left(facts[person])
        }
        pictures: dict[int, Picture] = {person: {} for person in persons}
        for person, one in facts.items():
            self._add_person(pictures[person], one, persons[person], standings[person])
        for job in loading.assignment_facts([pk for pk in standings if pk not in leavers], on=self.on):
            self._add_assignment(pictures[job.person], job, persons[job.person], standings[job.person])
        if leavers:
            for job in loading.last_assignment_facts(leavers):
                self._add_assignment(pictures[job.person], job, persons[job.person], Standing.EMPLOYED)
        self._add_elements(pictures, persons, loading.element_facts(persons.keys()))
        return pictures

    def _standing(self, one: PersonFacts) -> Standing:
        return standing(one.system_person_type, _date(one.terminated_on), on=self.on)

    def _has_left(self, one: PersonFacts) -> bool:
        return has_left(one.system_person_type, _date(one.terminated_on), on=self.on)

    def _add_person(self, picture: Picture, one: PersonFacts, person_id: str, who: Standing) -> None:
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
        picture["PRA", person_id] = PERSON.fill(values, one.last_update)

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

    def _add_assignment(self, picture: Picture, job: AssignmentFacts, person_id: str, who: Standing) -> None:
        if not _counts(job, who):
            return
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
        picture["ASA", job.assignment_id] = ASSIGNMENT.fill(values, job.last_update)

    def _add_elements(
        self, pictures: Mapping[int, Picture], persons: Mapping[int, str], elements: Collection[ElementFacts]
    ) -> None:
        """The one loop that a large organisation spends its night in."""
        competences, vpd = self.competences, self.vpd
        for person, element_id, competence, date_from, date_to, level, method, last_update in elements:
            if (definition := competences.get(competence)) is None:
                continue
            text = element_text(
                (
                    persons[person],
                    element_id,
                    definition[0],
                    date_from.replace("-", "") if date_from else "",
                    date_to.replace("-", "") if date_to else "",
                    level,
                    vpd,
                    method,
                    definition[1],
                )
            )
            sheet = (digest_of(text + ELEMENT_AFTER), text, last_update, ELEMENT_AFTER)
            pictures[person]["CMA", element_id] = sheet


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
    return dict(definition_sheet(facts) for facts in loading.definition_facts(in_force | Q(pk__in=held)))


def definition_sheet(facts: DefinitionFacts) -> tuple[Key, Sheet]:
    """One CDA with its key."""
    _, competence_id, name, description, date_from, date_to, frequency, units, last_update = facts
    renewal = "" if frequency is None else str(frequency)
    values = (competence_id, name, description, _wire(date_from), _wire(date_to), renewal, units)
    return ("CDA", competence_id), COMPETENCE.fill(values, last_update)

"""What holds today of some persons, as the records a partner is to hold: first read, then rendered, which is pure.

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
from interface.formats.text import SEPARATOR
from interface.models import Connection
from interface.outbound.digests import (
    ASSIGNMENT,
    COMPETENCE,
    ELEMENT_AFTER,
    ELEMENT_HEAD,
    PERSON,
    STAND_IN,
    digest_of,
    element_around,
)
from interface.outbound.dossier import AssignmentFacts, Dossier, PersonFacts
from interface.outbound.loading import DefinitionFacts, Reading, definition_facts
from interface.outbound.picture import Picture, Record, pictured
from interface.scope import FORMER_EMPLOYEE_TYPES, Standing, has_left, population, standing
from people.models import SystemPersonType
from people.models.assignment import IN_SCOPE_APPLICANT_STATUSES, AssignmentType


def _wire(day: str | None) -> str:
    return day.replace("-", "") if day else ""


def _date(day: str) -> date | None:
    return date.fromisoformat(day) if day else None


@dataclass(frozen=True)
class Projection:
    """Today's records for one connection, on one business date."""

    on: date
    send_ni_number: bool
    # By key what an element's line has of its competence, of the national CSTF: other elements are not sent.
    competences: Mapping[str, tuple[str, str]]
    reading: Reading

    @classmethod
    def of(cls, connection: Connection, *, on: date) -> Projection:
        """Read what all persons have in common."""
        names = Competence.objects.cstf().order_by("pk").values_list("pk", "name", "competence_id")
        competences = {
            str(pk): element_around(competence_name=name, competence_id=competence_id)
            for pk, name, competence_id in names
        }
        vpd, with_ni_number = connection.organisation.vpd, connection.send_ni_number
        reading = Reading(on, vpd, common=f"{vpd} {with_ni_number} {digest_of(repr(competences))}")
        return cls(on, with_ni_number, competences, reading)

    def read(self, persons: Collection[int]) -> dict[int, Dossier]:
        """What rendering these members of the population takes."""
        return self.reading.dossiers(persons)

    def render(self, dossiers: Mapping[int, Dossier]) -> dict[int, Picture]:
        """The picture of each of these persons: pure."""
        return {person: self._picture(dossier) for person, dossier in dossiers.items()}

    def pictures(self, persons: Collection[int]) -> dict[int, Picture]:
        """The picture of each of these members of the population, read and rendered."""
        return self.render(self.read(persons))

    def _picture(self, dossier: Dossier) -> Picture:
        records = self._person_and_assignments(dossier)
        head, around = ELEMENT_HEAD % dossier.person_id.replace(SEPARATOR, STAND_IN), self.competences
        for _, key, competence, values, last_update in dossier.elements_in_order():
            if competence in around:
                before, after = around[competence]
                records.append(
                    ("CMA", key, f"{head}{key}{before}{values}{after}", last_update, ELEMENT_AFTER)
                )
        return Picture(records, dossier.fingerprint)

    def _person_and_assignments(self, dossier: Dossier) -> list[Record]:
        one = dossier.version(on=self.on.isoformat())
        if one is None:
            return []
        who, day = self._standing(one), self.on.isoformat()
        records = [self._person(one, dossier.person_id, who)]
        if who is Standing.NOBODY and self._has_left(one):
            # The jobs of leavers are shown as they stood on the day of termination.
            who, day = Standing.EMPLOYED, one.terminated_on
        for job in dossier.assignments_in_effect(on=day):
            if _counts(job, who):
                records.append(self._assignment(job, dossier.person_id))
        return records

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
            job.is_primary,
            job.fte,
            job.unit_id,
            job.position_id,
            job.position_name,
            job_name(job.staff_group, job.job_role),
            _wire(job.projected_hire_on),
            job.vacancy_id,
            _wire(job.ended_on),
        )
        return "ASA", job.assignment_id, *ASSIGNMENT.fill(values, job.last_update)


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
    return pictured([_definition(facts) for facts in definition_facts(in_force | Q(pk__in=held))])


def _definition(facts: DefinitionFacts) -> Record:
    _, competence_id, name, description, date_from, date_to, frequency, units, last_update = facts
    renewal = "" if frequency is None else str(frequency)
    values = (competence_id, name, description, _wire(date_from), _wire(date_to), renewal, units)
    return "CDA", competence_id, *COMPETENCE.fill(values, last_update)

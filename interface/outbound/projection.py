"""What holds today of some persons, as the records a partner is to hold: first read, then rendered, which is pure.

Columns are minimised (wire format §3): what the layouts have no field for, or the templates fix as empty, is
never sent; the NI number only where the connection says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

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
from interface.outbound.dossier import AssignmentFacts, Dossier, PersonFacts, taken_apart
from interface.outbound.loading import DefinitionFacts, Reading, Texts, definition_facts
from interface.outbound.picture import Picture, Record, pictured
from interface.scope import FORMER_EMPLOYEE_TYPES, Standing, has_left, population, standing
from people.gathering import in_any_order
from people.models import SystemPersonType
from people.models.assignment import IN_SCOPE_APPLICANT_STATUSES, AssignmentType
from people.models.person import PersonQuerySet


def _wire(day: str | None) -> str:
    return day.replace("-", "") if day else ""


def _date(day: str) -> date | None:
    return date.fromisoformat(day) if day else None


# The same few answers for everybody who stays, and for those who leave on one day.


@lru_cache(maxsize=4096)
def _standing(system_person_type: str, terminated_on: str, on: date) -> Standing:
    return standing(system_person_type, _date(terminated_on), on=on)


@lru_cache(maxsize=4096)
def _has_left(system_person_type: str, terminated_on: str, on: date) -> bool:
    return has_left(system_person_type, _date(terminated_on), on=on)


@dataclass(frozen=True)
class Projection:
    """Today's records for one connection, on one business date."""

    on: date
    # By key what an element's line has of its competence, of the national CSTF: other elements are not sent.
    competences: Mapping[str, tuple[str, str]]
    reading: Reading
    # Whatever else pictures are made of, that is nobody's own.
    common: str

    @classmethod
    def of(cls, connection: Connection, *, on: date) -> Projection:
        """Read what all persons have in common."""
        names = Competence.objects.cstf().order_by("pk").values_list("pk", "name", "competence_id")
        competences = {
            str(pk): element_around(competence_name=name, competence_id=competence_id)
            for pk, name, competence_id in names
        }
        reading = Reading(on, connection.organisation.vpd, connection.send_ni_number)
        common = f"{reading.vpd} {reading.with_ni_number} {digest_of(repr(competences))}"
        return cls(on, competences, reading, common)

    def fingerprints(self, people: PersonQuerySet) -> Iterator[tuple[int, str, int]]:
        """Of these members of the population primary key, Person ID and what the digest of their picture would be."""
        for person, person_id, prints in self.reading.fingerprints(people):
            yield person, person_id, self._digest(person_id, prints)

    def read(self, persons: Collection[int], *, careful: bool = False) -> list[Texts]:
        """What rendering these members of the population takes."""
        return self.reading.texts(persons, careful=careful)

    def render(self, texts: Iterable[Texts]) -> dict[int, Picture]:
        """The picture of each of these persons, but for those who have to be read carefully: pure."""
        pictures = {}
        for person, *read in texts:
            if (dossier := taken_apart(*read)) is not None:
                pictures[person] = self._picture(dossier)
        return pictures

    def pictures(self, persons: Collection[int]) -> dict[int, Picture]:
        """The picture of each of these members of the population, read and rendered."""
        pictures = self.render(self.read(persons))
        left_out = [person for person in persons if person not in pictures]
        return pictures | (self.render(self.read(left_out, careful=True)) if left_out else {})

    def _digest(self, person_id: str, prints: Sequence[str]) -> int:
        return digest_of("\n".join((self.common, person_id, *map(in_any_order, prints))))

    def _picture(self, dossier: Dossier) -> Picture:
        records = self._person_and_assignments(dossier)
        head, around = ELEMENT_HEAD % dossier.person_id.replace(SEPARATOR, STAND_IN), self.competences
        for _, key, competence, values, last_update in dossier.elements_in_order():
            if competence in around:
                before, after = around[competence]
                records.append(
                    ("CMA", key, f"{head}{key}{before}{values}{after}", last_update, ELEMENT_AFTER)
                )
        return Picture(records, self._digest(dossier.person_id, dossier.prints))

    def _person_and_assignments(self, dossier: Dossier) -> list[Record]:
        day = self.on.isoformat()
        one = dossier.version(on=day)
        if one is None:
            return []
        who = _standing(one.system_person_type, one.terminated_on, self.on)
        has_left = _has_left(one.system_person_type, one.terminated_on, self.on)
        records = [self._person(one, dossier.person_id, _shown_types(one, who, has_left=has_left))]
        if has_left and who is Standing.NOBODY:
            # The jobs of leavers are shown as they stood on the day of termination.
            who, day = Standing.EMPLOYED, one.terminated_on
        for job in dossier.assignments_in_effect(on=day):
            if _counts(job.assignment_type, job.status, who):
                records.append(self._assignment(job, dossier.person_id))
        return records

    def _person(self, one: PersonFacts, person_id: str, types: tuple[str, str]) -> Record:
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
            one.ni_number,
            one.nhs_unique_id,
            _wire(one.hired_on),
            _wire(one.terminated_on),
            *types,
            one.office_email,
            _wire(one.nhs_started_on),
        )
        return "PRA", person_id, *PERSON.fill(values, one.last_update)

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


def _shown_types(one: PersonFacts, who: Standing, *, has_left: bool) -> tuple[str, str]:
    """System and user person type: the wire has no code for a former employee who applies again."""
    if has_left:
        shown = SystemPersonType.APPLICANT if who.applying else SystemPersonType.EX_EMPLOYEE
        said = one.system_person_type in FORMER_EMPLOYEE_TYPES and one.person_type
        return shown, said or ("Ex-employee.Applicant" if who.applying else "Ex-employee")
    if one.system_person_type == SystemPersonType.EX_EMPLOYEE_APPLICANT:
        shown = SystemPersonType.EMPLOYEE_APPLICANT if who.employed else SystemPersonType.APPLICANT
        return shown, one.person_type
    return one.system_person_type, one.person_type


@lru_cache(maxsize=4096)
def _counts(assignment_type: str, status: str, who: Standing) -> bool:
    """The rule of ``scope.counting_assignments`` for one row."""
    if assignment_type == AssignmentType.EMPLOYEE:
        return who.employed
    return who.applying and status in IN_SCOPE_APPLICANT_STATUSES


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

"""A small organisation built in the database: people, jobs, applications, elements, and one partner."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from competencies.models import Competence, CompetencyElement, Source, SubjectLevel
from interface.formats import go
from interface.models import Connection, InboundFile, InboundState, OutboundFile, SentPicture
from interface.outbound.actions import send_changes
from interface.outbound.digests import day, digest_of, element_of
from interface.outbound.packing import Key
from interface.outbound.questions import records_of
from people.models import (
    Assignment,
    AssignmentVersion,
    Organisation,
    OrganisationUnit,
    Person,
    PersonVersion,
    Position,
)

TODAY = date(2026, 11, 3)
DAY = timedelta(days=1)
START = date(2019, 4, 1)
POST_CONDITIONAL = "Offered Post Conditional"


class Staff:
    """Everything has a default; a test says what it is about."""

    def __init__(self, vpd: str = "277", **connection: Any) -> None:
        self.organisation = Organisation.objects.create(
            vpd=vpd, name="Northmoor", cstf_aligned_on=date(2020, 6, 1)
        )
        levels = SubjectLevel.objects.order_by("pk")
        self.competences = [
            Competence.objects.get_or_create(
                competence_id=str(900001 + index),
                organisation=None,
                defaults={"name": f"NHS|CSTF|Subject {index} - 2 Years|", "subject_level": levels[index]},
            )[0]
            for index in range(3)
        ]
        self.unit = OrganisationUnit.objects.create(
            organisation=self.organisation, unit_id="5001", name="Ward"
        )
        self.positions = {
            position_id: Position.objects.create(
                organisation=self.organisation, position_id=position_id, name=f"{vpd}|Nurse|{position_id}|"
            )
            for position_id in ("7001", "7002")
        }
        values: dict[str, Any] = {"code": "TOTARA", "lms_name": "Totara", "live_on": date(2026, 1, 5)}
        self.connection = Connection.objects.create(organisation=self.organisation, **(values | connection))
        self._elements = 900_000_000_000

    def person(self, person_id: str, kind: str = "EMP", **version: Any) -> Person:
        """A person with one version."""
        person = Person.objects.create(organisation=self.organisation, person_id=person_id)
        self.version(person, kind, **version)
        return person

    def version(self, person: Person, kind: str = "EMP", **values: Any) -> PersonVersion:
        defaults: dict[str, Any] = {
            "effective_start": START,
            "last_name": f"Name{person.person_id}",
            "first_name": "Ada",
            "date_of_birth": date(1987, 4, 12),
            "employee_number": f"2{person.person_id}",
            "person_type": {"EMP": "Employee", "APL": "Applicant"}.get(kind, ""),
        }
        return PersonVersion.objects.create(
            organisation=self.organisation, person=person, system_person_type=kind, **(defaults | values)
        )

    def job(self, person: Person, assignment_id: str = "", kind: str = "E", **version: Any) -> Assignment:
        """A person's job, or with kind A an application."""
        assignment = Assignment.objects.create(
            organisation=self.organisation,
            person=person,
            assignment_id=assignment_id or f"7{person.person_id}",
        )
        self.job_version(assignment, kind, **version)
        return assignment

    def job_version(self, assignment: Assignment, kind: str = "E", **values: Any) -> AssignmentVersion:
        employed = kind == "E"
        defaults: dict[str, Any] = {
            "effective_start": START,
            "status": "Active Assignment" if employed else POST_CONDITIONAL,
            "system_status": "ACTIVE_ASSIGN" if employed else "OFFER",
            "assignment_number": f"2{assignment.person.person_id}" if employed else "",
            "payroll_name": "277 Monthly",
            "position": self.positions["7001"],
            "unit": self.unit,
            "is_primary": True,
        }
        return AssignmentVersion.objects.create(
            organisation=self.organisation, assignment=assignment, assignment_type=kind, **(defaults | values)
        )

    def employee(self, person_id: str, *, elements: int = 0, **version: Any) -> Person:
        person = self.person(person_id, **version)
        self.job(person)
        for index in range(elements):
            self.element(person, self.competences[index])
        return person

    def applicant(self, person_id: str, status: str = POST_CONDITIONAL) -> Person:
        person = self.person(person_id, "APL", employee_number="")
        self.job(person, kind="A", status=status)
        return person

    def element(
        self, person: Person, competence: Competence | None = None, **values: Any
    ) -> CompetencyElement:
        self._elements += 1
        defaults: dict[str, Any] = {
            "element_id": str(self._elements),
            "competence": competence or self.competences[0],
            "date_from": date(2026, 5, 1),
            "date_to": date(2028, 4, 30),
            "proficiency_level": "1 - Attended",
            "source": Source.HAND,
        }
        return CompetencyElement.objects.create(
            organisation=self.organisation, person=person, **(defaults | values)
        )

    def told(self, person: Person, file: InboundFile, **values: Any) -> CompetencyElement:
        """An element that the partner told us in this file."""
        element = self.element(
            person, source=Source.LMS, source_id=self.connection.pk, source_reference="R1", **values
        )
        self.tell(element, file)
        return element

    def tell(self, element: CompetencyElement, file: InboundFile, digest_told: int | None = None) -> None:
        """The partner told us the values that the element has, or holds others."""
        self.connection.refresh_from_db()
        element.told_digest = digest(element) if digest_told is None else digest_told
        element.told_in, element.told_before = file.pk, self.connection.next_outbound
        element.source, element.source_id = Source.LMS, self.connection.pk
        element.source_reference = element.source_reference or "R1"
        element.save()


def digest(element: CompetencyElement) -> int:
    """Of the CMA that these values make."""
    text = element_of(
        competence_name=element.competence.name,
        competence_id=element.competence.competence_id,
        vpd=element.organisation.vpd,
    )
    return digest_of(
        text
        % (
            element.person.person_id,
            element.element_id,
            day(element.date_from),
            day(element.date_to),
            element.proficiency_level,
            element.certification_method,
        )
    )


def inbound(staff: Staff, state: str = InboundState.ANSWERED) -> InboundFile:
    return InboundFile.objects.create(
        organisation=staff.organisation, connection=staff.connection, name="x", sha256=state, size=1, state=state,
        received_at=timezone.now(), business_date=TODAY, answered_at=timezone.now(),
    )  # fmt: skip


def ledger(staff: Staff) -> dict[Key, tuple[str, str]]:
    """What the partner holds of everybody: the names of the outbound and the inbound file since which it does."""
    return {
        (one.record_type, one.key): (str(one.outbound_file or ""), str(one.inbound_file or ""))
        for row in SentPicture.objects.filter(connection=staff.connection)
        for one in records_of(row)
    }


def night(staff: Staff, days: int = 0) -> OutboundFile | None:
    """The nightly run's file, so many days later."""
    return send_changes(staff.connection, on=TODAY + timedelta(days=days), by="nightly run").file


def out(file: OutboundFile | None) -> list[str]:
    """The lines of a published file, header and trailer left out, both of them checked."""
    assert file is not None
    lines = outbox(file.connection).joinpath(file.name).read_text("iso-8859-1").splitlines()
    assert lines[0].startswith(f"HDR~{file.name}~")
    assert lines[-1] == f"TRL~{len(lines)}"
    return lines[1:-1]


def outbox(connection: Connection) -> Path:
    return Path(settings.EXCHANGE_ROOT) / connection.organisation.vpd / connection.code / "Out"


def types(file: OutboundFile | None) -> list[str]:
    """``PRA 40001``: each line's type, with the ID under which it is deleted."""
    return [identity(line) for line in out(file)]


def identity(line: str) -> str:
    cells = line.split("~")
    return f"{cells[0]} {cells[2] if cells[0] in ('ASA', 'CMA') else cells[1]}"


class Holder:
    """What a partner holds who believes every line: records by type and ID."""

    def __init__(self) -> None:
        self.records: dict[str, str] = {}

    def take(self, lines: list[str], *, full: bool = False) -> None:
        if full:
            self.records.clear()
        for line in lines:
            record_type, _, name = identity(line).partition(" ")
            if record_type.endswith("D"):
                del self.records[f"{record_type[:2]}A {name}"]
            else:
                self.records[f"{record_type} {name}"] = line


def rows(file: OutboundFile | None) -> list[Any]:
    """The lines as the typed records of the format."""
    return [go.read_line(line) for line in out(file)]

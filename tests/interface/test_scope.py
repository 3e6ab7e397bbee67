"""Who is in scope, by person type, status, restriction and date; and that what is sent follows the same rule."""

from copy import copy
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from interface.models import SentPicture
from interface.outbound.projection import Projection
from interface.scope import carried, in_scope, is_in_population, population, selected, why_not
from people.models import Person
from tests.interface.outbound.staff import TODAY, Staff

DAY = timedelta(days=1)
LEFT_YESTERDAY, LEAVES_TODAY, LEAVES_TOMORROW = TODAY - DAY, TODAY, TODAY + DAY


@pytest.fixture
def staff(db: None, exchange_root: Path) -> Staff:
    return Staff()


@dataclass(frozen=True)
class Case:
    """A person of one type and one assignment; ``why`` is part of the sentence for somebody out of scope."""

    kind: str = "EMP"
    person: dict[str, Any] = field(default_factory=dict)
    assignment: str = "E"
    job: dict[str, Any] = field(default_factory=dict)
    why: str = ""


CASES = {
    "employee": Case(),
    "employee on maternity leave": Case(job={"status": "Maternity & Adoption"}),
    "employee whose job begins tomorrow": Case(job={"effective_start": TODAY + DAY}, why="no assignment"),
    "employee whose job begins today": Case(job={"effective_start": TODAY}),
    "employee whose job ended yesterday": Case(job={"ended_on": TODAY - DAY}, why="no assignment"),
    "employee whose job ends today": Case(job={"ended_on": TODAY}),
    "employee whose job row ended yesterday": Case(job={"effective_end": TODAY - DAY}, why="no assignment"),
    "employee without version yet": Case(
        person={"effective_start": TODAY + DAY}, why="nothing of this person"
    ),
    "employee without version any more": Case(person={"effective_end": TODAY - DAY}, why="nothing of this"),
    "leaver of yesterday": Case(person={"terminated_on": LEFT_YESTERDAY}, why="left on 2 Nov 2026"),
    "leaver of today": Case(person={"terminated_on": LEAVES_TODAY}),
    "leaver of tomorrow": Case(person={"terminated_on": LEAVES_TOMORROW}),
    "ex-employee of yesterday": Case("EX_EMP", person={"terminated_on": LEFT_YESTERDAY}, why="left on"),
    "ex-employee of today": Case("EX_EMP", person={"terminated_on": LEAVES_TODAY}),
    "ex-employee without a date": Case("EX_EMP", why="person type is"),
    "employee with an application only": Case(assignment="A", why="The application is"),
    "applicant, offer accepted": Case("APL", assignment="A", job={"status": "Offer Accepted"}),
    "applicant, conditional": Case("APL", assignment="A"),
    "applicant, unconditional": Case("APL", assignment="A", job={"status": "Offered Post Unconditional"}),
    "applicant, active": Case("APL", assignment="A", job={"status": "Active Application"}, why="Active Appl"),
    "applicant, interview": Case("APL", assignment="A", job={"status": "Interview"}, why="“Interview”"),
    "applicant, unsuccessful": Case(
        "APL", assignment="A", job={"status": "Unsuccessful"}, why="Unsuccessful"
    ),
    "applicant, withdrawn": Case("APL", assignment="A", job={"status": "Withdrawn"}, why="Withdrawn"),
    "applicant with a job only": Case("APL", why="no assignment"),
    "employee and applicant, by the job": Case("EMP_APL"),
    "employee and applicant, by the offer": Case("EMP_APL", assignment="A"),
    "employee and applicant, left, by the offer": Case(
        "EMP_APL", person={"terminated_on": LEFT_YESTERDAY}, assignment="A"
    ),
    "employee and applicant, left, by the job": Case(
        "EMP_APL", person={"terminated_on": LEFT_YESTERDAY}, why="no assignment"
    ),
    "former employee who applies": Case("EX_EMP_APL", assignment="A"),
    "former employee who applies, by the old job": Case("EX_EMP_APL", why="no assignment"),
    "ex-applicant": Case("EX_APL", assignment="A", why="person type is"),
    "agency worker": Case("OTHER", why="person type is"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_by_type_status_and_date(staff: Staff, case: Case) -> None:
    person = staff.person("40001", case.kind, **case.person)
    staff.job(person, kind=case.assignment, **case.job)
    expected = [] if case.why else [person]
    assert list(in_scope(staff.connection, on=TODAY)) == expected
    assert list(population(staff.connection, on=TODAY)) == expected
    assert list(Person.objects.filter(carried(staff.connection, on=TODAY))) == expected
    assert is_in_population(person, staff.connection, on=TODAY) is bool(expected)
    why = why_not(person, staff.connection, on=TODAY)
    assert case.why in why if why else not case.why
    if not case.why:
        # What is sent follows the same rule: the assignment that selects a person goes out.
        pictures = Projection.of(staff.connection, on=TODAY).pictures({person.pk: person.person_id})
        assert ("ASA", "740001") in pictures[person.pk].sheets()


RESTRICTIONS = [
    ("all", [], "E", {}, True),
    ("payroll", ["277 Monthly", "277 Weekly"], "E", {"payroll_name": "277 Weekly"}, True),
    ("payroll", ["277 Monthly"], "E", {"payroll_name": "277 Weekly"}, False),
    ("payroll", ["277 Monthly"], "E", {"payroll_name": "277 MONTHLY"}, False),
    ("payroll", [], "E", {}, False),
    ("payroll", ["277 Monthly"], "A", {}, True),
    ("position", ["7001"], "E", {}, True),
    ("position", [7001], "E", {}, True),
    ("position", ["7002"], "E", {}, False),
    ("position", ["7001"], "E", {"position": None}, False),
    ("assignment", ["240001"], "E", {}, True),
    ("assignment", ["240002"], "E", {}, False),
    ("assignment", ["740001"], "E", {}, False),
    ("assignment", ["740001"], "A", {}, True),
    ("assignment", ["740001"], "A", {"assignment_number": "240001"}, False),
    ("assignment", ["240001"], "A", {"assignment_number": "240001"}, True),
]


@pytest.mark.parametrize(("restriction", "values", "kind", "job", "expected"), RESTRICTIONS)
def test_restriction(
    staff: Staff, restriction: str, values: list[Any], kind: str, job: dict[str, Any], *, expected: bool
) -> None:
    person = staff.person("40001", "EMP" if kind == "E" else "APL")
    staff.job(person, kind=kind, **job)
    staff.connection.restriction, staff.connection.restriction_values = restriction, values
    assert in_scope(staff.connection, on=TODAY).exists() == expected
    assert Person.objects.filter(carried(staff.connection, on=TODAY)).exists() == expected
    why = why_not(person, staff.connection, on=TODAY)
    assert why is None if expected else why is not None and f"restriction by {restriction}" in why


def test_one_matching_assignment_selects_the_person_once(staff: Staff) -> None:
    person = staff.employee("40001")
    staff.job(person, "80001", payroll_name="277 Weekly")
    staff.job(person, "80002", payroll_name="277 Weekly")
    staff.connection.restriction, staff.connection.restriction_values = "payroll", ["277 Weekly"]
    assert list(in_scope(staff.connection, on=TODAY)) == [person]


def test_several_connections_select_whom_any_of_them_does(staff: Staff) -> None:
    weekly, second, neither = (staff.employee(number) for number in ("40001", "40002", "40003"))
    staff.job(weekly, "80001", payroll_name="277 Weekly")
    staff.job(second, "80002", assignment_number="240099")
    one, other, everybody = (copy(staff.connection) for _ in range(3))
    one.restriction, one.restriction_values = "payroll", ["277 Weekly"]
    other.restriction, other.restriction_values = "assignment", ["240099"]
    for connections, expected in (
        ([one], [weekly]),
        ([one, other], [weekly, second]),
        ([one, everybody], [weekly, second, neither]),
    ):
        assert list(Person.objects.filter(selected(connections, on=TODAY))) == expected


def test_an_assignment_that_does_not_count_selects_nobody(staff: Staff) -> None:
    person = staff.employee("40001")
    staff.job(person, "80001", kind="A", status="Interview", payroll_name="277 Weekly")
    staff.connection.restriction, staff.connection.restriction_values = "payroll", ["277 Weekly"]
    assert not in_scope(staff.connection, on=TODAY).exists()


def test_the_latest_version_that_has_begun_speaks(staff: Staff) -> None:
    person = staff.employee("40001")
    staff.version(person, "EX_EMP", effective_start=TODAY, terminated_on=TODAY - DAY)
    assert list(in_scope(staff.connection, on=TODAY - DAY)) == [person]
    assert not in_scope(staff.connection, on=TODAY).exists()
    other = staff.employee("40002")
    staff.job_version(other.assignments.get(), "A", effective_start=TODAY, status="Withdrawn")
    assert list(in_scope(staff.connection, on=TODAY - DAY)) == [person, other]
    assert not in_scope(staff.connection, on=TODAY).exists()


def test_deleted_persons_and_assignments_are_out(staff: Staff) -> None:
    person = staff.employee("40001")
    Person.objects.filter(pk=person.pk).update(removed_at=timezone.now())
    person.refresh_from_db()
    assert not in_scope(staff.connection, on=TODAY).exists()
    assert "deleted this person" in str(why_not(person, staff.connection, on=TODAY))
    other = staff.employee("40002")
    other.assignments.update(removed_at=timezone.now())
    assert not in_scope(staff.connection, on=TODAY).exists()


def test_people_of_another_organisation_are_out(staff: Staff) -> None:
    stranger = Staff("457").employee("40001")
    assert not in_scope(staff.connection, on=TODAY).exists()
    assert why_not(stranger, staff.connection, on=TODAY) == "The person belongs to another organisation."


@pytest.mark.parametrize(("days", "kept"), [(0, True), (1, True), (90, True), (91, False)])
@pytest.mark.parametrize("how", ["type says so", "type does not", "no version any more"])
def test_leavers_whom_the_partner_holds_stay(staff: Staff, days: int, how: str, *, kept: bool) -> None:
    left = TODAY - days * DAY
    ends: dict[str, Any] = {"effective_end": left} if how == "no version any more" else {}
    person = staff.employee("40001", terminated_on=left, **ends)
    if how == "type says so":
        staff.version(person, "EX_EMP", effective_start=left + DAY, terminated_on=left)
    unknown = staff.employee("40002", terminated_on=left)
    SentPicture.objects.create(
        organisation=staff.organisation, connection=staff.connection, person=person, records=b""
    )
    in_scope_today = set(in_scope(staff.connection, on=TODAY))
    assert in_scope_today == ({person, unknown} if days == 0 else set())
    assert (person in population(staff.connection, on=TODAY)) == kept
    assert is_in_population(person, staff.connection, on=TODAY) == kept
    assert (unknown in population(staff.connection, on=TODAY)) == (days == 0)
    person.removed_at = timezone.now()
    person.save()
    assert person not in population(staff.connection, on=TODAY)


def test_a_scope_is_two_queries_at_most(staff: Staff, django_assert_num_queries: Any) -> None:
    for number in range(40001, 40011):
        staff.employee(str(number))
    with django_assert_num_queries(2):
        assert len(in_scope(staff.connection, on=TODAY)) == 10
        assert len(population(staff.connection, on=date(2026, 11, 4))) == 10

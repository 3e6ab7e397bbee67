"""What is shown of a person: minimised columns, leavers, what is never sent."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from competencies.models import Competence
from interface.formats import go
from interface.outbound.digests import TEMPLATES
from interface.outbound.picture import Picture
from interface.outbound.projection import Projection, definitions
from people.models import Person
from tests.interface.outbound.staff import START, TODAY, Staff

DAY = timedelta(days=1)


def picture(staff: Staff, person: Person, on: date = TODAY) -> Picture:
    projection = Projection.of(staff.connection, on=on)
    return projection.pictures({person.pk: person.person_id})[person.pk]


def row(pictured: Picture, record_type: str) -> Any:
    (found,) = [sheet for key, sheet in pictured.sheets().items() if key[0] == record_type]
    return go.read_line(TEMPLATES[record_type].line(found))


EVERYTHING: dict[str, Any] = {
    "effective_end": date(2027, 1, 1),
    "employee_number": "25100001",
    "title": "Dr.",
    "last_name": "Fernández-Hale",
    "first_name": "Inês",
    "middle_names": "Maria",
    "maiden_name": "Hale",
    "preferred_name": "Nes",
    "previous_last_name": "Costa",
    "date_of_birth": date(1990, 9, 30),
    "ni_number": "QQ123456C",
    "nhs_unique_id": "1234567",
    "hired_on": START,
    "terminated_on": date(2026, 12, 31),
    "person_type": "Employee",
    "office_email": "ines@example.org",
    "nhs_started_on": date(2015, 1, 1),
    "last_update": datetime(2026, 11, 1, 23, 30, tzinfo=UTC),
}


@pytest.mark.parametrize("send_ni_number", [False, True])
def test_person_columns_are_minimised(staff: Staff, *, send_ni_number: bool) -> None:
    staff.connection.send_ni_number = send_ni_number
    person = staff.employee("40001", **EVERYTHING)
    (sheet,) = [sheet for key, sheet in picture(staff, person).sheets().items() if key[0] == "PRA"]
    cells = TEMPLATES["PRA"].line(sheet).split("~")
    assert len(cells) == 44
    filled = {index for index, cell in enumerate(cells) if cell}
    expected = {*range(12), 13, 15, 16, 17, 33, 34, 35, 36, 38}
    assert filled == expected | ({14} if send_ni_number else set())
    assert cells[1:4] == ["40001", "20190401", "20270101"]
    assert (cells[6], cells[14], cells[17], cells[33], cells[38]) == (
        "Fernández-Hale", "QQ123456C" if send_ni_number else "", "20261231", "EMP", "20261101",
    )  # fmt: skip


def test_assignment_and_element_columns(staff: Staff) -> None:
    person = staff.person("40001")
    staff.job(
        person, staff_group="Medical and Dental", job_role="Consultant", payroll_period="Calendar", fte="0.8",
        earliest_start=START, effective_end=date(2027, 1, 1), vacancy_id="V1", ended_on=date(2027, 1, 1),
        last_update=datetime(2026, 7, 1, 8, 0, 1, tzinfo=UTC),
    )  # fmt: skip
    staff.element(person, certification_method="e-learning")
    pictured = picture(staff, person)
    assert row(pictured, "ASA") == go.AssignmentRow(
        "40001", "740001", START, date(2027, 1, 1), START, "E", "240001", "ACTIVE_ASSIGN", "Active Assignment", "",
        "277 Monthly", "Calendar", True, "0.8", "5001", "7001", "277|Nurse|7001|",
        "Medical and Dental|Consultant|", None, "V1", datetime(2026, 7, 1, 8, 0, 1, tzinfo=UTC), date(2027, 1, 1),
    )  # fmt: skip
    assert row(pictured, "CMA") == go.ElementRow(
        "40001", "900000000001", "PERSONAL", "ACHIEVED", "NHS|CSTF|Subject 0 - 2 Years|", date(2026, 5, 1),
        date(2028, 4, 30), "1 - Attended", "277", None, "e-learning", None, "900001", None,
    )  # fmt: skip


def test_only_held_national_cstf_elements(staff: Staff) -> None:
    person = staff.employee("40001", elements=1)
    local = Competence.objects.create(
        organisation=staff.organisation, competence_id="1", name="277|LOCAL|Coffee|"
    )
    national = Competence.objects.create(competence_id="2", name="NHS|KSF|Health|")
    staff.element(person, local)
    staff.element(person, national)
    staff.element(person, withdrawn_at=timezone.now())
    assert [key for key in picture(staff, person).sheets() if key[0] == "CMA"] == [("CMA", "900000000001")]


SHOWN = [
    ("EMP", "Employee", {}, "EMP", "Employee"),
    ("EMP", "Employee", {"terminated_on": TODAY}, "EMP", "Employee"),
    ("EMP", "Employee", {"terminated_on": TODAY - DAY}, "EX_EMP", "Ex-employee"),
    ("EX_EMP", "Ex-employee", {"terminated_on": TODAY - DAY}, "EX_EMP", "Ex-employee"),
    ("EX_EMP", "", {"terminated_on": TODAY - DAY}, "EX_EMP", "Ex-employee"),
    ("EMP_APL", "Employee.Applicant", {}, "EMP_APL", "Employee.Applicant"),
    ("EMP_APL", "Employee.Applicant", {"terminated_on": TODAY - DAY}, "APL", "Ex-employee.Applicant"),
    ("EX_EMP_APL", "Ex-employee.Applicant", {}, "APL", "Ex-employee.Applicant"),
    ("EX_EMP_APL", "Ex-employee.Applicant", {"terminated_on": TODAY}, "EMP_APL", "Ex-employee.Applicant"),
]


@pytest.mark.parametrize(("kind", "user_type", "version", "system_shown", "user_shown"), SHOWN)
def test_person_types_shown(
    staff: Staff, kind: str, user_type: str, version: dict[str, Any], system_shown: str, user_shown: str
) -> None:
    person = staff.person("40001", kind, person_type=user_type, **version)
    shown = row(picture(staff, person), "PRA")
    assert (shown.system_person_type, shown.user_person_type) == (system_shown, user_shown)


def test_a_leavers_jobs_as_they_stood_on_the_last_day(staff: Staff) -> None:
    left = TODAY - 5 * DAY
    person = staff.person("40001", terminated_on=left)
    job = staff.job(person, effective_end=left - DAY, status="Active Assignment")
    staff.job_version(job, effective_start=left, effective_end=left, status="Career Break", ended_on=left)
    staff.job_version(job, effective_start=left + DAY, status="Terminate Assignment")
    staff.job(person, "80001", ended_on=left - DAY)
    staff.job(person, "80002", kind="A")
    assert row(picture(staff, person), "ASA").status == "Career Break"


def test_jobs_never_sent_of_a_former_employee_who_applies(staff: Staff) -> None:
    person = staff.person("40001", "EX_EMP_APL", terminated_on=TODAY - 5 * DAY)
    staff.job(person, "80001")
    staff.job(person, "80002", kind="A")
    assert [key for key in picture(staff, person).sheets() if key[0] == "ASA"] == [("ASA", "80002")]


def test_definitions_in_force_or_held_by_somebody_sent(staff: Staff) -> None:
    first, second, third = staff.competences
    Competence.objects.filter(pk__in=(second.pk, third.pk)).update(date_to=TODAY - DAY)
    person, outsider = staff.employee("40001"), staff.person("40002", "OTHER")
    staff.element(person, second)
    staff.element(outsider, third)
    assert [key for _, key in definitions(staff.connection, on=TODAY).sheets()] == [
        first.competence_id,
        second.competence_id,
    ]
    assert len(definitions(staff.connection, on=TODAY - DAY).records) == 3


def test_definition_columns(staff: Staff) -> None:
    one = staff.competences[0]
    one.renewal_frequency, one.renewal_units, one.date_from = 2, "Year", START
    one.last_update = datetime(2026, 1, 1, tzinfo=UTC)
    one.save()
    sheet = definitions(staff.connection, on=TODAY).sheets()["CDA", one.competence_id]
    assert go.read_line(TEMPLATES["CDA"].line(sheet)) == go.CompetenceRow(
        one.competence_id, one.name, "", START, None, "", None, "", "", 2, "Year", "", "", "", one.last_update
    )

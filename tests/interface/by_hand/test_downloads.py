"""A list taken away and uploaded untouched changes nothing, whatever is stored; corrected, what was corrected alone."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from competencies.models import Competence, CompetencyElement, Requirement, SubjectLevel
from interface.by_hand.downloads import NothingToTakeError, TooManyRowsError, take_away
from interface.by_hand.opening import limits
from interface.by_hand.sheets.reading import open_sheet
from interface.by_hand.sheets.row import Kind
from interface.by_hand.tables import TABLES
from interface.models import Connection, Mapping
from people.models import Assignment, AssignmentVersion, AuditEvent, Person, PersonVersion, Position
from people.tenancy import within
from tests.interface.by_hand.desk import Desk

# What a spreadsheet would calculate, marks against that, what it takes for escapes, and blanks around a text.
HOSTILE = [
    "=cmd|' /C calc'!A0", "+44 1", "-2", "@sum(1)", "'=1+1", "''=1", "'quoted'", 'a "b", c', "_x0041_", "＝1",
    "\u00a0Zoë\u00a0Ørsted ", "O’Brien", "007", "1e5", "2026-01-01", "TRUE", "#note", "\u200eÉ",
]  # fmt: skip
OWN = {
    "persons": Person, "assignments": Assignment, "positions": Position, "requirements": Requirement,
    "mappings": Mapping, "competences": Competence, "connections": Connection,
}  # fmt: skip
by_table = pytest.mark.parametrize("table", [slug for slug in TABLES if slug != "completions"])
by_kind = pytest.mark.parametrize("kind", Kind)


@pytest.fixture
def hostile(desk: Desk) -> Desk:
    """Of every table a row for each text that somebody might fear."""
    unit = desk.ours.units.get()
    lms = Connection.objects.get(organisation=desk.ours)
    lms.lms_name, lms.supplier = "=Totara", "+Supplier"
    lms.save()
    for number, text in enumerate(HOSTILE):
        ours: dict[str, Any] = {"organisation": desk.ours}
        person = Person.objects.create(person_id=f"90{number}", **ours)
        PersonVersion.objects.create(
            person=person,
            effective_start=date(2020, 1, 1),
            last_name="before",
            system_person_type="APL",
            **ours,
        )
        PersonVersion.objects.create(
            person=person, effective_start=date(2024, 1, 1), last_name=text, first_name=text, title=text,
            employee_number=f"=0{number}", system_person_type="EMP", date_of_birth=date(1980, 1, 1), **ours,
        )  # fmt: skip
        position = Position.objects.create(
            position_id=f"=P{number}", name=text, unit=unit, job_role=text, **ours
        )
        assignment = Assignment.objects.create(person=person, assignment_id=f"95{number}", **ours)
        AssignmentVersion.objects.create(
            assignment=assignment, effective_start=date(2024, 1, 1), assignment_type="E", position=position,
            unit=unit, status=text, payroll_name=text, fte="-1", is_primary=True, **ours,
        )  # fmt: skip
        name = f"{text.strip()}{number}|LOCAL|x|"
        competence = Competence.objects.create(competence_id=f"+{number}", name=name, version="=2", **ours)
        Requirement.objects.create(scope="job_role", scope_value=text.strip(), competence=competence, **ours)
        Mapping.objects.create(
            connection=lms, course_code=text.strip(), course_version="-1", competence=competence, **ours
        )
    return desk


def taken(desk: Desk, table: str, kind: Kind, **narrowed: Any) -> bytes:
    """The file of all rows of ours, as somebody of ours sees them."""
    file = io.BytesIO()
    with within(desk.ours):
        listed = OWN[table]._default_manager.filter(**narrowed)
        take_away(TABLES[table], listed, of=desk.ours, kind=kind, file=file)
    return file.getvalue()


@by_kind
@by_table
def test_an_untouched_download_changes_nothing(hostile: Desk, table: str, kind: Kind) -> None:
    content = taken(hostile, table, kind)
    upload = hostile.checked(table, content, name=f"rows.{kind}")
    count = 1 if table == "connections" else len(HOSTILE) + (table not in ("requirements", "mappings"))
    assert (upload.problems, upload.counts) == ([], {"unchanged": count})


@by_kind
def test_a_corrected_cell_is_all_that_changes_and_no_apostrophe_is_left(hostile: Desk, kind: Kind) -> None:
    """Twice there and back: marks do not pile up."""
    position = Position.objects.get(position_id="=P0")
    for name in ("=Chief", "'=Chief"):
        content = taken(hostile, "positions", Kind.CSV, position_id="=P0").decode("utf-8-sig")
        assert content.count("'=P0") == 1
        assert "''" not in content
        marked = content.replace(
            f",'{HOSTILE[0]}," if position.name == HOSTILE[0] else ",'=Chief,", f",'{name},", 1
        )
        upload = hostile.applied("positions", marked)
        assert upload.counts == {"changed": 1}
        position.refresh_from_db()
        assert (position.position_id, position.name) == ("=P0", name)


@by_kind
def test_nothing_in_a_file_begins_as_a_formula(hostile: Desk, kind: Kind) -> None:
    content = taken(hostile, "persons", kind)
    if kind is Kind.CSV:
        cells = [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row]
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        assert sheet is not None
        rows = list(sheet.iter_rows())
        assert {cell.data_type for row in rows for cell in row if cell.value is not None} <= {
            "s",
            "inlineStr",
        }
        cells = [str(cell.value or "") for row in rows for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))]


def test_of_each_person_the_version_that_rules(desk: Desk) -> None:
    person = Person.objects.get(person_id="2771")
    for start, name in ((date(2020, 1, 1), "Before"), (date(2999, 1, 1), "Later")):
        PersonVersion.objects.create(
            organisation=desk.ours,
            person=person,
            effective_start=start,
            last_name=name,
            system_person_type="EMP",
        )
    starter = Person.objects.create(organisation=desk.ours, person_id="2772")
    PersonVersion.objects.create(
        organisation=desk.ours, person=starter, effective_start=date(2999, 1, 1), last_name="Starter",
        system_person_type="APL",
    )  # fmt: skip
    gone = Person.objects.create(organisation=desk.ours, person_id="2773", removed_at=timezone.now())
    PersonVersion.objects.create(
        organisation=desk.ours, person=gone, effective_start=date(2020, 1, 1), last_name="Gone",
        system_person_type="EMP",
    )  # fmt: skip
    sheet = open_sheet(io.BytesIO(taken(desk, "persons", Kind.CSV)), "a.csv", limits())
    assert [row.values[6] for row in sheet.rows] == ["Achebe", "Starter"]


def test_what_is_taken_away_is_in_the_audit(desk: Desk) -> None:
    taken(desk, "persons", Kind.XLSX)
    event = AuditEvent.objects.get(verb="exported")
    told = json.loads(event.after)
    assert (event.organisation_id, event.record_type, told["rows"]) == (desk.ours.pk, "people.person", 1)
    assert told["what"] == "persons.xlsx"


def test_more_than_an_upload_may_have_is_not_taken(hostile: Desk, settings: Settings) -> None:
    settings.UPLOAD_MAX_ROWS = 3
    with pytest.raises(TooManyRowsError, match="3"):
        taken(hostile, "persons", Kind.CSV)
    with pytest.raises(NothingToTakeError):
        taken(hostile, "persons", Kind.CSV, person_id="nobody")
    assert not AuditEvent.objects.filter(verb="exported").exists()


def test_no_row_is_another_organisation_s(desk: Desk) -> None:
    file = io.BytesIO()
    with within(desk.ours, desk.theirs):
        take_away(TABLES["persons"], Person.objects.all(), of=desk.ours, kind=Kind.CSV, file=file)
    assert b"2771" in file.getvalue()
    assert b"278" not in file.getvalue()


def test_rows_cost_no_question_each(hostile: Desk, django_assert_max_num_queries: Any) -> None:
    for table in OWN:
        with django_assert_max_num_queries(12):
            taken(hostile, table, Kind.CSV)


# --- Completions --------------------------------------------------------------------------------------

HEADER = "person_id,last_name,date_of_birth,competence_id,course_code,completion_date,reference,proficiency_level\n"
ROWS = (
    "2771,Achebe,1980-02-29,,FIRE,2026-03-01,,=1\n2771,Achebe,1980-02-29,F1,,2025-03-01,+ref,\n"
    "2771,Achebe,1980-02-29,F1,,2024-03-01,later,\n"
)


def completions(lms: Connection) -> bytes:
    file = io.BytesIO()
    with within(lms.organisation):
        take_away(TABLES["completions"], CompetencyElement.objects.all(), of=lms, kind=Kind.CSV, file=file)
    return file.getvalue()


def test_completions_come_back_as_they_were_uploaded_last(desk: Desk, exchange_root: Path) -> None:
    lms = Connection.objects.get(organisation=desk.ours)
    fire = Competence.objects.create(
        competence_id="F1", name="NHS|CSTF|Fire|", subject_level=SubjectLevel.objects.first()
    )
    Mapping.objects.create(organisation=desk.ours, connection=lms, course_code="FIRE", competence=fire)
    CompetencyElement.objects.create(
        organisation=desk.ours, element_id="1", person=Person.objects.get(person_id="2771"), competence=fire,
        date_from=date(2020, 1, 1), source="GO",
    )  # fmt: skip
    desk.applied("completions", HEADER + ROWS, connection=lms)
    content = completions(lms)
    assert len(content.splitlines()) == 4
    upload = desk.checked("completions", content, connection=lms)
    assert upload.counts == {"unchanged": 3, "codes": {"I102": 3}}
    corrected = content.replace(b"2024-03-01", b"2023-03-01")
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        upload = desk.applied("completions", corrected, connection=lms)
    assert (upload.counts["unchanged"], upload.counts["changed"]) == (2, 1)
    assert desk.checked("completions", completions(lms), connection=lms).counts["unchanged"] == 3

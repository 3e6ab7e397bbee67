"""Each table: rows that are right are stored, unchanged ones left alone, and whatever is wrong says where and why."""

from __future__ import annotations

import io

import pytest

from competencies.models import Competence, Requirement
from interface.by_hand.opening import limits
from interface.by_hand.sheets.reading import open_sheet
from interface.by_hand.sheets.row import Kind, SheetRefusedError
from interface.by_hand.tables import TABLES
from interface.by_hand.templates import write_template
from interface.models import Connection, Mapping
from people.models import AssignmentVersion, Person, PersonVersion, Position
from tests.interface.by_hand.desk import Desk, told

PERSONS = "vpd,person_id,effective_start,last_name,system_person_type,employee_number\n"
ASSIGNMENTS = (
    "vpd,assignment_id,person_id,employee_number,effective_start,assignment_type,position_id,unit_id\n"
)

# Table, content, counts.
GOOD = [
    (
        "persons",
        PERSONS
        + "277,2771,2024-01-01,Achebe-Jones,EMP,27700001\n"  # amends
        + "277,,2026-05-01,Jones,EMP,27700001\n"  # by number: a version more
        + "277,2772,2026-01-01,O'Brien,APL,\n"  # somebody new
        + "277,2772,2026-03-01,O'Brien,EMP,27700002\n",
        {"added": 3, "changed": 1},
    ),
    (
        "assignments",
        ASSIGNMENTS
        + "277,27771,,,2024-01-01,E,27710,2775\n"  # amends
        + "277,27772,2771,,2026-01-01,A,27710,\n"
        + "277,27773,,27700001,2026-01-01,E,,\n",
        {"added": 2, "changed": 1},
    ),
    (
        "positions",
        "vpd,position_id,name,unit_id\n277,27710,Nurse,2775\n277,27711,Porter,\n277,27712,=Chief,2775\n",
        {"added": 2, "unchanged": 1},
    ),
    (
        "requirements",
        "vpd,scope,scope_value,competence_name\n277,organisation,,277|LOCAL|Hoists|\n"
        "277,job_role,Porter,277|LOCAL|Hoists|\n",
        {"added": 2},
    ),
    (
        "mappings",
        "vpd,connection,course_code,course_version,competence_name,expiry\n"
        "277,LMS277,HOIST,,277|LOCAL|Hoists|,lms\n277,LMS277,HOIST,2,277|LOCAL|Hoists|,\n",
        {"added": 2},
    ),
    (
        "competences",
        "vpd,competence_id,name,renewal_frequency,renewal_units\n277,2779,277|LOCAL|Hoists|,2,Year\n"
        "277,2780,277|LOCAL|Slings|,,\n",
        {"added": 1, "changed": 1},
    ),
    ("connections", "vpd,code,lms_name\n277,LMS277,Moodle\n277,NEW,Kallidus\n", {"added": 1, "changed": 1}),
]  # fmt: skip

# Table, content, what is told.
BAD = [
    ("persons", PERSONS + "278,2781,2024-01-01,X,EMP,\n", "2 vpd: no organisation has the VPD “278”"),
    ("persons", PERSONS + "277,,2024-01-01,X,EMP,27800001\n", "2 employee_number: nobody has the number"),
    ("persons", PERSONS + "277,,2024-01-01,X,EMP,\n", "2 person_id: is missing, and so is employee_number"),
    ("persons", PERSONS + "277,9,yesterday,X,EMP,\n", "2 effective_start: “yesterday” is not a real date"),
    ("persons", PERSONS + "277,9,2024-01-01,X,STAFF,\n", "2 system_person_type: “STAFF” is not one of EMP"),
    ("persons", PERSONS + "277,9,2024-01-01,,EMP,\n", "2 last_name: is missing"),
    ("persons", PERSONS + "277,9,2024-01-01,a~b,EMP,\n", "2 last_name: “a~b” holds ~"),
    ("persons", PERSONS + f"277,9,2024-01-01,{'x' * 151},EMP,\n", "2 last_name: Ensure this value has at most"),
    ("persons", PERSONS + f"277,{'9' * 21},2024-01-01,x,EMP,\n", "2 person_id: Ensure this value has at most 20"),
    (
        "persons",
        PERSONS + "277,9,2024-01-01,X,EMP,\n277,9,2024-01-01,Y,EMP,\n",
        "3 : the same person_id, effective_start as in line 2: keep one of the two",
    ),
    (
        "persons",
        "vpd,person_id,effective_start,effective_end,last_name,system_person_type\n"
        "277,9,2024-01-01,2023-12-31,X,EMP\n",
        "2 effective_end: lies before effective_start",
    ),
    ("assignments", ASSIGNMENTS + "277,1,2781,,2026-01-01,E,,\n", "2 person_id: there is no person “2781”"),
    ("assignments", ASSIGNMENTS + "277,1,2771,,2026-01-01,E,27810,\n", "2 position_id: organisation “277” has no"),
    ("assignments", ASSIGNMENTS + "277,1,2771,,2026-01-01,E,,2785\n", "2 unit_id: organisation “277” has no"),
    ("assignments", ASSIGNMENTS + "277,27871,,,2026-01-01,E,,\n", "2 assignment_id: “27871” is new"),
    ("assignments", ASSIGNMENTS + "278,27871,,,2026-01-01,E,,\n", "2 vpd: no organisation has the VPD “278”"),
    ("positions", "vpd,position_id,name\n278,27810,X\n", "2 vpd: no organisation has the VPD “278”"),
    ("positions", "vpd,position_id,name,unit_id\n277,1,X,2785\n", "2 unit_id: organisation “277” has no"),
    (
        "requirements",
        "vpd,scope,scope_value,competence_name\n277,organisation,Porter,277|LOCAL|Hoists|\n",
        "2 scope_value: “organisation” takes no scope_value",
    ),
    (
        "requirements",
        "vpd,scope,scope_value,competence_name\n277,organisation,,278|LOCAL|Hoists|\n",
        "2 competence_name: no competence is called “278|LOCAL|Hoists|”",
    ),
    (
        "mappings",
        "vpd,connection,course_code,course_version,competence_name\n277,LMS278,A,,277|LOCAL|Hoists|\n",
        "2 connection: organisation “277” has no connection “LMS278”",
    ),
    ("competences", "vpd,competence_id,name\n,1,NHS|X|\n", "2 vpd: is missing: national competences"),
    ("competences", "vpd,competence_id,name\n278,2789,X\n", "2 vpd: no organisation has the VPD “278”"),
    ("connections", "vpd,code,lms_name\n277,low,Moodle\n", "2 code: Capital letters"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "content", "counts"), GOOD, ids=[one[0] for one in GOOD])
def test_rows_that_are_right_are_stored_once(
    desk: Desk, table: str, content: str, counts: dict[str, int]
) -> None:
    upload = desk.applied(table, content)
    assert (upload.state, upload.counts) == ("applied", counts), told(upload)
    again = desk.applied(table, content)
    assert (again.state, again.counts) == ("applied", {"unchanged": sum(counts.values())}), again.changes


@pytest.mark.parametrize(("table", "content", "sentence"), BAD)
def test_a_row_that_is_wrong_says_where_and_why(desk: Desk, table: str, content: str, sentence: str) -> None:
    upload = desk.checked(table, content)
    assert upload.state == "checked"
    assert any(one.startswith(sentence) for one in told(upload)), told(upload)


def test_persons_are_stored_with_their_versions(desk: Desk) -> None:
    desk.applied("persons", GOOD[0][1])
    new = Person.objects.get(organisation=desk.ours, person_id="2772")
    assert [(one.last_name, one.system_person_type) for one in new.versions.all()] == [
        ("O'Brien", "APL"),
        ("O'Brien", "EMP"),
    ]
    amended = PersonVersion.objects.get(person__person_id="2771", effective_start="2024-01-01")
    assert (amended.last_name, amended.first_name) == ("Achebe-Jones", "Ngozi")
    assert amended.last_update is not None


def test_the_other_tables_are_stored(desk: Desk) -> None:
    for table, content, _ in GOOD[1:]:
        desk.applied(table, content)
    version = AssignmentVersion.objects.get(assignment__assignment_id="27771")
    assert str(version.unit) == "Ward 5"
    assert AssignmentVersion.objects.filter(assignment__person__person_id="2771").count() == 3
    assert Position.objects.get(position_id="27712").name == "=Chief"
    assert Requirement.objects.filter(organisation=desk.ours).count() == 2
    assert Mapping.objects.get(course_code="HOIST", course_version="").expiry == "lms"
    assert Competence.objects.get(competence_id="2779").renewal_frequency == 2
    assert Connection.objects.get(organisation=desk.ours, code="LMS277").lms_name == "Moodle"


def test_whoever_esr_deleted_is_left_alone(desk: Desk) -> None:
    Person.objects.filter(person_id="2771").update(removed_at="2026-01-01T00:00Z")
    upload = desk.checked("persons", PERSONS + "277,2771,2024-01-01,X,EMP,\n")
    assert "was deleted in ESR" in told(upload)[0]


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("slug", TABLES)
def test_a_template_has_the_columns_and_no_rows(slug: str, kind: Kind) -> None:
    content, table = io.BytesIO(), TABLES[slug]
    write_template(table, kind, content)
    sheet = open_sheet(io.BytesIO(content.getvalue()), f"{slug}.{kind}", limits())
    assert sheet.headers == [name for name, _, _ in table.columns()]
    with pytest.raises(SheetRefusedError, match="no rows"):
        list(sheet.rows)

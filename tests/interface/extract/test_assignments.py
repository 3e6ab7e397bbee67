"""ASA, ASD and the places that assignments are in."""

from datetime import UTC, date, datetime

import pytest

from people.models import Application, Assignment, AssignmentVersion, OrganisationUnit, Position
from tests.interface.extract.extracts import MONDAY, TUESDAY, WEDNESDAY, Read, record

pytestmark = pytest.mark.django_db
PERSON = record("PRA")


def test_a_row_is_kept_column_by_column(read: Read) -> None:
    read(
        PERSON,
        record(
            "ASA", c4="20301231", c5="20190401", c7="100-2", c8="ACTIVE_ASSIGN", c10="Flag", c11="901 Monthly",
            c12="Calendar", c25="0.8", c27="9001", c28="7001", c29="901|Porter|001|", c34="Estates|Porter|",
            c38="20270101", c39="V1", c48="20290101",
        ),
    )  # fmt: skip
    version = AssignmentVersion.objects.select_related("unit", "position", "assignment__person").get()
    assert (version.assignment.assignment_id, version.assignment.person.person_id) == ("11", "1")
    assert (version.effective_start, version.effective_end) == (date(2020, 1, 1), date(2030, 12, 31))
    assert (version.earliest_start, version.ended_on) == (date(2019, 4, 1), date(2029, 1, 1))
    assert (version.assignment_type, version.assignment_number) == ("E", "100-2")
    assert (version.system_status, version.status) == ("ACTIVE_ASSIGN", "Active Assignment")
    assert (version.employee_status_flag, version.payroll_name) == ("Flag", "901 Monthly")
    assert (version.payroll_period, version.is_primary, version.fte) == ("Calendar", True, "0.8")
    assert (version.staff_group, version.job_role) == ("Estates", "Porter")
    assert (version.projected_hire_on, version.vacancy_id) == (date(2027, 1, 1), "V1")
    assert version.unit is not None
    assert version.unit.unit_id == "9001"
    assert version.position is not None
    assert (version.position.position_id, version.position.name) == ("7001", "901|Porter|001|")
    assert version.last_update == datetime(2026, 11, 1, 9, tzinfo=UTC)


def test_an_assignment_may_stand_before_its_person(read: Read) -> None:
    assert read(record("ASA"), PERSON).rejected == []
    assert Assignment.objects.get().person.person_id == "1"


def test_an_application_becomes_a_job_under_the_same_id(read: Read) -> None:
    read(
        PERSON,
        record("ASA", c4="20261231", c6="A", c9="Offered Post Conditional"),
        record("ASA", c2="11", c3="20270101"),
    )
    assert Application.objects.get().assignment_id == "11"
    current = AssignmentVersion.objects.current(on=date(2026, 12, 31))
    assert [one.status for one in current.offers()] == ["Offered Post Conditional"]
    assert AssignmentVersion.objects.current(on=date(2027, 1, 1)).jobs().count() == 1


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"c1": "2"}, "Person ID", "is not known"),
        ({"c6": "B"}, "Assignment Type", "is not E or A"),
        ({"c6": ""}, "Assignment Type", "is not E or A"),
        ({"c4": "20191231"}, "Effective End Date", "lies before the Effective Start Date"),
        ({"c34": "G" * 101 + "|R|"}, "Job Name", "has a part longer than 100 characters"),
    ],
)
def test_a_row_that_cannot_be_kept_is_rejected(
    read: Read, cells: dict[str, str], column: str, reason: str
) -> None:
    answer = read(PERSON, record("ASA", **cells), record("ASA", c2="12"))
    assert answer.rejected == [(3, column, reason)]
    assert [one.assignment_id for one in Assignment.objects.all()] == ["12"]


def test_stale_never_overwrites_newer(read: Read) -> None:
    read(PERSON, record("ASA", c11="Newer"))
    answer = read(record("ASA", c11="Older", c44="20261101 085959"), created=TUESDAY)
    assert answer.counts("ASA") == {"stale": 1}
    assert AssignmentVersion.objects.get().payroll_name == "Newer"


def test_a_deleted_assignment_is_marked_kept_and_brought_back(read: Read) -> None:
    read(PERSON, record("ASA"))
    assert read("ASD~11", "ASD~12", created=TUESDAY).counts("ASD") == {"removed": 1, "not held": 1}
    assert Assignment.objects.get().removed_at == datetime(2026, 11, 3, 7, tzinfo=UTC)
    assert not AssignmentVersion.objects.current(on=date(2026, 11, 3)).exists()
    assert read("ASD~11", created=TUESDAY).counts("ASD") == {"unchanged": 1}
    assert read(record("ASA"), created=MONDAY).counts("ASA") == {"stale": 1}
    assert read(record("ASA"), created=WEDNESDAY).counts("ASA") == {"amended": 1}
    assert Assignment.objects.get().removed_at is None


def test_an_assignment_follows_its_person_in_a_merge(read: Read) -> None:
    read(PERSON, record("PRA", c1="2"), record("ASA"))
    read(record("ASA", c1="2", c44="20261103 010000"), created=TUESDAY)
    assert Assignment.objects.get().person.person_id == "2"
    read(record("ASA", c1="1"), created=MONDAY)
    assert Assignment.objects.get().person.person_id == "2"


def test_positions_and_units_come_from_their_own_records(read: Read) -> None:
    answer = read(record("POA"), record("ORA"), PERSON, record("ASA", c27="9002", c28="7001", c29="Other"))
    assert (answer.counts("POA"), answer.counts("ORA")) == ({"added": 1}, {"added": 1})
    position = Position.objects.select_related("unit").get()
    assert (position.name, position.staff_group, position.job_role) == ("Porter", "Estates", "Porter")
    assert position.unit is not None
    assert position.unit.name == "Ward 1"
    assert set(OrganisationUnit.objects.values_list("unit_id", "name")) == {("9001", "Ward 1"), ("9002", "")}


def test_a_position_seen_on_an_assignment_learns_from_its_record(read: Read) -> None:
    read(PERSON, record("ASA", c27="9001", c28="7001", c29="Seen", c34="Group|Role|"))
    position = Position.objects.get()
    assert (position.name, position.staff_group, position.job_role) == ("Seen", "Group", "Role")
    assert read(record("POA", c5=""), record("ORA")).counts("POA") == {"amended": 1}
    position.refresh_from_db()
    assert (position.name, position.staff_group) == ("Seen", "Estates")
    assert OrganisationUnit.objects.get().name == "Ward 1"


def test_of_several_rows_of_a_position_the_one_in_effect_stands(read: Read) -> None:
    lines = [
        record("POA", c2="20200101", c3="20201231", c5="Past"),
        record("POA", c2="20210101", c5="Present"),
        record("POA", c2="20270101", c5="Future"),
    ]
    assert read(*lines).counts("POA") == {"added": 1, "amended": 1, "skipped": 1}
    assert Position.objects.get().name == "Present"
    assert read(*lines).counts("POA") == {"skipped": 2, "unchanged": 1}


def test_deletions_of_positions_units_and_locations_are_skipped(read: Read) -> None:
    read(record("POA"), record("ORA"))
    answer = read("POD~7001", "ORD~9001", "LCD~1", record("LCA"), "XYA~what~ever")
    assert all(answer.counts(kind) == {"skipped": 1} for kind in ("POD", "ORD", "LCD", "LCA", "XYA"))
    assert Position.objects.count() == OrganisationUnit.objects.count() == 1

"""PRA and PRD: date-effective versions, the newest of which stands, and people who go and come back."""

from datetime import UTC, date, datetime
from itertools import permutations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from people.models import Person, PersonVersion
from tests.interface.extract.extracts import MONDAY, TUESDAY, WEDNESDAY, Read, record

pytestmark = pytest.mark.django_db


def person() -> Person:
    return Person.objects.get(person_id="1")


def name(on: date) -> str:
    version = person().version(on=on)
    return version.last_name if version else ""


def test_a_row_is_kept_column_by_column(read: Read) -> None:
    read(
        record(
            "PRA", c3="20301231", c5="Dr.", c6="Fernández-Hale", c7="Inés", c8="Maria", c9="Hale", c10="Ines",
            c11="Fernández", c14="QQ123456C", c15="1234567", c16="20190401", c17="20290101", c18="Retired",
            c22="A", c35="ines@example.org", c36="20180101",
        )
    )  # fmt: skip
    version = PersonVersion.objects.get()
    assert (version.effective_start, version.effective_end) == (date(2020, 1, 1), date(2030, 12, 31))
    assert (version.employee_number, version.title, version.last_name) == ("100", "Dr.", "Fernández-Hale")
    assert (version.first_name, version.middle_names, version.maiden_name) == ("Inés", "Maria", "Hale")
    assert (version.preferred_name, version.previous_last_name) == ("Ines", "Fernández")
    assert (version.date_of_birth, version.ni_number) == (date(1987, 4, 12), "QQ123456C")
    assert (version.nhs_unique_id, version.office_email) == ("1234567", "ines@example.org")
    assert (version.hired_on, version.terminated_on) == (date(2019, 4, 1), date(2029, 1, 1))
    assert (version.nhs_started_on, version.person_type) == (date(2018, 1, 1), "Employee")
    assert version.last_update == datetime(2026, 11, 1, tzinfo=UTC)


def test_every_version_is_kept_and_a_future_one_waits_for_its_day(read: Read) -> None:
    answer = read(
        record("PRA", c3="20261231", c6="Achebe"),
        record("PRA", c2="20270101", c6="Okafor"),
    )
    assert answer.counts("PRA") == {"added": 2}
    assert Person.objects.count() == 1
    assert name(date(2026, 12, 31)) == "Achebe"
    assert name(date(2027, 1, 1)) == "Okafor"


def test_only_the_version_of_the_same_start_is_replaced(read: Read) -> None:
    read(record("PRA", c6="Achebe"), record("PRA", c2="20270101", c6="Okafor"))
    answer = read(record("PRA", c6="Adeyemi", c38="20261102"), created=TUESDAY)
    assert answer.counts("PRA") == {"amended": 1}
    assert (name(date(2026, 1, 1)), name(date(2027, 1, 1))) == ("Adeyemi", "Okafor")


def test_stale_never_overwrites_newer(read: Read) -> None:
    read(record("PRA", c6="Newer", c38="20261101 120000"))
    answer = read(record("PRA", c6="Older", c38="20261101"), created=TUESDAY)
    assert answer.counts("PRA") == {"stale": 1}
    assert name(date(2026, 1, 1)) == "Newer"


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_any_order_of_versions_ends_the_same(read: Read, order: tuple[int, ...]) -> None:
    versions = [("First", "20261030"), ("Second", "20261031"), ("First", "20261101")]
    for index in order:
        last_name, updated = versions[index]
        read(record("PRA", c6=last_name, c38=updated))
    assert name(date(2026, 1, 1)) == "First"


def test_within_one_file_the_newest_line_stands(read: Read) -> None:
    answer = read(
        record("PRA", c6="Newer", c38="20261101"),
        record("PRA", c6="Older", c38="20261031"),
        record("PRA", c6="Newest", c38="20261101"),
    )
    assert answer.counts("PRA") == {"added": 1, "stale": 1, "amended": 1}
    assert name(date(2026, 1, 1)) == "Newest"


def test_without_last_update_a_row_is_as_old_as_its_file(read: Read) -> None:
    read(record("PRA", c6="First", c38=""), created=TUESDAY)
    assert read(record("PRA", c6="Older", c38=""), created=MONDAY).counts("PRA") == {"stale": 1}
    assert read(record("PRA", c6="Newer", c38=""), created=WEDNESDAY).counts("PRA") == {"amended": 1}


def test_the_same_rows_again_touch_nothing(read: Read) -> None:
    lines = [
        record("PRA"),
        record("ASA", c28="7001", c29="Porter"),
        record("CDA"),
        record("CMA", c13="5"),
        record("POA"),
        record("ORA"),
    ]
    read(*lines)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = read(*lines)
    assert {kind: answer.counts(kind) for kind in WRITTEN} == {kind: {"unchanged": 1} for kind in WRITTEN}
    written = [one["sql"] for one in queries if one["sql"].startswith(("INSERT", "UPDATE", "DELETE", "COPY"))]
    # That the file was loaded is an event of the audit, whatever it changed.
    written = [sql for sql in written if '"people_audit' not in sql]
    assert written == []


WRITTEN = ("PRA", "ASA", "CDA", "CMA", "POA", "ORA")


@pytest.mark.parametrize(
    ("system_type", "user_type", "code"),
    [
        ("EMP", "Employee", "EMP"),
        ("Emp_Apl", "Employee.Applicant", "EMP_APL"),
        ("APL", "Applicant", "APL"),
        ("EX_EMP", "Ex-employee", "EX_EMP"),
        ("Ex-Emp-Apl", "Ex-employee.Applicant", "EX_EMP_APL"),
        ("ex_apl", "Ex-applicant", "EX_APL"),
        ("", "EMPLOYEE", "EMP"),
        ("CWK", "Agency", "OTHER"),
        ("", "", "OTHER"),
    ],
)
def test_person_types_are_known_however_they_are_spelled(
    read: Read, system_type: str, user_type: str, code: str
) -> None:
    read(record("PRA", c33=system_type, c34=user_type))
    version = PersonVersion.objects.get()
    assert (version.system_person_type, version.person_type) == (code, user_type)


def test_a_person_deleted_at_the_source_is_marked_and_kept(read: Read) -> None:
    read(record("PRA"))
    assert read("PRD~1", "PRD~2", created=TUESDAY).counts("PRD") == {"removed": 1, "not held": 1}
    assert person().removed_at == datetime(2026, 11, 3, 7, tzinfo=UTC)
    assert PersonVersion.objects.count() == 1
    assert read("PRD~1", created=TUESDAY).counts("PRD") == {"unchanged": 1}


def test_a_person_who_comes_again_is_back(read: Read) -> None:
    read(record("PRA"))
    read("PRD~1", created=TUESDAY)
    assert read(record("PRA"), created=WEDNESDAY).counts("PRA") == {"amended": 1}
    assert person().removed_at is None


def test_the_file_from_before_the_deletion_does_not_bring_anybody_back(read: Read) -> None:
    read(record("PRA"))
    read("PRD~1", created=TUESDAY)
    assert read(record("PRA"), created=MONDAY).counts("PRA") == {"stale": 1}
    assert person().removed_at is not None


def test_a_deletion_older_than_the_record_is_stale(read: Read) -> None:
    read(record("PRA", c38="20261103 120000"), created=WEDNESDAY)
    assert read("PRD~1", created=TUESDAY).counts("PRD") == {"stale": 1}
    assert person().removed_at is None


def test_within_one_file_the_order_of_deletion_and_return_counts(read: Read) -> None:
    read(record("PRA"))
    read("PRD~1", record("PRA"), created=TUESDAY)
    assert person().removed_at is None
    read(record("PRA"), "PRD~1", created=WEDNESDAY)
    assert person().removed_at is not None


def test_an_end_before_the_start_is_rejected(read: Read) -> None:
    answer = read(record("PRA", c3="20191231"))
    assert answer.rejected == [(2, "Effective End Date", "lies before the Effective Start Date")]
    assert not Person.objects.exists()

"""An upload that touches a large share of the people: not without a reason, in the foreground or the background."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from competencies.models import Competence, SubjectLevel
from interface.by_hand import actions, work
from interface.by_hand.guard import asks_for_reason
from interface.models import Connection, Mapping, Upload
from people.models import Assignment, AssignmentVersion, AuditEvent, Person, PersonVersion, Position
from tests.interface.by_hand.desk import Desk

PERSONS = "vpd,person_id,effective_start,last_name,system_person_type,terminated_on\n"
ASSIGNMENTS = "vpd,assignment_id,person_id,effective_start,assignment_type,status,ended_on\n"
START = date(2024, 1, 1)


@pytest.fixture(autouse=True)
def shares(settings: Settings) -> None:
    settings.GUARD_CHANGED_SHARE, settings.GUARD_DELETED_SHARE = 0.3, 0.05
    settings.GUARD_MINIMUM_PEOPLE = 2


@pytest.fixture
def crowd(desk: Desk) -> Desk:
    """Twenty people at one position."""
    position = Position.objects.get(organisation=desk.ours)
    for number in range(2, 21):
        person = Person.objects.create(organisation=desk.ours, person_id=f"277{number}")
        PersonVersion.objects.create(
            organisation=desk.ours, person=person, effective_start=START, last_name="Achebe",
            employee_number=f"277{number:05}", system_person_type="EMP", date_of_birth=date(1980, 1, 1),
        )  # fmt: skip
        assignment = Assignment.objects.create(
            organisation=desk.ours, person=person, assignment_id=f"2777{number}"
        )
        AssignmentVersion.objects.create(
            organisation=desk.ours, assignment=assignment, effective_start=START, assignment_type="E",
            status="Active Assignment", position=position if number < 10 else None,
        )  # fmt: skip
    return desk


def people(count: int, *, start: str = "2024-01-01", last_name: str = "Okafor", rest: str = "EMP,") -> str:
    return PERSONS + "".join(
        f"277,277{number},{start},{last_name},{rest}\n" for number in range(2, 2 + count)
    )


def jobs(count: int, ended_on: str = "") -> str:
    rows = (f"277,2777{one},277{one},2024-01-01,E,Career Break,{ended_on}\n" for one in range(2, 2 + count))
    return ASSIGNMENTS + "".join(rows)


def touched(upload: Upload) -> tuple[int, int, int]:
    return upload.population, upload.people_changed, upload.people_ended


@pytest.mark.once
@pytest.mark.parametrize(
    ("table", "content", "wanted", "asks"),
    [
        ("persons", people(6), (20, 6, 0), False),
        ("persons", people(7), (20, 7, 0), True),
        ("persons", people(7, start="2026-01-01"), (20, 7, 0), True),
        ("persons", people(7, last_name="Achebe"), (20, 0, 0), False),
        ("persons", people(1, rest="EMP,2026-11-30"), (20, 0, 1), False),
        ("persons", people(2, rest="EMP,2026-11-30"), (20, 0, 2), True),
        ("persons", people(2, start="2026-01-01", rest="EX_EMP,"), (20, 0, 2), True),
        ("assignments", jobs(7), (20, 7, 0), True),
        ("assignments", jobs(2, "2026-11-30"), (20, 0, 2), True),
        ("positions", "vpd,position_id,name\n277,27710,Sister\n", (20, 9, 0), True),
        ("positions", "vpd,position_id,name\n277,27711,Porter\n", (20, 0, 0), False),
    ],
)
def test_whom_a_table_touches(
    crowd: Desk, table: str, content: str, wanted: tuple[int, int, int], asks: bool
) -> None:
    upload = crowd.checked(table, content)
    assert touched(upload) == wanted
    assert asks_for_reason(upload) is asks


def test_newcomers_and_who_has_left_already_do_not_count(crowd: Desk) -> None:
    PersonVersion.objects.filter(person__person_id__in=("2772", "2773")).update(
        terminated_on=date(2026, 1, 31)
    )
    again = PERSONS + "277,2772,2024-01-01,Okafor,EX_EMP,2026-01-31\n277,2773,2026-02-01,Okafor,EX_EMP,\n"
    assert touched(crowd.checked("persons", again)) == (20, 2, 0)
    new = PERSONS + "".join(
        f"277,99{one},2026-01-01,New,EMP,\n277,99{one},2026-02-01,New,EMP,\n" for one in range(9)
    )
    assert touched(crowd.checked("persons", new)) == (20, 0, 0)


def test_it_is_applied_with_a_reason_and_not_without(crowd: Desk) -> None:
    upload = crowd.checked("persons", people(7))
    with pytest.raises(actions.UploadNeedsReasonError):
        actions.confirm(upload, outcome=upload.outcome, by=upload.user, reason=" ")
    actions.confirm(upload, outcome=upload.outcome, by=upload.user, reason="a merger")
    actions.apply(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.reason) == ("applied", "a merger")
    assert PersonVersion.objects.filter(last_name="Okafor").count() == 7
    assert AuditEvent.objects.get(verb="uploaded").reason == "a merger"


def test_a_small_one_needs_none(crowd: Desk) -> None:
    assert crowd.applied("persons", people(6)).state == "applied"


def test_one_that_has_become_a_mass_change_meanwhile_is_shown_anew(crowd: Desk, settings: Settings) -> None:
    upload = crowd.checked("persons", people(6))
    actions.confirm(upload, outcome=upload.outcome, by=upload.user)
    Person.objects.filter(person_id__in=[f"277{one}" for one in range(16, 21)]).delete()
    actions.apply(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.message, touched(upload)) == ("checked", work.STALE, (15, 6, 0))
    assert asks_for_reason(upload)
    assert not PersonVersion.objects.filter(last_name="Okafor").exists()


def test_a_reason_is_for_the_preview_that_it_was_given_for(crowd: Desk) -> None:
    upload = crowd.checked("persons", people(7))
    actions.confirm(upload, outcome=upload.outcome, by=upload.user, reason="a merger")
    PersonVersion.objects.filter(person__person_id="2772").update(last_name="Matron")
    actions.apply(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.message, upload.reason) == ("checked", work.STALE, "")


def test_completions_that_only_add_touch_nobody_and_those_that_amend_do(
    crowd: Desk, exchange_root: Path
) -> None:
    lms = Connection.objects.get(organisation=crowd.ours)
    competence = Competence.objects.create(
        competence_id="F1", name="NHS|CSTF|Fire|", subject_level=SubjectLevel.objects.first()
    )
    Mapping.objects.create(
        organisation=crowd.ours, connection=lms, course_code="HOIST", competence=competence
    )
    header = "person_id,last_name,date_of_birth,course_code,completion_date,reference\n"

    def rows(day: str) -> str:
        return header + "".join(f"277{one},Achebe,1980-01-01,HOIST,{day},R{one}\n" for one in range(2, 12))

    first = crowd.applied("completions", rows("2026-01-10"), connection=lms)
    assert (first.counts["added"], touched(first)) == (10, (20, 0, 0))
    # The wire has whole seconds: of two in one, neither is newer.
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        second = crowd.checked("completions", rows("2026-02-10"), connection=lms)
    assert (second.counts["changed"], touched(second)) == (10, (20, 10, 0))
    assert asks_for_reason(second)

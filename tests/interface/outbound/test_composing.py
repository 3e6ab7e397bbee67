"""What is sent, in which order, as people come, change, leave and are deleted."""

import random
from datetime import date
from typing import Any

import pytest
from django.db import connection as database
from django.utils import timezone

from competencies.models import Competence, CompetencyElement
from interface.models import Connection, OutboundKind, SentPicture
from interface.outbound.actions import (
    send_full_file,
)
from people.models import Person, PersonVersion
from tests.interface.outbound.staff import DAY, TODAY, Holder, Staff, ledger, night, out, types


def test_the_first_file_is_full_and_in_order(staff: Staff) -> None:
    for person_id in ("100", "99", "A1"):
        staff.employee(person_id)
    holder = Person.objects.get(person_id="99")
    staff.element(holder, element_id="1000")
    staff.element(holder, element_id="999")
    file = night(staff)
    assert file is not None
    assert (file.kind, file.number, file.records) == (OutboundKind.FULL, 1, 11)
    assert file.counts == {"ASA": 3, "CDA": 3, "CMA": 2, "PRA": 3}
    assert types(file) == [
        "CDA 900001", "CDA 900002", "CDA 900003",
        "PRA 99", "ASA 799", "CMA 999", "CMA 1000", "PRA 100", "ASA 7100", "PRA A1", "ASA 7A1",
    ]  # fmt: skip


def test_the_worked_example(staff: Staff) -> None:
    for person_id in ("40001", "40002"):
        staff.employee(person_id, elements=2 * (person_id == "40002"))
    first, third = Person.objects.get(person_id="40001"), staff.applicant("40003")
    staff.element(first)
    staff.element(third)
    staff.applicant("40004", status="Interview")
    file = night(staff)
    assert file is not None
    assert file.counts == {"ASA": 3, "CDA": 3, "CMA": 4, "PRA": 3}
    assert "40004" not in "".join(out(file))


def test_a_night_without_changes_still_sends_a_file(staff: Staff) -> None:
    staff.employee("40001", elements=1)
    night(staff)
    file = night(staff, 1)
    assert file is not None
    assert (file.kind, file.number, out(file)) == (OutboundKind.CHANGES, 2, [])


def test_a_second_run_of_the_day_sends_only_what_is_new(staff: Staff) -> None:
    person = staff.employee("40001")
    night(staff)
    assert night(staff) is None
    staff.connection.refresh_from_db()
    assert staff.connection.next_outbound == 2
    staff.element(person)
    file = night(staff)
    assert (types(file), file and file.number) == (["CMA 900000000001"], 2)
    assert night(staff) is None


def test_changes_one_of_each(staff: Staff) -> None:
    stays, goes = staff.employee("40001", elements=2), staff.employee("40002", elements=1)
    old_job = stays.assignments.get()
    night(staff)
    stays.versions.update(last_name="Renamed")
    old_job.removed_at = timezone.now()
    old_job.save()
    staff.job(stays, "80001")
    first, second = stays.elements.order_by("pk")
    CompetencyElement.objects.filter(pk=first.pk).update(withdrawn_at=timezone.now())
    CompetencyElement.objects.filter(pk=second.pk).update(date_to=date(2027, 1, 1))
    Person.objects.filter(pk=goes.pk).update(removed_at=timezone.now())
    staff.employee("40003")
    assert types(night(staff, 1)) == [
        "PRA 40001", "ASD 740001", "ASA 80001", "CMD 900000000001", "CMA 900000000002",
        "CMD 900000000003", "ASD 740002", "PRD 40002",
        "PRA 40003", "ASA 740003",
    ]  # fmt: skip
    assert out(night(staff, 2)) == []


def test_an_element_that_changes_hands_is_not_deleted(staff: Staff) -> None:
    early, late = staff.employee("40001"), staff.employee("40002", elements=1)
    night(staff)
    CompetencyElement.objects.update(person=early)
    late.assignments.update(person=early)
    assert types(night(staff, 1)) == ["ASA 740002", "CMA 900000000001", "PRD 40002"]
    Person.objects.filter(pk=late.pk).update(removed_at=timezone.now())
    CompetencyElement.objects.update(person=late)
    assert types(night(staff, 2)) == ["CMD 900000000001"]


def test_a_competence_ends(staff: Staff) -> None:
    person = staff.employee("40001", elements=1)
    night(staff)
    Competence.objects.update(date_to=TODAY)
    assert types(night(staff)) == ["CDA 900001", "CDA 900002", "CDA 900003"]
    # In force no more: held by somebody who is sent, the definition stays until nothing refers to it.
    assert types(night(staff, 1)) == ["CDD 900002", "CDD 900003"]
    person.elements.update(withdrawn_at=timezone.now())
    assert types(night(staff, 2)) == ["CMD 900000000001", "CDD 900001"]


def test_a_leavers_life(staff: Staff) -> None:
    staff.employee("40000")
    left = TODAY + 2 * DAY
    person = staff.employee("40001", elements=1)
    assert len(out(night(staff))) == 3 + 2 + 3
    person.versions.update(terminated_on=left)
    unseen = staff.person("40002", "EX_EMP", terminated_on=TODAY - DAY)
    staff.job(unseen)
    sent = {days: out(night(staff, days)) for days in range(1, 95)}
    assert {days: len(lines) for days, lines in sent.items() if lines} == {1: 1, 3: 1, 93: 3}
    assert sent[1][0].split("~")[17] == "20261105"
    assert sent[1][0].split("~")[33:35] == ["EMP", "Employee"]
    assert sent[3][0].split("~")[33:35] == ["EX_EMP", "Ex-employee"]
    assert sent[93] == ["CMD~900000000001", "ASD~740001", "PRD~40001"]


def test_a_leaver_stays_in_full_files_and_is_not_deleted_by_them(staff: Staff) -> None:
    staff.employee("40001", terminated_on=TODAY)
    night(staff)
    for days, expected in ((90, 3 + 2), (91, 3)):
        sending = send_full_file(staff.connection, on=TODAY + days * DAY, by="Ada", reason="mend")
        assert len(out(sending.file)) == expected
    assert not SentPicture.objects.filter(person__isnull=False).exists()
    assert out(night(staff, 92)) == []


@pytest.mark.parametrize("how", ["restriction", "withdrawn", "merged"])
def test_who_drops_out_otherwise_is_deleted_at_once(staff: Staff, how: str) -> None:
    staff.employee("40001")
    person = staff.applicant("40002")
    night(staff)
    if how == "restriction":
        staff.connection.restriction, staff.connection.restriction_values = "assignment", ["240001"]
        staff.connection.save()
    elif how == "withdrawn":
        staff.job_version(person.assignments.get(), "A", effective_start=TODAY + DAY, status="Withdrawn")
    else:
        Person.objects.filter(pk=person.pk).update(removed_at=timezone.now())
    assert types(night(staff, 1)) == ["ASD 740002", "PRD 40002"]


def test_a_change_by_raw_sql_is_in_the_next_file_and_a_mere_save_is_not(staff: Staff) -> None:
    staff.employee("40001", elements=1)
    night(staff)
    with database.cursor() as cursor:
        for table in ("people_personversion", "people_assignmentversion", "competencies_competencyelement"):
            cursor.execute(f"UPDATE {table} SET last_update = '2026-11-03 12:00:00'")
    Competence.objects.update(last_update=timezone.now())
    assert out(night(staff, 1)) == []
    with database.cursor() as cursor:
        cursor.execute("UPDATE competencies_competencyelement SET proficiency_level = 'by hand'")
    (line,) = out(night(staff, 2))
    assert (line.split("~")[8], line.split("~")[22]) == ("by hand", "20261103 120000")


def test_full_and_all_changes_in_order_are_todays_full(staff: Staff, settings: Any) -> None:
    settings.GUARD_MINIMUM_PEOPLE = 1000
    dice = random.Random(4)
    people = [staff.employee(str(40000 + index), elements=index % 4) for index in range(12)]
    holder = Holder()
    holder.take(out(night(staff)), full=True)
    for days in range(1, 25):
        for person in dice.sample(people, 3):
            _befall(staff, dice, person, TODAY + days * DAY)
        holder.take(out(night(staff, days)))
    full = Holder()
    full.take(out(send_full_file(staff.connection, on=TODAY + 24 * DAY, by="Ada", reason="compare").file))
    assert holder.records == full.records
    assert {f"{kind} {key}" for kind, key in ledger(staff)} == full.records.keys()
    assert out(night(staff, 25)) == []


def _befall(staff: Staff, dice: random.Random, person: Person, on: date) -> None:
    """One thing of those that happen to people."""
    version = PersonVersion.objects.filter(person=person)
    match dice.randrange(7):
        case 0:
            version.update(last_name=f"Name {dice.random()}")
        case 1:
            staff.element(person, dice.choice(staff.competences))
        case 2:
            person.elements.filter(pk=dice.choice([0, *person.elements.values_list("pk", flat=True)])).update(
                withdrawn_at=timezone.now()
            )
        case 3:
            person.elements.update(proficiency_level=str(dice.random()))
        case 4:
            version.update(terminated_on=None if version.get().terminated_on else on)
        case 5:
            removed = None if person.removed_at else timezone.now()
            Person.objects.filter(pk=person.pk).update(removed_at=removed)
            person.refresh_from_db()
        case 6:
            staff.job(person, f"{dice.randrange(10**6)}", ended_on=on + 2 * DAY)


def test_a_full_file_touches_only_what_differs_in_the_ledger(staff: Staff) -> None:
    person = staff.employee("40001", elements=2)
    first = night(staff)
    person.elements.filter(element_id="900000000001").update(date_to=date(2027, 1, 1))
    before = dict(SentPicture.objects.values_list("pk", "records"))
    staff.employee("40002")
    night(staff)
    full = send_full_file(staff.connection, on=TODAY + DAY, by="Ada", reason="mend").file
    assert first is not None
    assert full is not None
    held = ledger(staff)
    assert held["CMA", "900000000001"] == ("GO_277_CST_GOC_20261103_00000002.DAT", "")
    assert held["PRA", "40002"] == ("GO_277_CST_GOC_20261103_00000002.DAT", "")
    assert {
        file for key, (file, _) in held.items() if "40002" not in key[1] and key[1] != "900000000001"
    } == {first.name}
    # Neither people nor catalogue were written again for the full file's sake.
    assert len(before) == 2
    assert before.keys() < dict(SentPicture.objects.values_list("pk", "records")).keys()
    assert full.reason == "mend (Ada)"


def test_a_full_file_that_was_asked_for_goes_out_on_the_next_night(staff: Staff) -> None:
    staff.employee("40001")
    night(staff)
    Connection.objects.update(full_file_wanted="Re-seed request X")
    file = night(staff)
    assert file is not None
    assert (file.kind, file.number, file.reason) == (OutboundKind.FULL, 2, "Re-seed request X (nightly run)")
    assert staff.connection.full_file_wanted == ""
    assert night(staff) is None


def test_characters_are_replaced_and_counted(staff: Staff) -> None:
    staff.employee("40001", last_name="Şen", first_name="A~B")
    file = night(staff)
    assert file is not None
    assert file.warnings == {"replaced": 1, "cleaned": 1}
    assert out(file)[3].split("~")[6:8] == ["Sen", "A B"]
    assert out(night(staff, 1)) == []

"""Was it sent, and if not, why: every reason there is, for one person."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from competencies.models import Competence, CompetencyElement
from interface.actions import pause, want_full_file
from interface.models import Connection, OutboundHold, SentPicture
from interface.outbound.actions import send_changes
from interface.questions.sent import RecordSent, sent_or_why_not
from people.models import AssignmentVersion, PersonVersion
from tests.interface.inbound.desk import Desk
from tests.interface.outbound.staff import TODAY

TOMORROW = TODAY + timedelta(days=1)
GOF = "GO_277_CST_GOF_20261103_00000001.DAT"


def ask(desk: Desk, on: date = TODAY) -> list[RecordSent]:
    return sent_or_why_not(desk.people[0], Connection.objects.get(), on=on)


def verdicts(desk: Desk, on: date = TODAY) -> list[tuple[str, str]]:
    return [(one.record_type, one.verdict.value) for one in ask(desk, on)]


def reasons(desk: Desk, on: date = TODAY) -> set[str]:
    return {one.because for one in ask(desk, on)}


def send(desk: Desk, on: date = TODAY) -> None:
    assert send_changes(desk.connection, on=on, by="tests").file is not None


def test_sent_in_which_file_and_when(desk: Desk) -> None:
    desk.staff.element(desk.people[0])
    send(desk)
    assert verdicts(desk) == [("PRA", "sent"), ("ASA", "sent"), ("CMA", "sent")]
    assert {(one.file, one.on, one.because) for one in ask(desk)} == {(GOF, TODAY, "")}
    person, assignment, element = ask(desk)
    number = AssignmentVersion.objects.get(assignment__person=desk.people[0]).assignment_number
    assert (person.what, assignment.what) == ("Person", f"Assignment {number}")
    assert element.what.endswith(", from 1 May 2026")


def test_what_changed_since_waits_and_the_rest_is_sent(desk: Desk) -> None:
    element = desk.staff.element(desk.people[0])
    send(desk)
    CompetencyElement.objects.filter(pk=element.pk).update(proficiency_level="2")
    assert verdicts(desk) == [("PRA", "sent"), ("ASA", "sent"), ("CMA", "waiting")]
    one = ask(desk)[2]
    # What the partner has until then.
    assert (one.because, one.file) == ("It waits for the next file.", GOF)


def test_a_full_file_carries_it_again(desk: Desk) -> None:
    send(desk)
    want_full_file(desk.connection, by="alice")
    send(desk, TOMORROW)
    assert {(one.file, one.on, one.again) for one in ask(desk)} == {
        (GOF, TODAY, "GO_277_CST_GOF_20261104_00000002.DAT")
    }


def test_the_lms_told_us_itself_in_which_file_and_line(desk: Desk) -> None:
    send(desk)
    name, data = desk.file(desk.lua("R9", course="KNITTING"), desk.lua("R1"))
    desk.put(name, data)
    desk.collect()
    for on in (TODAY, TOMORROW):
        one = ask(desk, on)[2]
        assert (one.verdict, one.file, one.on, one.line) == ("told", name, TODAY, 3)
        send(desk, TOMORROW + timedelta(days=(on - TODAY).days))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"live_on": None}, "The connection has no go-live date."),
        (
            {"paused_at": timezone.now(), "paused_by": "bob", "pause_reason": "holidays"},
            "The connection was paused by bob: holidays",
        ),
    ],
)
def test_a_connection_that_sends_nothing(desk: Desk, change: dict[str, Any], why: str) -> None:
    Connection.objects.update(**change)
    assert reasons(desk) == {why}
    assert verdicts(desk) == [("PRA", "waiting"), ("ASA", "waiting")]


def test_held_by_the_guard(desk: Desk) -> None:
    hold = OutboundHold.objects.create(
        organisation=desk.staff.organisation, connection=desk.connection, kind="GOC", business_date=TODAY,
        population=10, changed=9, deleted=0, held_at=timezone.now(),
    )  # fmt: skip
    assert reasons(desk) == {
        "The file of 3 Nov 2026 is held for a person's yes: it would change too many people."
    }
    hold.released_at, hold.released_by = timezone.now(), "alice"
    hold.save()
    assert reasons(desk) == {"It waits for the next file."}


def test_a_local_competence_is_never_sent(desk: Desk) -> None:
    local = Competence.objects.create(
        organisation=desk.staff.organisation, competence_id="900091", name="277|LOCAL|Coffee|"
    )
    desk.staff.element(desk.people[0], local)
    send(desk)
    one = ask(desk)[2]
    assert (one.verdict, one.because) == ("not sent", "It is not a national CSTF competence.")
    assert one.what == "277|LOCAL|Coffee|, from 1 May 2026"


def test_out_of_scope_by_which_rule(desk: Desk) -> None:
    Connection.objects.update(restriction="payroll", restriction_values=["277 Weekly"])
    desk.staff.element(desk.people[0])
    assert reasons(desk) == {
        "No current assignment matches the connection's restriction by payroll: 277 Weekly."
    }
    assert verdicts(desk) == [("PRA", "not sent"), ("CMA", "not sent")]


def test_out_of_scope_by_person_type_or_application(desk: Desk) -> None:
    PersonVersion.objects.update(system_person_type="OTHER", person_type="Contractor")
    assert reasons(desk) == {"The person type is “Contractor”; only employees and applicants are in scope."}
    PersonVersion.objects.update(system_person_type="APL", person_type="Applicant")
    AssignmentVersion.objects.update(assignment_type="A", status="Interview")
    (why,) = reasons(desk)
    assert why.startswith("The application is “Interview”; in scope are ")


def test_who_was_sent_and_is_out_of_scope_now_will_be_deleted_there(desk: Desk) -> None:
    send(desk)
    Connection.objects.update(restriction="payroll", restriction_values=["277 Weekly"])
    assert verdicts(desk) == [("PRA", "leaving"), ("ASA", "leaving")]
    pause(desk.connection, by="bob", reason="holidays")
    (why,) = reasons(desk)
    assert why.startswith("No current assignment matches")
    assert why.endswith("The connection was paused by bob: holidays")


def test_a_leaver_stays_for_the_retention_and_is_then_deleted(desk: Desk, settings: Settings) -> None:
    settings.LEAVER_RETENTION_DAYS = 1
    send(desk)
    PersonVersion.objects.filter(person=desk.people[0]).update(terminated_on=TODAY)
    send(desk, TOMORROW)
    assert verdicts(desk, TOMORROW)[0] == ("PRA", "sent")
    assert ask(desk, TOMORROW + timedelta(days=1))[0].because == (
        "The person left on 3 Nov 2026; people are in scope through that day."
    )
    assert verdicts(desk, TOMORROW + timedelta(days=1))[0] == ("PRA", "leaving")


def test_an_element_withdrawn_since_will_be_deleted_there(desk: Desk) -> None:
    element = desk.staff.element(desk.people[0])
    send(desk)
    CompetencyElement.objects.filter(pk=element.pk).update(withdrawn_at=timezone.now())
    one = ask(desk)[2]
    assert (one.verdict, one.because) == ("leaving", "It is not held any more.")


def test_what_it_says_is_what_the_next_file_does(desk: Desk) -> None:
    """Nothing waits once it has gone out."""
    desk.staff.element(desk.people[0], element_id="10000001")
    desk.send(desk.lua("R1"), desk.lua("R2", on=date(2026, 10, 1), expires="20300101"))
    send(desk)
    assert {one.verdict.value for one in ask(desk)} <= {"sent", "told"}
    assert SentPicture.objects.exists()


def test_in_few_queries(desk: Desk, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for index in range(3):
        desk.staff.element(desk.people[0], desk.staff.competences[index], element_id=f"1000000{index}")
    desk.send(desk.lua("R1"))
    send(desk)
    connection = Connection.objects.select_related("organisation").get()
    with django_assert_max_num_queries(18):
        sent_or_why_not(desk.people[0], connection, on=TODAY)

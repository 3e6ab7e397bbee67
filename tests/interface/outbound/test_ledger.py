"""What the partner told us itself: not echoed once answered, held with unknown content before."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from competencies.models import CompetencyElement
from interface.models import Connection, InboundFile
from interface.models.inbound import InboundState
from interface.outbound.actions import send_changes, send_full_file
from interface.outbound.difference import UNKNOWN
from interface.outbound.ledger import doubt, forget
from people.models import Person
from people.tenancy import OutOfScopeError, within
from tests.interface.outbound.staff import DAY, TODAY, Staff, inbound, ledger, types


@pytest.fixture
def person(staff: Staff) -> Person:
    person = staff.employee("40001")
    send_changes(staff.connection, on=TODAY, by="nightly run")
    return person


OURS, THEIRS = "GO_277", "x"


def since(staff: Staff) -> str:
    """Since which file the partner holds the one element: ours, its own, or none."""
    found = [files for (kind, _), files in ledger(staff).items() if kind == "CMA"]
    if not found:
        return ""
    ((ours, theirs),) = found
    assert bool(ours) != bool(theirs)
    return ours[:6] or theirs


def withdraw(staff: Staff, element: CompetencyElement) -> None:
    """As a LUD line does."""
    CompetencyElement.objects.filter(pk=element.pk).update(
        withdrawn_at=timezone.now(), told_digest=None, told_in=None, told_before=None
    )
    forget(staff.connection, [(element.person_id, element.element_id)])


def changes(staff: Staff) -> list[str]:
    file = send_changes(staff.connection, on=TODAY, by="nightly run").file
    return types(file) if file else []


def test_what_was_answered_is_not_echoed(staff: Staff, person: Person) -> None:
    file = inbound(staff)
    staff.told(person, file)
    assert changes(staff) == []
    # A file with nothing in it does not go out a second time on a day, and leaves the mark for the next.
    assert since(staff) == ""
    send_changes(staff.connection, on=TODAY + DAY, by="nightly run")
    assert since(staff) == THEIRS
    CompetencyElement.objects.update(proficiency_level="amended by hand")
    assert changes(staff) == ["CMA 900000000001"]
    assert since(staff) == OURS
    assert changes(staff) == []


def test_what_was_not_answered_is_sent_again(staff: Staff, person: Person) -> None:
    file = inbound(staff, InboundState.APPLIED)
    staff.told(person, file)
    superseded = staff.told(person, file, element_id="999")
    CompetencyElement.objects.filter(pk=superseded.pk).update(withdrawn_at=timezone.now())
    assert changes(staff) == ["CMD 999", "CMA 900000000001"]
    # The answer that follows says nothing of what the partner was sent meanwhile.
    InboundFile.objects.update(state=InboundState.ANSWERED)
    CompetencyElement.objects.update(proficiency_level="amended by hand")
    assert changes(staff) == ["CMA 900000000001"]
    assert changes(staff) == []


@pytest.mark.parametrize("why", [forget, doubt])
def test_who_drops_out_on_the_day_of_a_withdrawal_or_an_undo_is_deleted(
    staff: Staff, why: Callable[[Connection, list[tuple[int, str]]], None]
) -> None:
    person = staff.employee("40001", elements=1)
    send_changes(staff.connection, on=TODAY, by="nightly run")
    (element,) = person.elements.all()
    why(staff.connection, [(person.pk, element.element_id)])
    Person.objects.filter(pk=person.pk).update(removed_at=timezone.now())
    still_held = ["CMD 900000000001"] if why is doubt else []
    assert changes(staff) == [*still_held, "ASD 740001", "PRD 40001"]
    assert changes(staff) == []
    assert ledger(staff).keys() == {("CDA", f"90000{number}") for number in (1, 2, 3)}


def test_other_values_than_the_partners_are_carried_back(staff: Staff, person: Person) -> None:
    staff.tell(staff.element(person), inbound(staff), UNKNOWN)
    assert changes(staff) == ["CMA 900000000001"]
    assert changes(staff) == []


def test_what_was_told_and_changed_before_the_next_file_is_sent(staff: Staff, person: Person) -> None:
    staff.told(person, inbound(staff))
    CompetencyElement.objects.update(date_to=date(2027, 1, 1))
    assert changes(staff) == ["CMA 900000000001"]
    assert changes(staff) == []


def test_what_was_told_and_superseded_before_the_next_file_is_deleted(staff: Staff, person: Person) -> None:
    staff.told(person, inbound(staff))
    CompetencyElement.objects.update(withdrawn_at=timezone.now())
    assert changes(staff) == ["CMD 900000000001"]
    assert changes(staff) == []


def test_sent_told_again_and_withdrawn(staff: Staff, person: Person) -> None:
    element = staff.element(person)
    assert changes(staff) == ["CMA 900000000001"]
    CompetencyElement.objects.update(proficiency_level="2 - Told again")
    element.refresh_from_db()
    file = inbound(staff)
    staff.tell(element, file)
    staff.employee("40009")
    assert changes(staff) == ["PRA 40009", "ASA 740009"]
    assert since(staff) == THEIRS
    withdraw(staff, element)
    assert changes(staff) == []
    forget(staff.connection, [(person.pk, "not known")])


def test_sent_told_again_and_back_as_it_was_sent(staff: Staff, person: Person) -> None:
    element = staff.element(person)
    assert changes(staff) == ["CMA 900000000001"]
    CompetencyElement.objects.update(proficiency_level="2 - Told again")
    element.refresh_from_db()
    staff.tell(element, inbound(staff))
    CompetencyElement.objects.update(proficiency_level="1 - Attended")
    assert changes(staff) == ["CMA 900000000001"]
    assert changes(staff) == []


def test_told_and_withdrawn_before_any_file(staff: Staff, person: Person) -> None:
    withdraw(staff, staff.told(person, inbound(staff)))
    assert changes(staff) == []


def test_what_is_in_doubt_is_sent_again_whoever_told_it(staff: Staff, person: Person) -> None:
    sent = staff.element(person)
    assert changes(staff) == ["CMA 900000000001"]
    told = staff.told(person, inbound(staff))
    doubt(staff.connection, [(person.pk, sent.element_id), (person.pk, told.element_id), (person.pk, "9")])
    assert changes(staff) == ["CMA 900000000001", "CMA 900000000002"]
    doubt(staff.connection, [(person.pk, sent.element_id)])
    CompetencyElement.objects.filter(pk=sent.pk).update(withdrawn_at=timezone.now())
    assert changes(staff) == ["CMD 900000000001"]
    assert changes(staff) == []


def test_a_full_file_takes_the_marks_as_well(staff: Staff, person: Person) -> None:
    file = inbound(staff)
    staff.told(person, file)
    full = send_full_file(staff.connection, on=TODAY, by="Ada", reason="mend").file
    assert types(full)[-1] == "CMA 900000000001"
    assert since(staff) == THEIRS
    CompetencyElement.objects.update(proficiency_level="amended by hand")
    assert changes(staff) == ["CMA 900000000001"]


def test_a_crash_leaves_the_marks_to_the_next_file(
    staff: Staff, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff.told(person, inbound(staff))
    staff.employee("40009")
    with monkeypatch.context() as patch:
        patch.setattr("interface.outbound.actions._close", lambda *given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            changes(staff)
    assert since(staff) == ""
    assert changes(staff) == ["PRA 40009", "ASA 740009"]


def test_told_of_somebody_who_is_merged_goes_with_the_element(staff: Staff, person: Person) -> None:
    other = staff.employee("40002")
    assert changes(staff) == ["PRA 40002", "ASA 740002"]
    element = staff.told(other, inbound(staff))
    CompetencyElement.objects.filter(pk=element.pk).update(person=person)
    Person.objects.filter(pk=other.pk).update(removed_at=timezone.now())
    assert changes(staff) == ["CMA 900000000001", "ASD 740002", "PRD 40002"]
    assert changes(staff) == []


def test_told_of_somebody_who_drops_out_of_scope_is_deleted(staff: Staff, person: Person) -> None:
    newcomer = staff.employee("40002")
    staff.told(newcomer, inbound(staff))
    newcomer.assignments.update(removed_at=timezone.now())
    # They were never sent: there is nothing to delete but what the partner told us.
    assert changes(staff) == ["CMD 900000000001"]
    assert changes(staff) == []


def test_another_partners_word_is_not_this_ones(staff: Staff, person: Person) -> None:
    staff.told(person, inbound(staff))
    CompetencyElement.objects.update(source_id=staff.connection.pk + 1)
    assert changes(staff) == ["CMA 900000000001"]


def test_a_partners_own_completions_do_not_count_for_the_guard(staff: Staff) -> None:
    people = [staff.employee(str(50000 + index)) for index in range(20)]
    send_changes(staff.connection, on=TODAY, by="nightly run")
    file = inbound(staff)
    for one in people:
        staff.tell(staff.element(one), file, UNKNOWN)
    assert len(changes(staff)) == 20


@pytest.mark.parametrize("verb", [forget, doubt])
def test_another_organisations_ledger_is_out_of_reach(staff: Staff, verb: Any) -> None:
    other = Staff("457")
    with within(other.organisation), pytest.raises(OutOfScopeError):
        verb(staff.connection, [(1, "1")])

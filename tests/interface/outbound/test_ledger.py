"""What the partner told us itself: not echoed once answered, held with unknown content before."""

from typing import Any

import pytest
from django.utils import timezone

from competencies.models import CompetencyElement
from interface.models import InboundFile, SentRecord
from interface.models.inbound import InboundState
from interface.outbound.actions import send_changes
from interface.outbound.digests import element_digest
from interface.outbound.ledger import UNKNOWN, forget, mark_told, remark_told
from people.models import Person
from people.tenancy import OutOfScopeError, within
from tests.interface.outbound.staff import TODAY, Staff, types


def inbound(staff: Staff, state: str = InboundState.ANSWERED) -> InboundFile:
    return InboundFile.objects.create(
        organisation=staff.organisation, connection=staff.connection, name="x", sha256=state, size=1, state=state,
        received_at=timezone.now(), business_date=TODAY, answered_at=timezone.now(),
    )  # fmt: skip


def digest(element: CompetencyElement) -> int:
    return element_digest(
        person_id=element.person.person_id,
        element_id=element.element_id,
        competence_name=element.competence.name,
        competence_id=element.competence.competence_id,
        date_from=element.date_from,
        date_to=element.date_to,
        proficiency_level=element.proficiency_level,
        certification_method=element.certification_method,
        vpd="277",
    )


@pytest.fixture
def person(staff: Staff) -> Person:
    person = staff.employee("40001")
    send_changes(staff.connection, on=TODAY, by="nightly run")
    return person


def changes(staff: Staff) -> list[str]:
    file = send_changes(staff.connection, on=TODAY, by="nightly run").file
    return types(file) if file else []


def test_what_was_answered_is_not_echoed(staff: Staff, person: Person) -> None:
    element = staff.element(person)
    mark_told(staff.connection, inbound(staff), [(person.pk, element.element_id, digest(element))])
    assert changes(staff) == []
    CompetencyElement.objects.update(proficiency_level="amended by hand")
    assert changes(staff) == ["CMA 900000000001"]
    assert SentRecord.objects.get(record_type="CMA").inbound_file is None
    assert changes(staff) == []


def test_what_was_not_answered_is_sent_again(staff: Staff, person: Person) -> None:
    element = staff.element(person)
    file = inbound(staff, InboundState.APPLIED)
    mark_told(staff.connection, file, [(person.pk, element.element_id, digest(element))])
    mark_told(staff.connection, file, [(person.pk, "999", 1)])
    assert changes(staff) == ["CMD 999", "CMA 900000000001"]
    assert changes(staff) == []


def test_other_values_than_the_partners_are_carried_back(staff: Staff, person: Person) -> None:
    element = staff.element(person)
    remark_told(staff.connection, inbound(staff), [(person.pk, element.element_id, UNKNOWN)])
    assert changes(staff) == ["CMA 900000000001"]
    assert changes(staff) == []


def test_told_again_and_withdrawn(staff: Staff, person: Person) -> None:
    element = staff.element(person)
    assert changes(staff) == ["CMA 900000000001"]
    CompetencyElement.objects.update(proficiency_level="2 - Told again")
    element.refresh_from_db()
    file = inbound(staff)
    remark_told(staff.connection, file, [(person.pk, element.element_id, digest(element))])
    assert changes(staff) == []
    assert SentRecord.objects.get(record_type="CMA").outbound_file is None
    CompetencyElement.objects.update(withdrawn_at=timezone.now())
    forget(staff.connection, [(person.pk, element.element_id), (person.pk, "not known")])
    assert changes(staff) == []


def test_a_partners_own_completions_do_not_count_for_the_guard(staff: Staff, settings: Any) -> None:
    people = [staff.employee(str(50000 + index)) for index in range(20)]
    send_changes(staff.connection, on=TODAY, by="nightly run")
    elements = [staff.element(one) for one in people]
    told = [(element.person_id, element.element_id, UNKNOWN) for element in elements]
    mark_told(staff.connection, inbound(staff), told)
    assert len(changes(staff)) == 20


@pytest.mark.parametrize("write", [mark_told, remark_told])
def test_another_organisations_ledger_is_out_of_reach(staff: Staff, write: Any) -> None:
    other = Staff("457")
    file = inbound(staff)
    with within(other.organisation), pytest.raises(OutOfScopeError):
        write(staff.connection, file, [(1, "1", 1)])
    with within(other.organisation), pytest.raises(OutOfScopeError):
        forget(staff.connection, [(1, "1")])

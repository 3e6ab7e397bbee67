"""What the sent ledger answers about one person, and about one file."""

from competencies.models import CompetencyElement
from interface.models import InboundFile, InboundState
from interface.outbound.actions import send_full_file
from interface.outbound.questions import carried_by, sent_of
from tests.interface.outbound.staff import TODAY, Staff, inbound, night

ONE = "GO_277_CST_GOF_20261103_00000001.DAT"
TWO = "GO_277_CST_GOC_20261104_00000002.DAT"


def test_since_when_a_partner_holds_each_record(staff: Staff) -> None:
    person, other = staff.employee("40001", elements=2), staff.employee("40002")
    first = night(staff)
    assert first is not None
    CompetencyElement.objects.filter(element_id="900000000002").update(proficiency_level="2 - Passed")
    second = night(staff, 1)
    assert second is not None
    staff.told(person, inbound(staff), element_id="900000000009")
    sent = sent_of(person, staff.connection)
    assert [(one.record_type, one.key, str(one.outbound_file or one.inbound_file)) for one in sent] == [
        ("PRA", "40001", ONE),
        ("ASA", "740001", ONE),
        ("CMA", "900000000001", ONE),
        ("CMA", "900000000002", TWO),
        ("CMA", "900000000009", "x"),
    ]
    assert [one.at for one in sent[2:]] == [
        first.published_at,
        second.published_at,
        InboundFile.objects.get().received_at,
    ]
    assert len(sent_of(other, staff.connection)) == 2
    assert sent_of(staff.employee("40003"), staff.connection) == []


def test_whom_a_file_carried(staff: Staff) -> None:
    person, other = staff.employee("40001", elements=1), staff.employee("40002")
    first = night(staff)
    staff.element(other)
    second = night(staff, 1)
    full = send_full_file(staff.connection, on=TODAY, by="Ada", reason="mend").file
    assert first is not None
    assert second is not None
    assert full is not None
    assert dict(carried_by(second)) == {other.pk: [("CMA", "900000000002")]}
    carried = dict(carried_by(first))
    assert carried.keys() == {None, person.pk, other.pk}
    assert carried[other.pk] == [("PRA", "40002"), ("ASA", "740002")]
    # It carried everything, and nothing that the partner did not hold.
    assert dict(carried_by(full)) == {}


def test_what_was_told_is_answered_for_once_it_is_in_the_ledger_too(staff: Staff) -> None:
    person = staff.employee("40001")
    night(staff)
    staff.told(person, inbound(staff, InboundState.ANSWERED))
    night(staff, 1)
    assert [str(one.inbound_file or "") for one in sent_of(person, staff.connection)] == ["", "", "x"]

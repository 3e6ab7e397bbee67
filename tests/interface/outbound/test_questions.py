"""What the sent ledger answers about one person, and about one file."""

from competencies.models import CompetencyElement
from interface.models import CarriedPerson, InboundFile, InboundState, SentPicture
from interface.outbound.questions import Carried, Sent, carried_by, records_of
from people.models import AssignmentVersion, Person
from tests.interface.outbound.staff import TODAY, Staff, inbound, night, out

ONE = "GO_277_CST_GOF_20261103_00000001.DAT"
TWO = "GO_277_CST_GOC_20261104_00000002.DAT"


def sent(person: Person) -> list[Sent]:
    return records_of(SentPicture.objects.get(person=person))


def test_since_when_a_partner_holds_each_record(staff: Staff) -> None:
    person, other = staff.employee("40001", elements=2), staff.employee("40002")
    first = night(staff)
    CompetencyElement.objects.filter(element_id="900000000002").update(proficiency_level="2 - Passed")
    second = night(staff, 1)
    assert first is not None
    assert second is not None
    assert [(one.record_type, one.key, str(one.outbound_file)) for one in sent(person)] == [
        ("PRA", "40001", ONE),
        ("ASA", "740001", ONE),
        ("CMA", "900000000001", ONE),
        ("CMA", "900000000002", TWO),
    ]
    assert [one.at for one in sent(person)[2:]] == [first.published_at, second.published_at]
    assert len(sent(other)) == 2


def test_what_the_partner_told_us_it_holds_since_its_own_file(staff: Staff) -> None:
    person = staff.employee("40001")
    night(staff)
    staff.told(person, inbound(staff, InboundState.ANSWERED))
    night(staff, 1)
    assert [str(one.inbound_file or "") for one in sent(person)] == ["", "", "x"]
    assert sent(person)[2].at == InboundFile.objects.get().received_at


def test_whom_a_file_carried(staff: Staff) -> None:
    staff.employee("40001", elements=2)
    gone = staff.employee("40002")
    first = night(staff)
    staff.version(gone, effective_start=TODAY, terminated_on=TODAY)
    AssignmentVersion.objects.filter(assignment__person=gone).delete()
    second = night(staff, 40)
    assert first is not None
    assert second is not None
    # The catalogue's lines are about nobody.
    assert first.counts["CDA"] == 3
    assert carried_by(first) == Carried(2, 6, 6)
    assert carried_by(second) == Carried(1, len(out(second)), len(out(second)))
    assert carried_by(first).is_whole
    # As the migration left a file of which something had been overtaken.
    CarriedPerson.objects.filter(file=first, person=gone).delete()
    assert carried_by(first) == Carried(1, 4, 6)
    assert not carried_by(first).is_whole

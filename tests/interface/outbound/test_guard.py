"""A file that would touch too many people waits for a person."""

import pytest
from django.utils import timezone

from interface.models import OutboundHold, OutboundKind, SentPicture
from interface.outbound.actions import (
    release_hold,
    send_full_file,
    send_tonight,
)
from interface.outbound.guard import HoldSettledError
from interface.outbound.packing import Entry, pack
from people.models import Person, PersonVersion
from tests.interface.outbound.staff import DAY, TODAY, Staff, night, outbox


def crowd(staff: Staff, size: int = 40) -> list[Person]:
    people = [staff.employee(str(40000 + index)) for index in range(size)]
    night(staff)
    return people


def test_half_an_import_waits_for_a_person(staff: Staff) -> None:
    people = crowd(staff)
    Person.objects.filter(pk__in=[person.pk for person in people[:20]]).update(removed_at=timezone.now())
    hold = send_tonight(staff.connection, on=TODAY + DAY, by="nightly run")
    assert hold is not None
    assert (hold.kind, hold.population, hold.changed, hold.deleted) == (OutboundKind.CHANGES, 40, 0, 20)
    staff.connection.refresh_from_db()
    assert staff.connection.next_outbound == 2
    assert len(list(outbox(staff.connection).iterdir())) == 1
    assert SentPicture.objects.filter(person__isnull=False).count() == 40
    # The next night holds it again, under the same hold, and a full file does not slip by.
    held_again = send_full_file(staff.connection, on=TODAY + 2 * DAY, by="Ada", reason="mend").hold
    assert held_again is not None
    assert (held_again.pk, held_again.kind, held_again.held_at) == (hold.pk, OutboundKind.FULL, hold.held_at)
    release_hold(hold, by="Ada")
    file = night(staff, 3)
    # What was asked for goes out: a full file, which deletes nothing by itself.
    assert (file and file.reason, file and file.counts) == (
        "mend (nightly run)", {"ASA": 20, "CDA": 3, "PRA": 20},
    )  # fmt: skip
    assert SentPicture.objects.filter(person__isnull=False).count() == 20
    hold.refresh_from_db()
    assert (hold.released_by, hold.settled_at is not None) == ("Ada", True)
    with pytest.raises(HoldSettledError):
        release_hold(hold, by="Ada")


def test_a_hold_is_settled_when_the_accident_is_mended(staff: Staff) -> None:
    crowd(staff)
    PersonVersion.objects.update(last_name="Everybody")
    assert send_tonight(staff.connection, on=TODAY, by="nightly run") is not None
    PersonVersion.objects.filter(person__person_id__gt="40009").update(last_name="x")
    for version in PersonVersion.objects.select_related("person"):
        PersonVersion.objects.filter(pk=version.pk).update(last_name=f"Name{version.person.person_id}")
    assert send_tonight(staff.connection, on=TODAY, by="nightly run") is None
    assert not OutboundHold.objects.filter(settled_at__isnull=True).exists()
    # Let through once is not let through for ever.
    PersonVersion.objects.update(last_name="Everybody")
    assert send_tonight(staff.connection, on=TODAY, by="nightly run") is not None
    assert OutboundHold.objects.count() == 2


@pytest.mark.parametrize(("people", "held"), [(12, False), (13, True)])
def test_the_share_of_changed_people(staff: Staff, people: int, *, held: bool) -> None:
    changed = crowd(staff)[:people]
    for person in changed:
        staff.element(person)
        staff.element(person)
    assert (send_tonight(staff.connection, on=TODAY, by="nightly run") is not None) == held


def test_few_people_and_newcomers_are_never_too_many(staff: Staff) -> None:
    people = crowd(staff, size=9)
    for index in range(30):
        staff.employee(str(50000 + index))
    Person.objects.filter(pk__in=[person.pk for person in people]).update(removed_at=timezone.now())
    file = night(staff, 1)
    assert (file and file.counts) == {"ASA": 30, "ASD": 9, "PRA": 30, "PRD": 9}


def test_the_first_file_is_never_held(staff: Staff) -> None:
    people = [staff.employee(str(40000 + index)) for index in range(30)]
    for person in people:
        SentPicture.objects.create(
            organisation=staff.organisation, connection=staff.connection, person=person,
            records=pack({("PRA", person.person_id): Entry(7, 1)}),
        )  # fmt: skip
    assert night(staff) is not None

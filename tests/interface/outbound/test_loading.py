"""The fingerprint stands for the picture: whatever is shown of a person is in it, and Last Update is not."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from competencies.models import Competence, CompetencyElement
from interface.outbound.dossier import AssignmentFacts, PersonFacts
from interface.outbound.loading import Texts
from interface.outbound.picture import Picture
from interface.outbound.projection import Projection
from people.models import Assignment, AssignmentVersion, Person, PersonVersion, Position
from tests.interface.outbound.staff import TODAY, Staff, night

DAY = timedelta(days=1)


@pytest.fixture
def person(staff: Staff) -> Person:
    return staff.employee("40001", elements=2)


def picture(staff: Staff, person: Person, days: int = 0) -> Picture:
    """With the fingerprint that is read with it, which is the one that is read alone."""
    projection = Projection.of(staff.connection, on=TODAY + days * DAY)
    found = projection.pictures([person.pk])[person.pk]
    alone = projection.fingerprints(Person.objects.filter(pk=person.pk))
    assert list(alone) == [(person.pk, person.person_id, found.digest)]
    return found


# Values that fit wherever a text of one letter does.
ELSEWHERE = {"assignment_id", "unit_id", "position_id", "position_name", "is_primary"}


def _changes() -> list[Any]:
    of_persons = [(PersonVersion, field) for field in PersonFacts._fields]
    of_jobs = [(AssignmentVersion, field) for field in AssignmentFacts._fields if field not in ELSEWHERE]
    held = ("date_from", "date_to", "proficiency_level", "certification_method", "element_id", "last_update")
    return [*of_persons, *of_jobs, *((CompetencyElement, field) for field in held)]


@pytest.mark.parametrize(("model", "field"), _changes())
def test_every_value_counts_but_last_update(staff: Staff, person: Person, model: Any, field: str) -> None:
    staff.connection.send_ni_number = True
    before = picture(staff, person).digest
    kind = model._meta.get_field(field).get_internal_type()
    value = {"DateField": TODAY, "DateTimeField": timezone.now()}.get(kind, "A")
    row = model.objects.first()
    model.objects.filter(pk=row.pk).update(**{field: value})
    assert (picture(staff, person).digest == before) == (field == "last_update")


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Position, {"name": "Renamed"}),
        (Position, {"position_id": "7009"}),
        (AssignmentVersion, {"is_primary": False}),
        (AssignmentVersion, {"unit": None}),
        (AssignmentVersion, {"position": None}),
        (Assignment, {"assignment_id": "9"}),
        (Assignment, {"removed_at": timezone.now()}),
        (Competence, {"name": "NHS|CSTF|Renamed|"}),
        (Person, {"person_id": "40009"}),
        (CompetencyElement, {"withdrawn_at": timezone.now()}),
    ],
)
def test_what_is_elsewhere_counts_too(
    staff: Staff, person: Person, model: Any, values: dict[str, Any]
) -> None:
    before = picture(staff, person).digest
    model.objects.filter(pk=model.objects.order_by("pk").first().pk).update(**values)
    person.refresh_from_db()
    assert picture(staff, person).digest != before


@pytest.mark.parametrize("field", ["effective_end", "terminated_on", "ended_on"])
def test_a_day_that_passes_counts(staff: Staff, person: Person, field: str) -> None:
    model = AssignmentVersion if field == "ended_on" else PersonVersion
    model.objects.update(**{field: TODAY + DAY})
    today, last_day, over = (picture(staff, person, days).digest for days in (0, 1, 2))
    assert today == last_day != over


def test_the_ni_number_counts_by_the_connections_word(staff: Staff, person: Person) -> None:
    before = picture(staff, person).digest
    staff.connection.send_ni_number = True
    assert picture(staff, person).digest != before


@pytest.mark.parametrize("odd", ["a\x1eb", "\x1e\x1e\x1e", "~", "\x1e~~~~~", "a\x1f", "%s", "é'\\"])
def test_no_value_shifts_another(staff: Staff, person: Person, odd: str) -> None:
    PersonVersion.objects.update(first_name=odd)
    AssignmentVersion.objects.update(payroll_name=odd)
    CompetencyElement.objects.update(proficiency_level=odd)
    shown = [line.split("~") for line in picture(staff, person).lines()]
    value = odd.translate({0x1E: "\x1f", ord("~"): "\x1f"})
    assert [len(cells) for cells in shown] == [44, 51, 27, 27]
    assert {shown[0][7], shown[1][11], shown[2][8], shown[3][8]} <= {value, odd}


def test_nobody_is_read_who_has_not_changed(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [staff.employee(str(40000 + index), elements=1) for index in range(3)]
    night(staff)
    read: list[int] = []
    whole = Projection.read

    def noted(self: Projection, persons: Collection[int], **how: bool) -> list[Texts]:
        read.extend(persons)
        return whole(self, persons, **how)

    monkeypatch.setattr(Projection, "read", noted)
    night(staff, 1)
    assert read == []
    people[1].versions.update(last_name="Renamed")
    night(staff, 2)
    assert read == [people[1].pk]

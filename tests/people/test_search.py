"""What somebody types into a search for people, and whom it finds."""

from __future__ import annotations

from datetime import date

import pytest

from people import search
from people.models import Organisation, Person, PersonVersion
from people.search import Sought, person_keys, persons_found, understand
from people.tenancy import within


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", Sought()),
        ("  , ", Sought()),
        ("QQ 12 34 56 C", Sought(ni_number="QQ123456C")),
        ("qq123456c", Sought(ni_number="QQ123456C")),
        ("QQ123456", Sought(ni_number="QQ123456")),
        ("Sam.Lee@example.nhs.uk", Sought(email="Sam.Lee@example.nhs.uk")),
        ("25012345", Sought(number="25012345")),
        ("25012345-2", Sought(number="25012345-2")),
        ("Lee", Sought(names=("Lee",))),
        ("Lee, Sam", Sought(names=("Lee", "Sam"))),
        ("O'Neill-Smith", Sought(names=("O'Neill-Smith",))),
        ("Ward 12", Sought(names=("Ward", "12"))),
    ],
)
def test_what_a_text_means(text: str, meaning: Sought) -> None:
    assert understand(text) == meaning


@pytest.fixture
def northmoor(db: None) -> Organisation:
    return Organisation.objects.create(vpd="901", name="Northmoor")


def person(organisation: Organisation, person_id: str, **version: object) -> Person:
    one = Person.objects.create(organisation=organisation, person_id=person_id)
    given = {
        "effective_start": date(2020, 1, 1), "last_name": "Lee", "first_name": "Sam",
        "system_person_type": "EMP", **version,
    }  # fmt: skip
    PersonVersion.objects.create(organisation=organisation, person=one, **given)
    return one


def found(text: str) -> set[str]:
    return {one.person_id for one in persons_found(Person.objects.all(), text)}


def test_everything_that_finds_a_person(northmoor: Organisation) -> None:
    sam = person(
        northmoor, "5100001", employee_number="25012345", ni_number="QQ123456C", nhs_unique_id="7654321",
        office_email="Sam.Lee@example.nhs.uk", previous_last_name="Okafor", preferred_name="Sammy",
    )  # fmt: skip
    person(northmoor, "5100002", last_name="Leeson", first_name="Ana", employee_number="25099999")
    for text in (
        "5100001", "25012345", "25012345-2", "7654321", "qq123456c", "sam.lee@EXAMPLE.nhs.uk", "lee sam", "Sam Lee",
        "okafor", "Sammy", "LEE, s",
    ):  # fmt: skip
        assert found(text) == {"5100001"}, text
    assert found("lee") == {"5100001", "5100002"}
    assert found("") == {"5100001", "5100002"}
    assert found("QQ123456A") == found("2501234") == found("am") == found("sam.lee@example") == set()
    assert person_keys("Sam Lee") == [sam.pk]
    assert person_keys("") == []


@pytest.mark.parametrize("counted_to", [1, 10_000])
def test_a_name_of_the_past_finds_its_person_once(
    northmoor: Organisation, monkeypatch: pytest.MonkeyPatch, counted_to: int
) -> None:
    """However many there are: of more than a list counts to, each is asked by themselves."""
    monkeypatch.setattr(search, "COUNTED_TO", counted_to)
    person(northmoor, "5100002", last_name="New", previous_last_name="")
    one = person(northmoor, "5100001", last_name="Old", effective_end=date(2021, 1, 1))
    PersonVersion.objects.create(
        organisation=northmoor, person=one, effective_start=date(2021, 1, 2), last_name="Oldham",
        system_person_type="EMP",
    )  # fmt: skip
    assert [row.pk for row in persons_found(Person.objects.all(), "old")] == [one.pk]


def test_percent_and_underscore_are_letters(northmoor: Organisation) -> None:
    person(northmoor, "5100001")
    assert found("%") == found("_") == set()


def test_the_search_stays_within_its_scope(northmoor: Organisation) -> None:
    other = Organisation.objects.create(vpd="902", name="Harrowdale")
    person(other, "5200001", ni_number="QQ123456C")
    with within(northmoor):
        assert found("QQ123456C") == found("Lee") == set()
        assert person_keys("Lee") == []

"""CMA and CMD: what people hold, and what was made here and comes back."""

from datetime import UTC, date, datetime
from itertools import permutations

import pytest

from competencies.models import Competence, CompetencyElement, Source
from interface.extract.elements import NAME_DIFFERS
from people.models import Organisation, Person
from tests.interface.extract.extracts import MONDAY, TUESDAY, WEDNESDAY, Read, record

pytestmark = pytest.mark.django_db
FIRE = "NHS|CSTF|Fire Safety - 2 Years|"
PERSON = record("PRA")


@pytest.fixture(autouse=True)
def fire(northmoor: Organisation) -> Competence:
    return Competence.objects.create(competence_id="900004", name=FIRE)


def element() -> CompetencyElement:
    return CompetencyElement.objects.get(element_id="111")


def test_a_row_is_kept_column_by_column(read: Read, fire: Competence) -> None:
    answer = read(PERSON, record("CMA", c5=FIRE, c8="1 - Attended", c11="e-learning"))
    assert answer.counts("CMA") == {"added": 1}
    held = element()
    assert (held.person.person_id, held.competence, held.source) == ("1", fire, Source.GO)
    assert (held.date_from, held.date_to) == (date(2026, 1, 1), date(2027, 12, 31))
    assert (held.proficiency_level, held.certification_method) == ("1 - Attended", "e-learning")
    assert held.last_update == datetime(2026, 11, 1, 9, tzinfo=UTC)
    assert (held.source_id, held.source_reference, held.withdrawn_at) == (None, "", None)


def test_an_element_may_stand_before_its_person_and_its_competence(read: Read) -> None:
    assert read(record("CMA", c13="5"), PERSON, record("CDA")).rejected == []


@pytest.mark.parametrize(
    ("competence_id", "name"),
    [
        ("", FIRE),
        ("", "nhs|cstf|fire  safety - 2 years"),
        ("7654321", FIRE),
        ("900004", ""),
        ("900004", FIRE),
    ],
)
def test_a_competence_is_known_by_id_or_by_name(
    read: Read, fire: Competence, competence_id: str, name: str
) -> None:
    answer = read(PERSON, record("CMA", c13=competence_id, c5=name))
    assert answer.rejected == []
    assert element().competence == fire


def test_a_name_of_old_is_told_and_the_id_rules(read: Read) -> None:
    read(record("CDA"))
    answer = read(PERSON, record("CMA", c13="5", c5="901|LOCAL|Hygiene|"))
    assert element().competence.competence_id == "5"
    assert answer.findings == {NAME_DIFFERS: 1}


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"c1": "2"}, "Person ID", "is not known"),
        ({"c13": "4711"}, "Competence ID", "is not known"),
        ({"c13": "4711", "c5": "NHS|X|"}, "Competence ID", "is not known, nor is the Competency Name"),
        ({"c13": "", "c5": "NHS|X|"}, "Competency Name", "is not known"),
        (
            {"c13": "900004", "c5": "NHS|KSF|Communication|"},
            "Competence ID",
            "means another competence than the Competency Name",
        ),
        (
            {"c13": "900004", "c5": "901|LOCAL|Food Hygiene|"},
            "Competence ID",
            "means another competence than the Competency Name",
        ),
        ({"c6": "20260101", "c7": "20251231"}, "Date To", "lies before the Date From"),
        (
            {"c2": "900000000001"},
            "Competency Element ID",
            "is of the range that is numbered here, and is not known here",
        ),
    ],
)
def test_a_row_that_cannot_be_kept_is_rejected(
    read: Read, cells: dict[str, str], column: str, reason: str
) -> None:
    answer = read(PERSON, record("CDA"), record("CMA", **cells), record("CMA", c2="112"))
    assert answer.rejected == [(4, column, reason)]
    assert [one.element_id for one in CompetencyElement.objects.all()] == ["112"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_any_order_of_versions_ends_the_same(read: Read, order: tuple[int, ...]) -> None:
    versions = [("20270101", "20261030"), ("20270202", "20261031 080000"), ("20270303", "20261031 090000")]
    read(PERSON)
    for index in order:
        until, updated = versions[index]
        read(record("CMA", c7=until, c22=updated))
    assert element().date_to == date(2027, 3, 3)


def test_a_deleted_element_is_withdrawn_and_may_come_back(read: Read) -> None:
    read(PERSON, record("CMA"))
    assert read("CMD~111", "CMD~112", created=TUESDAY).counts("CMD") == {"removed": 1, "not held": 1}
    assert element().withdrawn_at == datetime(2026, 11, 3, 7, tzinfo=UTC)
    assert read("CMD~111", created=TUESDAY).counts("CMD") == {"unchanged": 1}
    assert read(record("CMA"), created=MONDAY).counts("CMA") == {"stale": 1}
    assert read(record("CMA"), created=WEDNESDAY).counts("CMA") == {"amended": 1}
    assert element().withdrawn_at is None


def test_deleted_and_added_again_in_one_file_is_held(read: Read) -> None:
    read(PERSON, record("CMA"))
    for _ in range(2):
        read("CMD~111", record("CMA", c7="20280101", c22="20261102 080000"), created=TUESDAY)
        assert (element().withdrawn_at, element().date_to) == (None, date(2028, 1, 1))


def test_what_was_made_here_stays_what_it_is(read: Read, northmoor: Organisation, fire: Competence) -> None:
    read(PERSON)
    CompetencyElement.objects.create(
        organisation=northmoor,
        element_id="900000000001",
        person=Person.objects.get(),
        competence=fire,
        date_from=date(2026, 10, 1),
        source=Source.LMS,
        source_id=1,
        source_reference="M-1",
        content_digest=42,
    )
    answer = read(record("CMA", c2="900000000001", c22="20301231"), created=TUESDAY)
    assert answer.counts("CMA") == {"ours": 1}
    held = CompetencyElement.objects.get()
    assert (held.source, held.source_reference, held.content_digest) == (Source.LMS, "M-1", 42)
    assert held.date_from == date(2026, 10, 1)
    # The record is the record: what it deletes is withdrawn, whoever had told us.
    assert read("CMD~900000000001", created=TUESDAY).counts("CMD") == {"removed": 1}
    assert CompetencyElement.objects.get().withdrawn_at is not None


def test_a_difference_that_something_else_made_is_put_right(read: Read) -> None:
    read(PERSON, record("CMA"))
    CompetencyElement.objects.update(date_to=date(2030, 1, 1))
    assert read(record("CMA")).counts("CMA") == {"amended": 1}
    assert element().date_to == date(2027, 12, 31)

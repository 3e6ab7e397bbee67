"""CDA and CDD: whose a definition is, which one a line means, and what ends one."""

from datetime import date

import pytest

from competencies.models import Competence, SubjectLevel
from interface.extract.competences import NAME_DISAGREES, NATIONAL_KEPT, UNKNOWN_LEVEL
from people.models import Organisation
from tests.interface.extract.extracts import MONDAY, TUESDAY, WEDNESDAY, Read, record

pytestmark = pytest.mark.django_db
FIRE = "NHS|CSTF|Fire Safety - 2 Years|"


@pytest.fixture
def seed(northmoor: Organisation) -> Competence:
    """As the national catalogue has it, with an invented ID."""
    return Competence.objects.create(
        competence_id="900004",
        name=FIRE,
        subject_level=SubjectLevel.objects.get(subject__name="Fire Safety"),
        renewal_frequency=2,
        renewal_units="Year",
    )


def test_a_national_competence_is_known_by_its_name_and_takes_the_real_id(
    read: Read, seed: Competence
) -> None:
    answer = read(record("CDA", c1="1234567", c2=FIRE, c4="20200602", c10="2", c11="Year", c14="901"))
    assert answer.counts("CDA") == {"amended": 1}
    competence = Competence.objects.get()
    assert (competence.pk, competence.competence_id) == (seed.pk, "1234567")
    assert competence.date_from == date(2020, 6, 2)
    assert competence.is_cstf


def test_a_new_national_cstf_competence_gets_the_subject_level_that_its_name_means(read: Read) -> None:
    answer = read(
        record("CDA", c1="1", c2="NHS|CSTF|Safeguarding Children (Version 2) - Level 2 - 3 Years|",
               c3="Words", c10="3", c11="YEARS"),
        record("CDA", c1="2", c2="NHS|CSTF|Resuscitation - Level 9|"),
        record("CDA", c1="3", c2="NHS|KSF|Health, Safety and Security C3|Core"),
    )  # fmt: skip
    assert answer.counts("CDA") == {"added": 3}
    children = Competence.objects.select_related("subject_level__subject").get(competence_id="1")
    assert children.organisation is None
    assert children.subject_level is not None
    assert (children.subject_level.subject.name, children.subject_level.level) == (
        "Safeguarding Children",
        "2",
    )
    assert (children.version, children.description) == ("Version 2", "Words")
    assert (children.renewal_frequency, children.renewal_units) == (3, "Year")
    assert Competence.objects.national().filter(subject_level=None).count() == 2
    assert answer.findings == {UNKNOWN_LEVEL: 1}


def test_a_line_that_would_take_another_s_name_is_rejected_alone(read: Read, seed: Competence) -> None:
    # Typed by hand, without the pipe: the same to whoever reads it, and not to the database.
    Competence.objects.create(competence_id="1234567", name=FIRE[:-1], subject_level=seed.subject_level)
    answer = read(record("CDA", c1="1234567", c2=FIRE), record("CDA", c1="3", c2="901|LOCAL|Chess|"))
    assert answer.rejected == [(2, "Competence ID", "is held by another competence")]
    assert answer.counts("CDA") == {"rejected": 1, "added": 1}


def test_two_that_are_called_alike_are_renamed_one_by_one(read: Read, seed: Competence) -> None:
    other = Competence.objects.create(competence_id="2", name=FIRE[:-1], subject_level=seed.subject_level)
    one, three = FIRE.replace("2 Years", "1 Year"), FIRE.replace("2", "3")
    read(record("CDA", c1=seed.competence_id, c2=one), record("CDA", c1="2", c2=three))
    seed.refresh_from_db()
    other.refresh_from_db()
    assert (seed.name, other.name) == (one, three)


def test_a_new_competence_may_be_renamed_in_the_file_that_brings_it(read: Read) -> None:
    names = ["901|LOCAL|Chess|", "901|LOCAL|Chess, rapid|", "901|LOCAL|Chess, blitz|"]
    answer = read(*[record("CDA", c1="7", c2=name) for name in names], created=TUESDAY)
    assert answer.counts("CDA") == {"added": 1, "amended": 2}
    assert list(Competence.objects.values_list("competence_id", "name")) == [("7", names[-1])]


def test_other_competences_are_the_organisations_own(read: Read, northmoor: Organisation) -> None:
    read(record("CDA"), record("CDA", c1="6", c2="277|CNST"))
    assert set(Competence.objects.values_list("organisation", flat=True)) == {northmoor.pk}


def test_a_local_competence_is_known_by_its_id_and_may_be_renamed(read: Read) -> None:
    read(record("CDA"))
    read(record("CDA", c2="901|LOCAL|Food Safety|", c15="20261103 010000"), created=TUESDAY)
    assert Competence.objects.get().name == "901|LOCAL|Food Safety|"


def test_the_structured_renewal_period_rules_and_a_disagreement_is_told(read: Read) -> None:
    answer = read(record("CDA", c1="1234567", c2=FIRE, c10="18", c11="Month"))
    competence = Competence.objects.get()
    assert (competence.renewal_frequency, competence.renewal_units) == (18, "Month")
    assert answer.findings == {NAME_DISAGREES: 1}
    assert answer.rejected == []


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"c10": "2", "c11": "Fortnight"}, "Renewal Period Units"),
        ({"c10": "2", "c11": ""}, "Renewal Period Units"),
        ({"c10": "99999", "c11": "Year"}, "Renewal Period Units"),
        ({"c4": "20260102", "c5": "20260101"}, "Date To"),
        ({"c1": "900004", "c2": "NHS|CSTF|Conflict Resolution - 3 Years|"}, "Competence ID"),
        ({"c1": "900004", "c2": "NHS|KSF|Communication|"}, "Competence ID"),
        ({"c1": "1234567", "c2": "NHS|CSTF|Fire Safety - 1 Year|"}, "Competence ID"),
    ],
)
def test_a_definition_that_cannot_be_kept_is_rejected(
    read: Read, seed: Competence, cells: dict[str, str], column: str
) -> None:
    Competence.objects.create(competence_id="1234567", name="NHS|KSF|Other|")
    answer = read(record("CDA", **cells))
    assert [(line, where) for line, where, _ in answer.rejected] == [(2, column)]
    seed.refresh_from_db()
    assert (seed.competence_id, seed.name) == ("900004", FIRE)
    assert Competence.objects.count() == 2


def test_ids_may_change_hands_within_one_file(read: Read) -> None:
    read(record("CDA", c1="1", c2="901|L|One|"), record("CDA", c1="2", c2="901|L|Two|"))
    read(
        record("CDA", c1="1", c2="901|L|One|", c3="changed first", c15="20261103 000000"),
        record("CDA", c1="2", c2="901|L|Three|", c15="20261103 000000"),
        record("CDA", c1="1", c2="901|L|Two|", c15="20261103 000000"),
        created=TUESDAY,
    )
    assert set(Competence.objects.values_list("competence_id", "name")) == {
        ("1", "901|L|Two|"),
        ("2", "901|L|Three|"),
    }


def test_stale_never_overwrites_newer(read: Read) -> None:
    read(record("CDA", c3="Newer"))
    assert read(record("CDA", c3="Older", c15="20261031"), created=TUESDAY).counts("CDA") == {"stale": 1}
    assert Competence.objects.get().description == "Newer"


def test_a_subject_level_that_somebody_chose_by_hand_is_kept(read: Read, seed: Competence) -> None:
    Competence.objects.update(name="NHS|CSTF|Feuer|", version="by hand")
    read(record("CDA", c1="900004", c2="NHS|CSTF|Feuer|"))
    competence = Competence.objects.get()
    assert (competence.subject_level, competence.version) == (seed.subject_level, "by hand")


def test_a_deleted_definition_ends_and_stays(read: Read) -> None:
    read(record("CDA", c4="20200101"), record("CDA", c1="6", c2="901|L|Future|", c4="20270101"))
    lines = ("CDD~5", "CDD~6", "CDD~7")
    answer = read(*lines, created=TUESDAY)
    assert answer.counts("CDD") == {"removed": 2, "not held": 1}
    assert dict(Competence.objects.values_list("competence_id", "date_to")) == {
        "5": date(2026, 11, 2),
        "6": date(2027, 1, 1),
    }
    assert read(*lines, created=TUESDAY).counts("CDD") == {"unchanged": 2, "not held": 1}
    assert read(record("CDA", c4="20200101"), created=MONDAY).counts("CDA") == {"stale": 1}
    read(record("CDA", c4="20200101", c15="20261104 010000"), created=WEDNESDAY)
    assert Competence.objects.get(competence_id="5").date_to is None


def test_one_organisation_never_ends_a_national_definition(read: Read, seed: Competence) -> None:
    answer = read("CDD~900004")
    assert answer.counts("CDD") == {"skipped": 1}
    assert answer.findings == {NATIONAL_KEPT: 1}
    seed.refresh_from_db()
    assert seed.date_to is None


def test_a_local_competence_of_another_organisation_is_not_touched(
    read: Read, southmoor: Organisation
) -> None:
    theirs = Competence.objects.create(
        organisation=southmoor, competence_id="5", name="901|LOCAL|Food Hygiene|"
    )
    read(record("CDA", c3="Ours"), "CDD~5")
    theirs.refresh_from_db()
    assert (theirs.description, theirs.date_to) == ("", None)
    assert Competence.objects.count() == 2

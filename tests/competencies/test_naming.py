"""Names of competences: the catalogue's own, the irregular ones, and anything at all."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competencies.models import SubjectLevel
from competencies.naming import (
    SUBJECT_LEVELS,
    CompetenceName,
    Renewal,
    SubjectLevelName,
    parse,
    renewal_disagrees,
    subject_level_of,
)

CATALOGUE = Path(__file__).resolve().parent.parent / "data" / "cstf_competences.csv"


def catalogue() -> list[dict[str, str]]:
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", catalogue(), ids=lambda row: row["name"])
def test_every_name_of_the_national_catalogue_means_its_row(row: dict[str, str]) -> None:
    found = subject_level_of(row["name"])
    assert found is not None
    # In the catalogue file the variant of Resuscitation and the version elsewhere share a column.
    assert (found.subject, found.level, found.variant or found.version) == (
        row["subject"],
        row["level"],
        row["variant"],
    )
    frequency = int(row["renewal_frequency"]) if row["renewal_frequency"] else None
    assert parse(row["name"]).renewal == Renewal(frequency, row["renewal_units"])
    assert not renewal_disagrees(row["name"], frequency=frequency, units=row["renewal_units"])


@pytest.mark.django_db
def test_the_subject_levels_are_those_of_the_database() -> None:
    stored = set(SubjectLevel.objects.values_list("subject__name", "level", "variant"))
    assert stored == {(subject, *one) for subject, levels in SUBJECT_LEVELS.items() for one in levels}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("277|CNST", CompetenceName("277|CNST", prefix="277", framework="CNST")),
        (
            "NHS|KSF|Health, Safety and Security C3|Core",
            CompetenceName(
                "NHS|KSF|Health, Safety and Security C3|Core",
                prefix="NHS",
                framework="KSF",
                title="Health, Safety and Security C3",
                subject="Health, Safety and Security C3",
                more=("Core",),
            ),
        ),
        ("Fire", CompetenceName("Fire", title="Fire", subject="Fire")),
        ("", CompetenceName("")),
        (
            "277|LOCAL|Food - Hygiene - Level 2 - 18 Months|",
            CompetenceName(
                "277|LOCAL|Food - Hygiene - Level 2 - 18 Months|",
                prefix="277",
                framework="LOCAL",
                title="Food - Hygiene - Level 2 - 18 Months",
                subject="Food",
                level="2",
                segments=("Hygiene",),
                renewal=Renewal(18, "Month"),
            ),
        ),
    ],
)
def test_irregular_names_are_taken_apart_as_far_as_they_go(name: str, expected: CompetenceName) -> None:
    assert parse(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "nhs|cstf|MOVING & HANDLING - level 2 - 2 years|",
            SubjectLevelName("Moving and Handling", "2", "", ""),
        ),
        (
            "NHS|CSTF|Information Governance (Wales) - 2 Years",
            SubjectLevelName("Information Governance and Data Security", "", "", ""),
        ),
        ("NHS|CSTF|Resuscitation - Level 4 - Adult|", None),
        ("NHS|CSTF|Resuscitation - Level 2 - 1 Year|", None),
        ("NHS|CSTF|Safeguarding Children - Level 4 - 3 Years|", None),
        ("NHS|CSTF|Moving and Handling - 2 Years|", None),
        ("NHS|CSTF|Fire Safety - Level 1 - 2 Years|", None),
        ("NHS|KSF|Fire Safety - 2 Years|", None),
        ("277|CSTF|Fire Safety - 2 Years|", None),
        ("NHS|CSTF|", None),
    ],
)
def test_a_subject_level_is_told_from_a_name(name: str, expected: SubjectLevelName | None) -> None:
    assert subject_level_of(name) == expected


@pytest.mark.parametrize(
    ("frequency", "units", "disagrees"),
    [(2, "Year", False), (24, "Month", False), (3, "Year", True), (None, "", True)],
)
def test_a_name_may_disagree_with_the_renewal_that_rules(
    frequency: int | None, units: str, disagrees: bool
) -> None:
    name = "NHS|CSTF|Fire Safety - 2 Years|"
    assert renewal_disagrees(name, frequency=frequency, units=units) is disagrees


def test_a_name_that_is_silent_about_renewal_never_disagrees() -> None:
    assert not renewal_disagrees("277|CNST", frequency=1, units="Year")


NAME_LIKE = st.lists(
    st.sampled_from(
        ["NHS", "CSTF", "277", "|", " - ", "Level", " 2", "3 Years", "(Version 2)", "Fire Safety", "–"]
    )
    | st.text(max_size=5)
).map("".join)


@given(st.text() | NAME_LIKE)
def test_any_name_is_parsed_and_kept(name: str) -> None:
    parsed = parse(name)
    assert parsed.text == name
    for part in (parsed.prefix, parsed.framework, parsed.title, parsed.subject, parsed.level, parsed.version):
        assert part in name
    found = subject_level_of(name)
    assert found is None or (found.level, found.variant) in SUBJECT_LEVELS[found.subject]

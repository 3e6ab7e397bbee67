"""Near names: what a learning administrator would have chosen stands first, and nonsense suggests nothing."""

import csv
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interface.questions.nearest import suggestions, words

with resources.files("competencies.data").joinpath("cstf_competences.csv").open(encoding="utf-8") as table:
    NAMES = {key: row["name"] for key, row in enumerate(csv.DictReader(table))}


@pytest.mark.parametrize(
    ("course", "meant"),
    [
        ("FIRE-2Y", "Fire Safety - 2 Years"),
        ("Fire safety annual 1 year", "Fire Safety - 1 Year"),
        ("CSTF_IPC_L2", "Infection Prevention and Control - Level 2 - 1 Year"),
        ("IPC Level 1", "Infection Prevention and Control - Level 1 - 3 Years"),
        ("SGA L2", "Safeguarding Adults - Level 2 - 3 Years"),
        ("safegaurding adults 3", "Safeguarding Adults - Level 3 - 3 Years"),
        ("SGC2", "Safeguarding Children (Version 2) - Level 2 - 3 Years"),
        ("MH-L1", "Moving and Handling - Level 1 - 3 Years"),
        ("BLS Adult", "Resuscitation - Level 2 - Adult Basic Life Support - 1 Year"),
        ("ILS-PAED", "Resuscitation - Level 3 - Paediatric Immediate Life Support - 1 Year"),
        ("InfoGov", "Information Governance and Data Security - 1 Year"),
        ("PREVENT BASIC", "Preventing Radicalisation - Basic Prevent Awareness - 3 Years"),
        ("EDI", "Equality, Diversity and Human Rights - 3 Years"),
        ("FireSafetyELearning2Yrs", "Fire Safety - 2 Years"),
    ],
)
def test_the_best_is_what_was_meant(course: str, meant: str) -> None:
    assert suggestions(course, NAMES)[0].name == f"NHS|CSTF|{meant}|"


@pytest.mark.parametrize("course", ["KNITTING", "TOT-10482", "", "---", "CSTF course"])
def test_nonsense_suggests_nothing(course: str) -> None:
    assert suggestions(course, NAMES) == []


def test_as_many_as_asked_for_best_first() -> None:
    found = suggestions("safeguarding", NAMES, limit=5)
    assert len(found) == 5
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_words_keep_what_numbers_count() -> None:
    assert words("IPC_L2_1Y") == "infection prevention and control level2 1years"
    assert words("NHS|CSTF|Safeguarding Children (Version 2) - Level 3 - 3 Years|") == (
        "safeguarding children version2 level3 3years"
    )


@given(st.text(max_size=100))
def test_any_course_gives_suggestions_within_bounds(course: str) -> None:
    found = suggestions(course, NAMES)
    assert len(found) <= 3
    assert all(0 < one.score <= 100 and NAMES[one.key] == one.name for one in found)

"""Lines of a load in words: every kind of record, every outcome, whatever the counts hold."""

from __future__ import annotations

import pytest

from interface.extract.kinds import OUTCOMES, Kind, kinds
from interface.extract.report import Outcome


def test_every_outcome_is_counted_once() -> None:
    assert sorted(one for outcomes in OUTCOMES.values() for one in outcomes) == sorted(Outcome)


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({}, []),
        (
            {"POA": {"added": 1200, "stale": 1}, "POD": {"not held": 2}, "ORA": {"amended": 3}},
            ["Positions: 1,200 new, 3 not taken", "Organisation units: 3 changed"],
        ),
        (
            {"CMA": {"ours": 1, "unchanged": 1}, "PRD": {"removed": 1}},
            ["Persons: 1 deleted", "Competency elements: 2 unchanged"],
        ),
        ({"LCA": {"skipped": 1}, "odd": 7}, ["Others: 1 not taken"]),
    ],
)
def test_in_words(counts: dict[str, dict[str, int]], told: list[str]) -> None:
    assert [str(kind) for kind in kinds(counts)] == told


def test_counts_stand_in_the_order_of_the_outcomes() -> None:
    assert kinds({"PRA": {"added": 1, "amended": 2, "removed": 3, "ours": 4, "rejected": 5}}) == [
        Kind("Persons", (1, 2, 3, 4, 5))
    ]

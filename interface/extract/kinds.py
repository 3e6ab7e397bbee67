"""The lines of a load by what they are about and what became of them, or would, as people speak of both.

Every kind of record is in it: of positions and organisation units no sample is kept before and after, but their counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final, NamedTuple

from interface.extract.report import Outcome

# Of the first two letters of a record type, in the order in which people think of them.
KINDS: Final = {
    "PR": "Persons", "AS": "Assignments", "PO": "Positions", "OR": "Organisation units", "CD": "Competences",
    "CM": "Competency elements",
}  # fmt: skip
OTHERS: Final = "Others"
OUTCOMES: Final[Mapping[str, tuple[Outcome, ...]]] = {
    "new": (Outcome.ADDED,),
    "changed": (Outcome.AMENDED,),
    "deleted": (Outcome.REMOVED,),
    "unchanged": (Outcome.UNCHANGED, Outcome.OURS),
    "not taken": (Outcome.STALE, Outcome.NOT_HELD, Outcome.SKIPPED, Outcome.REJECTED),
}


class Kind(NamedTuple):
    """Lines about one kind of record: how many had each of the ``OUTCOMES``, in their order."""

    name: str
    counts: tuple[int, ...]

    def __str__(self) -> str:
        told = [f"{count:,} {words}" for words, count in zip(OUTCOMES, self.counts, strict=True) if count]
        return f"{self.name}: {', '.join(told)}"


def kinds(counts: Mapping[str, Mapping[str, int]]) -> list[Kind]:
    """From counts by record type and outcome, as a held load keeps them."""
    found: dict[str, Counter[str]] = {}
    for record_type, outcomes in counts.items():
        if isinstance(outcomes, Mapping):
            found.setdefault(KINDS.get(record_type[:2], OTHERS), Counter()).update(outcomes)
    return [
        Kind(name, tuple(sum(found[name][one] for one in outcomes) for outcomes in OUTCOMES.values()))
        for name in (*KINDS.values(), OTHERS)
        if name in found
    ]

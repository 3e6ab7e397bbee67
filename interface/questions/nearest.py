"""Which competences a course code may mean: near names, best first. Pure, so that it can be tried on any list.

A suggestion saves typing and decides nothing: a person maps. Codes are read as people write them: ``IPC_L2_1Y`` is
"infection prevention and control, level 2, 1 year".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from rapidfuzz import fuzz, process

# As LMS administrators shorten the framework's subjects.
_SHORT: Final[Mapping[str, str]] = {
    "adult": "adults", "bls": "basic life support resuscitation level 2",
    "cr": "conflict resolution", "edhr": "equality diversity and human rights",
    "edi": "equality diversity and human rights", "fire": "fire safety", "fs": "fire safety",
    "hs": "health safety and welfare", "hsw": "health safety and welfare",
    "info": "information", "infogov": "information governance", "gov": "governance", "paed": "paediatric",
    "paeds": "paediatric", "ig": "information governance and data security",
    "ils": "immediate life support resuscitation level 3",
    "ip": "infection prevention and control", "ipc": "infection prevention and control",
    "mh": "moving and handling", "manual": "moving and", "prevent": "preventing radicalisation prevent",
    "resus": "resuscitation", "sga": "safeguarding adults", "sgc": "safeguarding children",
    "yr": "years", "yrs": "years", "y": "years", "year": "years", "lvl": "level", "lev": "level", "l": "level",
}  # fmt: skip
_WORD: Final = re.compile(r"[a-z]+|[0-9]+")
_COUNTED: Final = re.compile(r"\b(level|version) ([0-9]+)")
_PERIOD: Final = re.compile(r"\b([0-9]+) years")
# Every course is one of these: they tell none from another.
_EMPTY: Final = frozenset({"nhs", "cstf", "course", "training", "elearning", "e", "learning", "module"})
_LEAST: Final = 55.0


class Suggestion(NamedTuple):
    """A competence that may be meant, and how near it is: 100 is the same words."""

    key: int
    name: str
    score: int


def suggestions(course: str, competences: Mapping[int, str], *, limit: int = 3) -> list[Suggestion]:
    """The nearest of these competences (names by key); none where no name has anything to do with the course."""
    wanted = words(course)
    if not wanted:
        return []
    spelt = {key: words(name) for key, name in competences.items()}
    found = process.extract(wanted, spelt, scorer=_nearness, limit=limit, score_cutoff=_LEAST)
    ranked = sorted(found, key=lambda one: (-one[1], competences[one[2]]))
    return [Suggestion(key, competences[key], round(score)) for _, score, key in ranked]


def words(text: str) -> str:
    """A code or a name as plain words, shortened ones in full, without what all of them have in common.

    A number keeps what it counts: ``level2``, ``2years``. A bare small one is a level.
    """
    # A capital after a small letter begins a word: ``FireSafety``.
    spread = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower()
    long = " ".join(_SHORT.get(word, word) for word in _WORD.findall(spread))
    long = _PERIOD.sub(r"\1years", _COUNTED.sub(r"\1\2", long))
    long = re.sub(r"\b([1-3])\b", r"level\1", long)
    return " ".join(dict.fromkeys(word for word in long.split() if word not in _EMPTY))


def _nearness(wanted: str, name: str, *, score_cutoff: float | None = None, **_: object) -> float:
    """Words in common, letters in common, and less for a level or period that is another one."""
    together = 0.7 * fuzz.token_set_ratio(wanted, name) + 0.3 * fuzz.token_sort_ratio(wanted, name)
    asked, has = _numbers(wanted), _numbers(name)
    score = min(100.0, together - 12 * len(asked - has))
    return score if score >= (score_cutoff or 0) else 0.0


def _numbers(text: str) -> frozenset[str]:
    return frozenset(word for word in text.split() if not word.isalpha())

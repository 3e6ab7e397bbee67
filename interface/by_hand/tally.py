"""What a file's rows come to: all of them counted and hashed, the first of them shown."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from people.tables import Problem

SHOWN: Final = 100
ADDED, CHANGED, UNCHANGED, WRONG = "added", "changed", "unchanged", "wrong"
# Column, before, after.
Cells = list[tuple[str, str, str]]


@dataclass(slots=True)
class Tally:
    """``problems`` are of the first rows that are wrong, ``changes`` of the first that change something."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    # Of completions: by the code of the answer.
    codes: Counter[str] = field(default_factory=Counter)
    # Of how many people, keys of those whose record changes, and of those whose job or stay ends.
    population: int = 0
    touched: set[int] = field(default_factory=set)
    ended: set[int] = field(default_factory=set)
    _hash: Any = field(default_factory=hashlib.sha256)

    @property
    def rows(self) -> int:
        """All that were looked at."""
        return self.counts.total()

    @property
    def outcome(self) -> str:
        """The hash of what every row comes to, in their order."""
        digest: str = self._hash.hexdigest()
        return digest

    def touches(self, changed: Iterable[int], ended: Iterable[int] = ()) -> None:
        """The record of these people changes, or they come to an end."""
        self.touched.update(changed)
        self.ended.update(ended)

    def include(self, *told: object) -> None:
        """What the rows come to besides, which a preview must hold for too."""
        self._hash.update(json.dumps(told, default=str).encode())

    def decided(self, what: str, line: int, *told: object) -> None:
        """The row was decided, with this answer; what it changed is told by person."""
        self._count(what, line, *told)

    def unchanged(self, line: int) -> None:
        """The row says what is stored."""
        self._count(UNCHANGED, line)

    def stored(self, line: int, what: str, difference: Iterable[str], cells: Callable[[], Cells]) -> None:
        """The row was added or changed. ``cells`` is asked where it is one of the first."""
        self._count(what, line, *difference)
        if self.counts[ADDED] + self.counts[CHANGED] <= SHOWN:
            self.changes.append({"line": line, "what": what, "cells": cells()})

    def wrong(self, line: int, problems: Iterable[Problem]) -> None:
        """The row cannot be taken."""
        told = [{"line": line, "column": one.column, "text": one.text} for one in problems]
        self._count(WRONG, line, told)
        if self.counts[WRONG] <= SHOWN:
            self.problems += told

    def _count(self, what: str, line: int, *told: object) -> None:
        self.counts[what] += 1
        self._hash.update(json.dumps([line, what, *told]).encode())

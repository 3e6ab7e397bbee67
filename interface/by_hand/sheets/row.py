"""What a sheet gives: its header, and rows of text with the line on which each starts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from people.tables import Problem

# Of a file of failed rows: not looked at when it comes back.
WHAT_IS_WRONG: Final = "what_is_wrong"
# A row whose first cell begins so is a note to people: templates have some.
NOTE: Final = "#"


class Kind(StrEnum):
    """How a table is stored."""

    CSV = "csv"
    XLSX = "xlsx"


class SheetRefusedError(Exception):
    """Nothing of the file is used; the problem says why, where, and what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def refused(text: str, *, line: int = 0, column: str = "") -> SheetRefusedError:
    """The exception with its problem."""
    return SheetRefusedError(Problem(line, column, text))


class Cell(NamedTuple):
    """A cell's text, or why it has none that can be used."""

    text: str
    fault: str = ""


EMPTY: Final = Cell("")
# A line with its cells, as the file has them: blank ones and notes too.
RawRow = tuple[int, Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its values in the order of the header; ``problems`` of its form, then its values are not to be used."""

    line: int
    values: list[str]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """``rows`` is read as it is used, once; it raises SheetRefusedError where the file turns out to be unusable."""

    kind: Kind
    headers: list[str]
    rows: Iterator[Row]

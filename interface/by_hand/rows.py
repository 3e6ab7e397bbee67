"""A file's rows through the resource of their table, block by block: the same for the preview as for the real run.

A block of rows is all that is in memory, with what is shown of those before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, Final, Protocol

from import_export.results import RowResult

from interface.by_hand.sheets.row import Row, Sheet
from interface.by_hand.tally import ADDED, CHANGED, Tally
from people.resources import TableResource
from people.tables import Problem

BLOCK: Final = 500
Progress = Callable[[int], None]


class WrongRows(Protocol):
    """Where the rows go that cannot be taken."""

    def write(self, values: Sequence[str], problems: Sequence[Problem]) -> None:
        """One of them, with what is wrong."""


class HeaderRefusedError(Exception):
    """The columns are not those of the table: nothing of the file is used."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


def take_rows(
    sheet: Sheet, resource: TableResource, tally: Tally, wrong: WrongRows, progress: Progress
) -> None:
    """Every row is stored, or told as wrong, inside the caller's transaction.

    Raises HeaderRefusedError, or SheetRefusedError where the file turns out to be unusable further down.
    """
    if problems := resource.header_problems(sheet.headers):
        raise HeaderRefusedError(problems)
    for block in _blocks(sheet.rows):
        _take(block, sheet.headers, resource, tally, wrong)
        progress(tally.rows)


def _blocks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while block := list(islice(rows, BLOCK)):
        yield block


def _take(
    block: Sequence[Row], headers: Sequence[str], resource: TableResource, tally: Tally, wrong: WrongRows
) -> None:
    sound = [row for row in block if not row.problems]
    result = resource.store(headers, [row.values for row in sound], [row.line for row in sound])
    tally.touches(*resource.people_touched())
    faults = {
        sound[invalid.number - 1].line: list(resource.problems_of(invalid)) for invalid in result.invalid_rows
    }
    places = {row.line: place for place, row in enumerate(sound, 1)}
    for row in block:
        problems = row.problems or faults.get(row.line)
        if problems:
            tally.wrong(row.line, problems)
            wrong.write(row.values, problems)
        else:
            place = places[row.line]
            _count(result.rows[place - 1], row.line, place, resource, tally)


def _count(result: Any, line: int, place: int, resource: TableResource, tally: Tally) -> None:
    if result.import_type == RowResult.IMPORT_TYPE_SKIP:
        tally.unchanged(line)
        return
    cells = partial(resource.changes_of, place)
    if result.import_type == RowResult.IMPORT_TYPE_NEW:
        # Its values are the file's, and its keys are not the same when it is stored again.
        tally.stored(line, ADDED, (), cells)
    else:
        tally.stored(line, CHANGED, resource.difference_of(place), cells)

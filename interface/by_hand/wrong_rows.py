"""The rows that could not be taken, as a file of the same kind: corrected, it is uploaded again as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from interface.by_hand import storage
from interface.by_hand.sheets.row import WHAT_IS_WRONG, Kind
from interface.by_hand.sheets.writing import Writer, writer
from people.tables import Problem

PART = "wrong"


class WrongRowsFile:
    """Writes them with one column more, which says what is wrong."""

    def __init__(self, sheet: Writer, headers: Sequence[str]) -> None:
        self._sheet = sheet
        sheet.write([*headers, WHAT_IS_WRONG], is_header=True)

    def write(self, values: Sequence[str], problems: Sequence[Problem]) -> None:
        """One of them."""
        told = "; ".join(f"{one.column}: {one.text}" if one.column else one.text for one in problems)
        self._sheet.write([*values, told])


@contextmanager
def wrong_rows(token: str, kind: Kind, headers: Sequence[str]) -> Iterator[WrongRowsFile]:
    """The file is there when the block is left."""
    with storage.writing(storage.place(token, PART)) as file, writer(file, kind) as sheet:
        yield WrongRowsFile(sheet, headers)

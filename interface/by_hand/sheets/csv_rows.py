"""Rows of a CSV file: UTF-8, commas, quotes.

Windows-1252 is not guessed at: a name read in the wrong encoding is another person's name, and every spreadsheet can
save UTF-8.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import BinaryIO

from interface.by_hand.sheets.row import Cell, RawRow, refused
from people.harmless import as_meant
from people.tables import LONGEST_CELL

_SAVE = "save it as “CSV UTF-8 (comma delimited)”"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def csv_rows(file: BinaryIO) -> Iterator[RawRow]:
    """Every row with the line on which it starts. Raises SheetRefusedError where it is no such file."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(_lines(file), strict=True)
    started = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise refused(f"it cannot be read as CSV ({error}): {_SAVE}", line=started) from None
        if cells is None:
            return
        yield started, [Cell(as_meant(text.strip())) for text in cells]
        started = reader.line_num + 1


def _lines(file: BinaryIO) -> Iterator[str]:
    for number, raw in enumerate(file, 1):
        if number == 1:
            if raw.startswith(_UTF_16):
                raise refused(f"it is Unicode text of another kind (UTF-16): {_SAVE}")
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if b"\0" in raw:
            raise refused(f"it holds a NUL byte, which no text does: {_SAVE}", line=number)
        try:
            yield raw.decode("utf-8")
        except UnicodeDecodeError as error:
            byte = raw[error.start]
            raise refused(f"byte 0x{byte:02X} is not UTF-8: {_SAVE}", line=number) from None


def separated_otherwise(header: str) -> str:
    """What separates the columns of a header that came out as one cell, in words; empty where nothing does."""
    found = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
    return next((words for character, words in found.items() if character in header), "")

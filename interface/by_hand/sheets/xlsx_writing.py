"""A workbook written row by row: every cell is text, so that a spreadsheet keeps leading zeros and calculates nothing.

XlsxWriter writes it, a row at a time, and lays aside on disk what it has: memory stays flat. 630,000 cells take nine
seconds of processor time; openpyxl, which reads workbooks here, takes 25 for the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import ExitStack
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

import xlsxwriter

from interface.by_hand import storage
from people.harmless import made_harmless

# What XML 1.0 cannot hold, whichever way it is written. XlsxWriter would escape some of it for spreadsheets alone.
_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Spreadsheets take _x0041_ for a letter A: the underscore before it is written so itself.
_ESCAPED: Final = re.compile("_x005F_(?=x[0-9A-Fa-f]{4}_)")
# Of a cell, in UTF-16 units: a spreadsheet calls a workbook with a longer one damaged.
_MOST: Final = 32_767
_CUT: Final = " … (cut: a cell holds no more)"
# XlsxWriter puts a text between these into the sheet as it is, for XML of its own.
_RAW: Final = ("<r>", "</r>")


class XlsxWriter:
    """Sheets one after the other, each from its first row to its last."""

    def __init__(self, file: BinaryIO, *, title: str = "rows") -> None:
        self._file, self._title = file, title
        self._open = ExitStack()

    def __enter__(self) -> Self:
        folder = self._open.enter_context(storage.scratch())
        told = {
            "constant_memory": True,
            "tmpdir": str(folder),
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        }
        self._book: Any = self._open.enter_context(xlsxwriter.Workbook(self._file, told))
        self._body = self._book.add_format({"num_format": "@"})
        self._header = self._book.add_format({"num_format": "@", "bold": True})
        self.another_sheet(self._title)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """All is in the file, which stays open; nothing is left aside."""
        self._open.close()

    def another_sheet(self, title: str) -> None:
        """What is written from now on stands on another sheet, which an upload does not look at."""
        self._sheet: Any = self._book.add_worksheet(title)
        self._sheet.freeze_panes(1, 0)
        self._row = 0

    def write(self, cells: Iterable[str], *, is_header: bool = False) -> None:
        """One row; its columns are text for whoever fills them in. Raises ValueError where a sheet is full."""
        row, style, write = self._row, self._header if is_header else self._body, self._sheet.write_string
        texts = list(cells)
        if texts and not row:
            self._sheet.set_column(0, len(texts) - 1, 18, self._body)
        for column, text in enumerate(texts):
            if not text:
                continue
            safe = _written(text)
            if safe.startswith(_RAW[0]) and safe.endswith(_RAW[1]):
                # In two runs it is escaped as any other.
                failed = self._sheet.write_rich_string(row, column, safe[:1], style, safe[1:], style)
            else:
                failed = write(row, column, safe, style)
            if failed:
                raise ValueError(f"a sheet has no room for line {row + 1:,}, column {column + 1:,}")
        self._row += 1


def _written(text: str) -> str:
    safe = made_harmless(text)
    if not safe.isprintable():
        # A carriage return is a line break like any other: XML would make one of it.
        safe = _ILLEGAL.sub("�", safe).replace("\r\n", "\n").replace("\r", "\n")
    return _cut(safe) if len(safe) > _MOST // 2 else safe


def _cut(text: str) -> str:
    units = text.encode("utf-16-le")
    if len(units) <= 2 * _MOST:
        return text
    return units[: 2 * (_MOST - len(_CUT))].decode("utf-16-le", "ignore") + _CUT


def read_back(text: str) -> str:
    """The text of a cell as it was before ``_`` was written as spreadsheets want it."""
    return _ESCAPED.sub("_", text) if "_x005F_" in text else text

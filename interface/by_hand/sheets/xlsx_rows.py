"""Rows of a workbook's first sheet, read as a stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import Any, BinaryIO, Final, TypeVar

import openpyxl

from interface.by_hand.sheets.limits import Limits
from interface.by_hand.sheets.row import EMPTY, Cell, RawRow, refused
from interface.by_hand.sheets.workbook import check_workbook
from interface.by_hand.sheets.xlsx_writing import read_back
from people.harmless import as_meant

# So many rows may be blank. A sheet that names a row far below costs no more than these.
_BLANK: Final = 10_000
_UNUSABLE = "the workbook cannot be read: open it in a spreadsheet program and save it again as .xlsx"
_Given = TypeVar("_Given")


def xlsx_rows(file: BinaryIO, limits: Limits) -> Iterator[RawRow]:
    """Every row that the first sheet has, with its number. Raises SheetRefusedError where it is no such file."""
    check_workbook(file, limits)
    file.seek(0)
    book = _parsed(
        lambda: openpyxl.load_workbook(
            file, read_only=True, data_only=False, keep_links=False, rich_text=False
        )
    )
    try:
        sheets = book.worksheets
        if not sheets:
            raise refused("the workbook has no sheet with cells")
        # One column more than may be, so that the reader sees that there are too many.
        line, last = 0, limits.rows + _BLANK
        rows = iter(sheets[0].iter_rows(max_row=last, max_col=limits.columns + 1))
        while (cells := _parsed(lambda: next(rows, None))) is not None:
            line += 1
            yield line, [_cell(one) for one in cells]
        if line >= last:
            raise refused(
                f"its rows reach below line {last:,}: delete what stands there, or upload fewer at a time"
            )
    finally:
        book.close()


def _parsed(step: Callable[[], _Given]) -> _Given:
    """What openpyxl gives. It raises whatever comes up in its depth where a workbook is not what it should be."""
    try:
        return step()
    except Exception as error:
        raise refused(f"{_UNUSABLE} ({type(error).__name__})") from None


def _cell(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return EMPTY
    if cell.data_type == "f":
        return Cell("", "the cell holds a formula: put its value there instead")
    if cell.data_type == "e":
        return Cell("", f"the cell holds the error {str(value)[:20]}: put a value there instead")
    return Cell(_text(value))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return as_meant(read_back(value).strip())
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)

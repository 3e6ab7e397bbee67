"""A table of any bytes: its header and a stream of rows, or the reason why it is refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import PurePath
from typing import BinaryIO, Final

from interface.by_hand.sheets.csv_rows import csv_rows, separated_otherwise
from interface.by_hand.sheets.limits import MEBIBYTE, Limits
from interface.by_hand.sheets.row import (
    EMPTY,
    NOTE,
    WHAT_IS_WRONG,
    Cell,
    Kind,
    RawRow,
    Row,
    Sheet,
    refused,
)
from interface.by_hand.sheets.xlsx_rows import xlsx_rows
from people.tables import Problem, quoted

_ZIP: Final = b"PK"
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"
_ONLY: Final = "only CSV (.csv) and Excel workbooks (.xlsx) can be uploaded"
_WITH_MACROS: Final = (".xlsm", ".xltm", ".xlam", ".xlsb")
_KINDS: Final = {".csv": Kind.CSV, ".xlsx": Kind.XLSX}


def kind_of(name: str, start: bytes) -> Kind:
    """By the file's name and its first bytes, which must agree. Raises SheetRefusedError where it is neither kind."""
    ending = PurePath(name).suffix.casefold()
    if ending in _WITH_MACROS:
        raise refused(f"a workbook that may hold macros ({ending}) is not taken: save it as .xlsx")
    if start.startswith(_OLD_OFFICE):
        raise refused("it is a workbook of the old kind, or protected by a password: save it as plain .xlsx")
    kind = _KINDS.get(ending)
    if kind is None:
        raise refused(f"{quoted(ending or name)} is no such file: {_ONLY}")
    if kind is Kind.CSV and start.startswith(_ZIP):
        raise refused("it is called .csv and is a workbook: call it .xlsx, or save it as “CSV UTF-8”")
    if kind is Kind.XLSX and start and not start.startswith(_ZIP):
        raise refused("it is called .xlsx and is no workbook: save it as .xlsx, or call it .csv if it is one")
    return kind


def open_sheet(file: BinaryIO, name: str, limits: Limits) -> Sheet:
    """The header, and the rows as a stream; notes, blank rows and the column of what is wrong are left out.

    Raises SheetRefusedError, here or while the rows are read.
    """
    size = file.seek(0, 2)
    file.seek(0)
    if size > limits.size:
        raise refused(f"it is larger than {limits.size // MEBIBYTE} MB: upload fewer rows at a time")
    kind = kind_of(name, file.read(8))
    file.seek(0)
    rows = _told(csv_rows(file) if kind is Kind.CSV else xlsx_rows(file, limits))
    first = next(rows, None)
    if first is None:
        raise refused("it is empty: the first row names the columns")
    headers = _headers(first, kind, limits)
    wanted = [index for index, header in enumerate(headers) if header != WHAT_IS_WRONG]
    return Sheet(kind, [headers[index] for index in wanted], _rows(rows, headers, wanted, limits))


def _told(rows: Iterator[RawRow]) -> Iterator[RawRow]:
    """Without blank rows and notes."""
    for line, cells in rows:
        if any(cell.text or cell.fault for cell in cells) and not cells[0].text.startswith(NOTE):
            yield line, cells


def _headers(first: RawRow, kind: Kind, limits: Limits) -> list[str]:
    line, cells = first
    for number, cell in enumerate(cells, 1):
        if cell.fault:
            raise refused(cell.fault, line=line, column=f"column {number}")
    headers = [cell.text.casefold() for cell in cells]
    while not headers[-1]:
        headers.pop()
    if len(headers) > limits.columns:
        raise refused(f"it has more than {limits.columns} columns", line=line)
    if kind is Kind.CSV and len(headers) == 1 and (words := separated_otherwise(headers[0])):
        raise refused(f"its columns are separated by {words}: save it with commas between them", line=line)
    return headers


def _rows(
    rows: Iterator[RawRow], headers: Sequence[str], wanted: Sequence[int], limits: Limits
) -> Iterator[Row]:
    taken = 0
    for line, cells in rows:
        taken += 1
        if taken > limits.rows:
            raise refused(f"it has more than {limits.rows:,} rows: upload fewer at a time", line=line)
        yield _row(line, cells, headers, wanted, limits)
    if not taken:
        raise refused("it has no rows under its header")


def _row(
    line: int, cells: Sequence[Cell], headers: Sequence[str], wanted: Sequence[int], limits: Limits
) -> Row:
    cells = [*cells, *[EMPTY] * (len(headers) - len(cells))]
    problems = []
    if any(cell.text or cell.fault for cell in cells[len(headers) :]):
        text = f"more values than columns ({len(headers)}): a value that holds a comma needs quotes around it"
        problems.append(Problem(line, "", text))
    for index in wanted:
        if fault := _fault(cells[index], limits):
            problems.append(Problem(line, headers[index], fault))
    return Row(line, [cells[index].text for index in wanted], tuple(problems))


def _fault(cell: Cell, limits: Limits) -> str:
    if cell.fault:
        return cell.fault
    if len(cell.text) > limits.cell:
        return f"{quoted(cell.text)} has {len(cell.text):,} characters, more than {limits.cell:,}"
    return "holds a NUL, which no text does" if "\0" in cell.text else ""


def how_many(sheet: Sheet, *, at_least: int) -> int:
    """How many rows there are, counted no further than ``at_least``. The sheet is used up."""
    return sum(1 for _ in zip(range(at_least), chain(sheet.rows), strict=False))

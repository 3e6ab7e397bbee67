"""A table written row by row, as CSV or as a workbook: opened in a spreadsheet program it calculates nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any, BinaryIO, Self

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from interface.by_hand.sheets.row import Kind
from people.harmless import made_harmless

CONTENT_TYPES = {
    Kind.CSV: "text/csv; charset=utf-8",
    Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class CsvWriter:
    """UTF-8 with a byte order mark, which is how Excel knows it."""

    def __init__(self, file: BinaryIO) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
        self._writer = csv.writer(self._text)

    def write(self, cells: Iterable[str], *, is_header: bool = False) -> None:
        """One row."""
        self._writer.writerow([made_harmless(cell) for cell in cells])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """All is in the file, which stays open."""
        self._text.flush()
        self._text.detach()


class XlsxWriter:
    """Every cell is text, whatever it begins with. Rows go to a temporary file of openpyxl's until the end."""

    def __init__(self, file: BinaryIO, *, title: str = "rows") -> None:
        self._file = file
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet(title)

    def another_sheet(self, title: str) -> None:
        """What is written from now on stands on another sheet, which an upload does not look at."""
        self._sheet = self._book.create_sheet(title)

    def write(self, cells: Iterable[str], *, is_header: bool = False) -> None:
        """One row."""
        self._sheet.append([self._cell(text, is_header=is_header) for text in cells])

    def _cell(self, text: str, *, is_header: bool) -> Any:
        cell = WriteOnlyCell(self._sheet, value=None)
        if text:
            cell.value = ILLEGAL_CHARACTERS_RE.sub("�", made_harmless(text))
            cell.data_type = "s"
        cell.number_format = "@"
        if is_header:
            cell.font = Font(bold=True)
        return cell

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """All is in the file, which stays open."""
        if kind is None:
            self._book.save(self._file)
        self._book.close()


Writer = CsvWriter | XlsxWriter


def writer(file: BinaryIO, kind: Kind) -> Writer:
    """For a file open for writing."""
    return CsvWriter(file) if kind is Kind.CSV else XlsxWriter(file)


def csv_stream(rows: Iterable[Sequence[str]], *, block: int = 500) -> Iterator[bytes]:
    """CSV as it is made, for an answer that is sent while the rows come."""
    buffer = io.BytesIO()
    with CsvWriter(buffer) as table:
        for number, row in enumerate(rows, 1):
            table.write(row)
            if number % block == 0:
                yield buffer.getvalue()
                buffer.seek(0)
                buffer.truncate()
    yield buffer.getvalue()

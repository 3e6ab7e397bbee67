"""A table written row by row, as CSV or as a workbook: opened in a spreadsheet program it calculates nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import BinaryIO, Self

from interface.by_hand.sheets.row import Kind
from interface.by_hand.sheets.xlsx_writing import XlsxWriter
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

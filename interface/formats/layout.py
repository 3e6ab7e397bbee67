"""Record layouts as tables: which column holds what, how long it may be, and whether it must be filled.

A table is compiled once into the few lists that reading and writing a line need, so that a table-driven reader costs
about what a hand-written one would: good lines go through without a look at single columns, and only a line that
something is wrong with is gone through column by column to say what.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from operator import gt, itemgetter
from typing import Any

from interface.formats import moments
from interface.formats.text import CONTROLS, SEPARATOR, Encoder, join


class Kind(Enum):
    """What a column holds, with the words a fault is told in."""

    TEXT = "a text"
    DATE = "a real date (YYYYMMDD)"
    TIMESTAMP = "a real timestamp (YYYYMMDD HHMMSS)"
    MOMENT = "a real date (YYYYMMDD) or timestamp (YYYYMMDD HHMMSS)"
    DAY_STAMP = "a real date or timestamp"  # read as a MOMENT, written as a date
    FLAG = "Yes or No"
    NUMBER = "a whole number"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its place (the record type is 0), its name on the wire, and the field of the typed record.

    A column without a field is known but not kept: it is never read into the product and never written.
    """

    index: int
    name: str
    field: str = ""
    kind: Kind = Kind.TEXT
    length: int | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class FormError:
    """Why a line is not a record: E300 (its shape), E301 (a value missing) or E302 (a value not valid)."""

    code: str
    column: str
    message: str


_FLAGS = {"yes": True, "y": True, "no": False, "n": False}


def _read_flag(text: str) -> bool | None:
    return _FLAGS.get(text.casefold())


def _read_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _write_flag(value: bool) -> str:
    return "Yes" if value else "No"


def _write_day(moment: Any) -> str:
    return moments.write_timestamp(moment)[:8]


_READERS: dict[Kind, Callable[[str], Any]] = {
    Kind.DATE: moments.read_date,
    Kind.TIMESTAMP: moments.read_timestamp,
    Kind.MOMENT: moments.read_moment,
    Kind.DAY_STAMP: moments.read_moment,
    Kind.FLAG: _read_flag,
    Kind.NUMBER: _read_number,
}
_WRITERS: dict[Kind, Callable[[Any], str]] = {
    Kind.DATE: moments.write_date,
    Kind.TIMESTAMP: moments.write_timestamp,
    Kind.MOMENT: moments.write_timestamp,
    Kind.DAY_STAMP: _write_day,
    Kind.FLAG: _write_flag,
    Kind.NUMBER: str,
}


class Layout:
    """One record type's table, with the reader and the writer that follow from it.

    ``one_of`` lists groups of columns of which at least one must be filled.
    """

    def __init__(
        self,
        record_type: str,
        width: int,
        columns: Sequence[Column],
        one_of: Sequence[tuple[int, ...]] = (),
    ) -> None:
        self.record_type = record_type
        self.width = width
        self.columns = tuple(columns)
        self.one_of = tuple(one_of)
        self.by_index = {column.index: column for column in columns}
        kept = [column for column in columns if column.field]
        self.fields = tuple(column.field for column in kept)
        self._kept = tuple(kept)
        self._cells_of = itemgetter(*(column.index for column in kept))
        self._converted = tuple(
            (position, _READERS[column.kind])
            for position, column in enumerate(kept)
            if column.kind is not Kind.TEXT
        )
        self._limits = tuple(self._limit(index) for index in range(width))
        required = tuple((column.index,) for column in columns if column.required)
        self._groups = tuple(sorted(required + self.one_of))
        self._required_of = itemgetter(0, *(column.index for column in columns if column.required))
        self._blank = [record_type] + [""] * (width - 1)
        self._written = tuple((column.index, _WRITERS.get(column.kind)) for column in kept)

    def read(self, line: str) -> list[Any] | FormError:
        """The kept fields' values in table order (empty text is "", anything else empty is None), or the first fault.

        The line's record type has been looked at before.
        """
        cells = line.split(SEPARATOR)
        if len(cells) != self.width:
            return self.misshapen(len(cells))
        if self._is_suspicious(line, cells):
            for fault in self.faults(cells):
                return fault
            cells = [cell if cell.strip() else "" for cell in cells]
        values: list[Any] = list(self._cells_of(cells))
        for position, convert in self._converted:
            cell = values[position]
            if not cell:
                values[position] = None
            elif (value := convert(cell)) is None:
                return next(self.faults(cells))
            else:
                values[position] = value
        return values

    def write(self, values: Sequence[Any], encoder: Encoder | None = None) -> str:
        """The line, exactly as wide as the table, from the kept fields' values in table order."""
        cells = self._blank.copy()
        for (index, write), value in zip(self._written, values, strict=True):
            if write is None:
                cells[index] = value
            elif value is not None:
                cells[index] = write(value)
        return join(cells) if encoder is None else encoder.join(cells)

    def faults(self, cells: Sequence[str]) -> Iterator[FormError]:
        """Everything that is wrong with a line of the right width: what is missing first, then column by column."""
        for group in self._groups:
            if not any(cells[index].strip() for index in group):
                yield FormError("E301", self.by_index[group[0]].name, self._missing(group))
        for column in self._kept:
            cell = cells[column.index]
            if cell and not (column.required and not cell.strip()) and (reason := _invalid(column, cell)):
                yield FormError("E302", column.name, f"{column.name} {reason}")

    def misshapen(self, width: int) -> FormError:
        """The fault of a line of this record type with the wrong number of columns."""
        return FormError("E300", "", f"{self.record_type} has {width} columns where {self.width} are expected")

    def _is_suspicious(self, line: str, cells: Sequence[str]) -> bool:
        """Whether anything but the dates may be wrong, or blank: told in C over the whole line, as nearly all are good."""
        return (
            not line.isprintable()
            or "~ " in line
            or not all(self._required_of(cells))
            or any(map(gt, map(len, cells), self._limits))
            or not all(any(cells[index] for index in group) for group in self.one_of)
        )

    def _missing(self, group: tuple[int, ...]) -> str:
        names = [self.by_index[index].name for index in group]
        return f"{names[0]} is missing" if len(names) == 1 else f"one of {', '.join(names)} must be filled"

    def _limit(self, index: int) -> int:
        column = self.by_index.get(index)
        return sys.maxsize if column is None or not column.field or column.length is None else column.length


def _invalid(column: Column, cell: str) -> str:
    """Why this filled cell is not a value of its column, without repeating the value; nothing when it is one."""
    if control := CONTROLS.search(cell):
        return f"holds a control character (U+{ord(control[0]):04X})"
    if column.length is not None and len(cell) > column.length:
        return f"is longer than {column.length} characters ({len(cell)})"
    reader = _READERS.get(column.kind)
    if reader is not None and reader(cell) is None:
        return f"is not {column.kind.value}"
    return ""

"""Record layouts as tables: which column holds what, how long it may be, and whether it must be filled.

A table is compiled once into the few lists that reading and writing a line need, so that a table-driven
reader costs about what a hand-written one would: good lines go through without a look at single columns, and
only a line that something is wrong with is gone through column by column to say what.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
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
        self.by_index = {column.index: column for column in columns}
        self.kept = tuple(column for column in columns if column.field)
        self.fields = tuple(column.field for column in self.kept)
        required = tuple((column.index,) for column in columns if column.required)
        self._filled = tuple(sorted((*required, *one_of)))
        self._good = self._pattern(one_of)
        self._converted = tuple(
            (position, moments.short_date if column.kind is Kind.DATE else _READERS[column.kind])
            for position, column in enumerate(self.kept)
            if column.kind is not Kind.TEXT
        )
        self._blank = [record_type] + [""] * (width - 1)
        self._written = tuple((column.index, _WRITERS.get(column.kind)) for column in self.kept)

    def read(self, line: str) -> list[Any] | FormError:
        """The kept fields' values in table order, or the first fault: empty text is "", all else empty is
        None.

        The line's record type has been looked at before.
        """
        good = self._good.fullmatch(line)
        if good is None or "~ " in line or not line.isprintable():
            return self._read_closely(line)
        values: list[Any] = list(good.groups())
        return values if self._convert(values) else next(self.faults(line.split(SEPARATOR)))

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
        """All that is wrong with a line of the right width: what is missing first, then by column."""
        for group in self._filled:
            if not any(cells[index].strip() for index in group):
                yield FormError("E301", self.by_index[group[0]].name, self._missing(group))
        for column in self.kept:
            cell = cells[column.index]
            if cell and not (column.required and not cell.strip()) and (reason := _invalid(column, cell)):
                yield FormError("E302", column.name, f"{column.name} {reason}")

    def misshapen(self, width: int) -> FormError:
        """The fault of a line of this record type with the wrong number of columns."""
        return FormError(
            "E300", "", f"{self.record_type} has {width} columns where {self.width} are expected"
        )

    def _read_closely(self, line: str) -> list[Any] | FormError:
        """What ``read`` says of a line that has a fault, or a value that is out of the ordinary."""
        cells = line.split(SEPARATOR)
        if len(cells) != self.width:
            return self.misshapen(len(cells))
        for fault in self.faults(cells):
            return fault
        # A value of nothing but blanks is no value.
        values: list[Any] = [
            cells[column.index] if cells[column.index].strip() else "" for column in self.kept
        ]
        self._convert(values)
        return values

    def _convert(self, values: list[Any]) -> bool:
        """Puts dates, flags and numbers in the place of their texts; False at the first that is not one."""
        for position, convert in self._converted:
            if cell := values[position]:
                value = convert(cell)
                if value is None:
                    return False
                values[position] = value
            else:
                values[position] = None
        return True

    def _pattern(self, one_of: Sequence[tuple[int, ...]]) -> re.Pattern[str]:
        """A good line, dates and control characters aside, with a group for each kept column."""
        cells = [self._cell_pattern(self.by_index.get(index)) for index in range(1, self.width)]
        return re.compile("".join(map(_none_of, one_of)) + SEPARATOR.join([self.record_type, *cells]))

    def _cell_pattern(self, column: Column | None) -> str:
        if column is None or not column.field:
            return "[^~]*+"
        longest = moments.DATE_LENGTH if column.kind is Kind.DATE else column.length
        return f"([^~]{{{int(column.required)},{longest or ''}}}+)"

    def _missing(self, group: tuple[int, ...]) -> str:
        names = [self.by_index[index].name for index in group]
        return f"{names[0]} is missing" if len(names) == 1 else f"one of {', '.join(names)} must be filled"


def _none_of(group: tuple[int, ...]) -> str:
    """A lookahead that fails where none of these columns is filled."""
    cells = ("" if index in group else "[^~]*+" for index in range(max(group) + 1))
    return f"(?!{SEPARATOR.join(cells)}(?:{SEPARATOR}|\\Z))"


def _invalid(column: Column, cell: str) -> str:
    """Why this filled cell is not a value of its column, without repeating it; nothing when it is one."""
    if control := CONTROLS.search(cell):
        return f"holds a control character (U+{ord(control[0]):04X})"
    if column.length is not None and len(cell) > column.length:
        return f"is longer than {column.length} characters ({len(cell)})"
    reader = _READERS.get(column.kind)
    if reader is not None and reader(cell) is None:
        return f"is not {column.kind.value}"
    return ""

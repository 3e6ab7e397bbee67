"""Tables that operators hand over as CSV: read whole, every row with its line number, before any is stored.

The standard reader knows quoting, so a quoted value may hold a line break: rows and lines are not the same
thing, and an operator looks for a *line*. Problems are values (line, column, text), never exceptions from the
depth of a parser.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from people.harmless import as_meant

# A longer cell is no value but a file that lost a quote.
LONGEST_CELL = 10_000
SHOWN = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where, and what to do about it. Line 0: the whole file; no column: the whole row."""

    line: int
    column: str
    text: str

    def __str__(self) -> str:
        places = [f"line {self.line}" if self.line else "", self.column]
        place = ", ".join(part for part in places if part)
        return f"{place}: {self.text}" if place else self.text


@dataclass(slots=True)
class Table:
    """Headers, rows, and for each row the line on which it starts."""

    headers: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def quoted(value: str) -> str:
    """A value as a message shows it: in quotes, cut where it is long, control characters made visible."""
    shown = value if len(value) <= SHOWN else value[: SHOWN - 1] + "…"
    return "“" + "".join(c if c.isprintable() else "�" for c in shown) + "”"


def read_table(content: bytes) -> Table:
    """Read a CSV in UTF-8, with or without byte order mark; what cannot be read stands in ``problems``."""
    table = Table()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        table.problems.append(_not_utf8(content, error))
        return table
    try:
        _read_rows(table, text)
    except csv.Error as error:
        table.problems.append(Problem(0, "", f"it is not a CSV file ({error}): save it again as “CSV UTF-8”"))
    return table


def _not_utf8(content: bytes, error: UnicodeDecodeError) -> Problem:
    if content[:2] in (b"PK", b"\xd0\xcf"):
        return Problem(0, "", "it is a spreadsheet, not a CSV file: save it as “CSV UTF-8”")
    line = content.count(b"\n", 0, error.start) + 1
    byte = content[error.start]
    return Problem(line, "", f"byte 0x{byte:02X} is not UTF-8: save the file as “CSV UTF-8”")


def _read_rows(table: Table, text: str) -> None:
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    started = 1
    for cells in reader:
        line, started = started, reader.line_num + 1
        if not any(cell.strip() for cell in cells):
            continue
        if not table.headers:
            table.headers = [cell.strip() for cell in cells]
            continue
        _take(table, line, cells)
    if not table.headers:
        table.problems.append(Problem(0, "", "it is empty: the first line names the columns"))


def _take(table: Table, line: int, cells: Sequence[str]) -> None:
    if len(cells) != len(table.headers):
        wanted = f"the header has {len(table.headers)}"
        text = f"{len(cells)} columns, {wanted}: a value that holds a comma needs quotes around it"
        table.problems.append(Problem(line, "", text))
        return
    table.rows.append([as_meant(cell) for cell in cells])
    table.lines.append(line)

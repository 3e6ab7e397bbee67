"""A row of the table of completions as a line of the wire: columns by name, dates as people write them.

What a line may hold is for the engine to judge; here is only what differs between a table and the wire.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from competencies.models import BY_HAND
from interface.formats import moments
from interface.formats.completions import LUA
from interface.formats.text import SEPARATOR
from people.resources.widgets import DateWidget, TextWidget
from people.tables import Problem


class Given(NamedTuple):
    """A column: its name, whether it must be filled, what to write, and what it is called on the wire."""

    name: str
    is_required: bool
    note: str
    wire: str


COLUMNS: Final = (
    Given("person_id", False, "ESR's Person ID; may stay empty where employee_number is given", "Person ID"),
    Given("employee_number", False, "with its leading zeros", "Employee Number"),
    Given("last_name", True, "compared with the record", "Last Name"),
    Given("date_of_birth", True, "a date, YYYY-MM-DD; compared with the record", "Date of Birth"),
    Given("competence_id", False, "one of this and the next two says what was learnt", "Competence ID"),
    Given("competence_name", False, "spelled as in the list of competences", "Competence Name"),
    Given("course_code", False, "by the connection's mapping", "LMS Course Code"),
    Given("course_version", False, "", "LMS Course Version"),
    Given("completion_date", True, "a date, YYYY-MM-DD", "Completion Date"),
    Given("expiry_date", False, "a date, YYYY-MM-DD", "Expiry Date"),
    Given("proficiency_level", False, "", "Proficiency Level"),
    Given("certification_method", False, "", "Certification Method"),
    Given("reference", False, "your own number of it; without one it is made of the row", "Source Reference"),
)
_DATES: Final = {"date_of_birth", "completion_date", "expiry_date"}
# What makes a completion the same when it is uploaded again without a reference of its own.
_IDENTITY: Final = (
    "person_id", "employee_number", "competence_id", "competence_name", "course_code", "course_version",
    "completion_date",
)  # fmt: skip
_PLACES: Final = {column.name: index for index, column in LUA.by_index.items()}
BY_WIRE_NAME: Final[Mapping[str, str]] = {one.wire: one.name for one in COLUMNS}


def header_problems(headers: Sequence[str]) -> list[Problem]:
    """Columns missing, unknown or named twice."""
    known = [one.name for one in COLUMNS]
    missing = [one.name for one in COLUMNS if one.is_required and one.name not in headers]
    problems = [Problem(1, name, "this column is missing") for name in missing]
    for name in dict.fromkeys(headers):
        if name not in known:
            text = f"this column is not known; the columns are {', '.join(known)}"
            problems.append(Problem(1, name or "(no name)", text))
        elif list(headers).count(name) > 1:
            problems.append(Problem(1, name, "this column is there twice"))
    return problems


class Converter:
    """For the rows of one table. ``at``: their Last Update."""

    def __init__(self, headers: Sequence[str], *, at: datetime) -> None:
        self._headers = list(headers)
        self._last_update = moments.write_timestamp(at)

    def line(self, values: Sequence[str]) -> str | list[tuple[str, str]]:
        """The line, or columns with what keeps them from being part of one."""
        cells, faults = {}, []
        for name, text in zip(self._headers, values, strict=True):
            try:
                cells[name] = _on_the_wire(name, text)
            except ValueError as fault:
                faults.append((name, str(fault)))
        return faults or self._line(cells)

    def _line(self, cells: Mapping[str, str]) -> str:
        line = [""] * LUA.width
        line[0] = "LUA"
        for one in COLUMNS:
            line[_PLACES[one.wire]] = cells.get(one.name, "")
        line[_PLACES["Source Reference"]] = BY_HAND + (cells.get("reference") or _made_of(cells))
        line[_PLACES["Last Update"]] = self._last_update
        return SEPARATOR.join(line)


def _on_the_wire(name: str, text: str) -> str:
    if name in _DATES:
        return moments.write_date(DateWidget().clean(text))
    return TextWidget(on_the_wire=True).clean(text)


def _made_of(cells: Mapping[str, str]) -> str:
    told = SEPARATOR.join(cells.get(name, "") for name in _IDENTITY)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def cells_of_line(raw: str) -> list[str] | None:
    """A line as the row that it was made of; None where it was cut."""
    line = raw.split(SEPARATOR)
    return [_cell(one, line[_PLACES[one.wire]]) for one in COLUMNS] if len(line) == LUA.width else None


def _cell(column: Given, text: str) -> str:
    if column.name in _DATES:
        day = moments.read_date(text)
        return day.isoformat() if day else ""
    return text.removeprefix(BY_HAND) if column.name == "reference" else text

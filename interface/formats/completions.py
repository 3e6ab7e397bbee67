"""Inbound learning completions: LUA (a completion, new or amended) and LUD (withdrawn), our own design.

This is the hot path of the product: a file has up to millions of these lines. Reading checks the form only
(E300 the shape, E301 what is missing, E302 what is not valid, in this order); whether person, competence and
dates agree with what is held is for the decision.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from interface.formats.layout import Column, FormError, Kind, Layout
from interface.formats.lines import MAX_LINE
from interface.formats.text import SEPARATOR, shown

REFERENCE_LENGTH = 64

LUA = Layout(
    "LUA",
    15,
    [
        Column(1, "Source Reference", "source_reference", length=REFERENCE_LENGTH, required=True),
        Column(2, "Person ID", "person_id", length=20),
        Column(3, "Employee Number", "employee_number", length=30),
        Column(4, "Last Name", "last_name", length=150, required=True),
        Column(5, "Date of Birth", "date_of_birth", Kind.DATE, required=True),
        Column(6, "Competence ID", "competence_id", length=20),
        Column(7, "Competence Name", "competence_name", length=255),
        Column(8, "LMS Course Code", "course_code", length=100),
        Column(9, "LMS Course Version", "course_version", length=20),
        Column(10, "Completion Date", "completed_on", Kind.DATE, required=True),
        Column(11, "Expiry Date", "expires_on", Kind.DATE),
        Column(12, "Proficiency Level", "proficiency_level", length=60),
        Column(13, "Certification Method", "certification_method", length=80),
        Column(14, "Last Update", "last_update", Kind.TIMESTAMP, required=True),
    ],
    one_of=[(2, 3), (6, 7, 8)],
)
LUD = Layout(
    "LUD",
    2,
    [Column(1, "Source Reference", "source_reference", length=REFERENCE_LENGTH, required=True)],
)
_LAYOUTS = {"LUA": LUA, "LUD": LUD}


class Completion(NamedTuple):
    """One LUA line. Text that is empty, or only blanks, is ""; ``last_update`` is aware UTC.

    ``content`` is the line without its Last Update: two versions of a reference are the same where it is.
    """

    source_reference: str
    person_id: str
    employee_number: str
    last_name: str
    date_of_birth: date
    competence_id: str
    competence_name: str
    course_code: str
    course_version: str
    completed_on: date
    expires_on: date | None
    proficiency_level: str
    certification_method: str
    last_update: datetime
    content: str


class Withdrawal(NamedTuple):
    """One LUD line: the completion of this reference was issued in error."""

    source_reference: str


class Unreadable(NamedTuple):
    """A line that is no record: the code, the column it is about ("" for the whole line), the message for the
    sender.

    ``source_reference`` is what could be read of it, at most 64 characters.
    """

    code: str
    column: str
    message: str
    source_reference: str


def read(line: str) -> Completion | Withdrawal | Unreadable:
    """One line between HDR and TRL, decoded, without its line end."""
    if line[:4] == "LUA~":
        values = LUA.read(line)
        if isinstance(values, list):
            # Last Update, just found to be a timestamp, is the last 15 characters.
            values.append(line[:-16])
            return Completion._make(values)
    elif line[:4] == "LUD~":
        values = LUD.read(line)
        if isinstance(values, list):
            return Withdrawal._make(values)
    else:
        return _unreadable(_not_a_record(line), line)
    return _unreadable(values if len(line) <= MAX_LINE else _too_long(), line)


def read_raw(raw: bytes, encoding: str) -> Completion | Withdrawal | Unreadable:
    """``read`` for a line as ``numbered_lines`` yields it, of a file whose encoding has been checked."""
    if len(raw) > MAX_LINE:
        # Cut off by the reader, perhaps in the middle of a character.
        line = raw.decode(encoding, "replace")
        return _unreadable(_too_long(), line)
    return read(raw.decode(encoding))


def faults(line: str) -> Iterator[FormError]:
    """Everything that is wrong with a line, where ``read`` stops at the first: for the supplier's check."""
    cells = line.split(SEPARATOR)
    table = _LAYOUTS.get(cells[0])
    if table is None or len(line) > MAX_LINE or len(cells) == 1:
        yield _not_a_record(line)
    elif len(cells) != table.width:
        yield table.misshapen(len(cells))
    else:
        yield from table.faults(cells)


def columns(line: str, *, most: int = 40) -> Iterator[tuple[str, str]]:
    """Each cell of a line, whatever the line is, with its column's name on the wire ("" where there is none)."""
    record_type, *cells = line.split(SEPARATOR, most)
    table = _LAYOUTS.get(record_type)
    yield "Record Type", record_type
    for index, cell in enumerate(cells, 1):
        column = table.by_index.get(index) if table else None
        yield column.name if column else "", cell


def write(record: Completion | Withdrawal) -> str:
    """The line of a record (``content`` is not looked at): for tests, demo and suppliers' own checks."""
    if isinstance(record, Withdrawal):
        return LUD.write(record)
    return LUA.write(record[:-1])


def completion(
    source_reference: str,
    *,
    last_name: str,
    date_of_birth: date,
    completed_on: date,
    last_update: datetime,
    person_id: str = "",
    employee_number: str = "",
    competence_id: str = "",
    competence_name: str = "",
    course_code: str = "",
    course_version: str = "",
    expires_on: date | None = None,
    proficiency_level: str = "",
    certification_method: str = "",
) -> Completion:
    """A completion from plain values, its content worked out: for tests and the demo."""
    record = Completion(
        source_reference, person_id, employee_number, last_name, date_of_birth,
        competence_id, competence_name, course_code, course_version, completed_on, expires_on,
        proficiency_level, certification_method, last_update, content="",
    )  # fmt: skip
    return record._replace(content=write(record).rpartition(SEPARATOR)[0])


def _unreadable(fault: FormError, line: str) -> Unreadable:
    record_type, _, rest = line.partition(SEPARATOR)
    reference = rest.partition(SEPARATOR)[0] if record_type in _LAYOUTS else ""
    return Unreadable(fault.code, fault.column, fault.message, reference[:REFERENCE_LENGTH])


def _not_a_record(line: str) -> FormError:
    record_type, separator, _ = line[: MAX_LINE + 1].partition(SEPARATOR)
    if len(line) > MAX_LINE:
        return _too_long()
    if record_type in _LAYOUTS and not separator:
        return _LAYOUTS[record_type].misshapen(1)
    return FormError("E300", "", f"unknown record type {shown(record_type)}: LUA or LUD is expected")


def _too_long() -> FormError:
    return FormError("E300", "", f"the line is longer than {MAX_LINE} bytes")

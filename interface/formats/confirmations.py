"""Confirmations: LFC, the answer to a file, and LUC, the answer to one of its lines, our own design.

Status and severity follow from the code's letter (I, W, E), so that they can never disagree with it. Messages
are plain, at most ``MESSAGE_LIMIT`` characters.
"""

from collections.abc import Iterable
from typing import NamedTuple

from interface.formats.layout import Column, FormError, Kind, Layout
from interface.formats.text import SEPARATOR, Encoder, join

MESSAGE_LIMIT = 200
ACCEPTED, REFUSED = "ACCEPTED", "REFUSED"
SUCCESS, FAIL = "SUCCESS", "FAIL"

LFC = Layout(
    "LFC",
    9,
    [
        Column(1, "Inbound File Name", "file_name", required=True),
        Column(2, "Status", "status", required=True),
        Column(3, "Code", "code"),
        Column(4, "Message", "message", length=MESSAGE_LIMIT),
        Column(5, "Records", "records", Kind.NUMBER, required=True),
        Column(6, "Succeeded", "succeeded", Kind.NUMBER, required=True),
        Column(7, "Warned", "warned", Kind.NUMBER, required=True),
        Column(8, "Failed", "failed", Kind.NUMBER, required=True),
    ],
)
LUC = Layout(
    "LUC",
    9,
    [
        Column(1, "Line Number", "line_number", Kind.NUMBER, required=True),
        Column(2, "Source Reference", "source_reference"),
        Column(3, "Status", "status", required=True),
        Column(4, "Severity", "severity", required=True),
        Column(5, "Code", "code", required=True),
        Column(6, "Message", "message", length=MESSAGE_LIMIT),
        Column(7, "Person ID", "person_id"),
        Column(8, "Element IDs", "element_ids"),
    ],
)
_OUTCOMES = {"I": ("SUCCESS", "INFO"), "W": ("SUCCESS", "WARNING"), "E": ("FAIL", "ERROR")}
STATUS_COLUMNS = {letter: SEPARATOR.join(outcome) for letter, outcome in _OUTCOMES.items()}


class FileAnswer(NamedTuple):
    """One LFC line. ``code`` and ``message`` are empty for an accepted file."""

    file_name: str
    status: str
    code: str
    message: str
    records: int
    succeeded: int
    warned: int
    failed: int


class RecordAnswer(NamedTuple):
    """One LUC line."""

    line_number: int
    source_reference: str
    status: str
    severity: str
    code: str
    message: str
    person_id: str
    element_ids: tuple[str, ...]


def write_file_answer(answer: FileAnswer, encoder: Encoder | None = None) -> str:
    """The LFC line."""
    return LFC.write(answer._replace(message=fitted(answer.message)), encoder)


def write_record_answer(
    line_number: int,
    source_reference: str,
    code: str,
    message: str,
    person_id: str = "",
    element_ids: Iterable[str] = (),
    encoder: Encoder | None = None,
) -> str:
    """The LUC line; status and severity are the code's."""
    if len(message) > MESSAGE_LIMIT:
        message = fitted(message)
    outcome, elements = STATUS_COLUMNS[code[0]], "|".join(element_ids)
    line = f"LUC~{line_number}~{source_reference}~{outcome}~{code}~{message}~{person_id}~{elements}"
    if line.isprintable() and line.count(SEPARATOR) == 8:
        return line
    status, severity = _OUTCOMES[code[0]]
    cells = ["LUC", str(line_number), source_reference, status, severity, code, message, person_id, elements]
    return join(cells) if encoder is None else encoder.join(cells)


def read_line(line: str) -> FileAnswer | RecordAnswer | FormError:
    """An LFC or LUC line, as a partner reads it."""
    if line.startswith("LFC~"):
        values = LFC.read(line)
        return FileAnswer._make(values) if isinstance(values, list) else values
    if line.startswith("LUC~"):
        values = LUC.read(line)
        if isinstance(values, FormError):
            return values
        values[-1] = tuple(values[-1].split("|")) if values[-1] else ()
        return RecordAnswer._make(values)
    return FormError("E300", "", "unknown record type: LFC or LUC is expected")


def fitted(message: str) -> str:
    """The message within its limit."""
    return message if len(message) <= MESSAGE_LIMIT else message[: MESSAGE_LIMIT - 3] + "..."

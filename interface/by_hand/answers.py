"""What became of completions uploaded by hand: told row by row for the preview, and as a table to keep."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from django.utils import timezone

from competencies.models import CompetencyElement
from interface.by_hand.completion_rows import BY_WIRE_NAME, Converter
from interface.by_hand.rows import WrongRows
from interface.by_hand.sheets.row import Row, Sheet
from interface.by_hand.tally import ADDED, CHANGED, SHOWN, UNCHANGED, Tally
from interface.decision.codes import Code
from interface.formats import completions, confirmations
from interface.formats.text import SEPARATOR
from interface.inbound.befores import is_among
from interface.models import ElementBefore, InboundFile, InboundRecord
from interface.questions.changes import ElementState, changes_of, people_amended
from people.tables import Problem

_FORM: Final = ("E300", "E301", "E302")
_SAME: Final = (Code.UNCHANGED, Code.ALREADY_HELD, Code.OLDER_VERSION)
_COLUMNS: Final = ("line", "reference", "status", "severity", "code", "message", "person_id", "element_ids")


class _Answer(NamedTuple):
    line: int
    code: str
    message: str
    person_id: str | None
    element_ids: str
    raw: str


def tell(file: InboundFile, sheet: Sheet, tally: Tally, wrong: WrongRows) -> None:
    """Every row of the sheet is counted with its answer; those that were not taken are written out."""
    answers = _answers(file)
    converter = Converter(sheet.headers, at=timezone.now())
    for row in sheet.rows:
        problems = list(row.problems) or _unfit(row, converter)
        if not problems:
            answer = next(answers)
            assert answer.line == row.line, "rows stand on the lines that they had"
            tally.codes[answer.code] += 1
            problems = list(_problems(answer))
            if not problems:
                tally.decided(_what(answer, file), row.line, answer.code, answer.message, answer.person_id)
                continue
        tally.wrong(row.line, problems)
        wrong.write(row.values, problems)
    _tell_changes(file, tally)


def _answers(file: InboundFile) -> Iterator[_Answer]:
    records = InboundRecord.objects.filter(file=file).order_by("line_number")
    columns = ("line_number", "code", "message", "person__person_id", "element_ids", "raw")
    for row in records.values_list(*columns).iterator(chunk_size=2000):
        yield _Answer(*row)


def _unfit(row: Row, converter: Converter) -> list[Problem]:
    line = converter.line(row.values)
    return [] if isinstance(line, str) else [Problem(row.line, column, text) for column, text in line]


def _problems(answer: _Answer) -> Iterator[Problem]:
    """Faults of form by their columns, all of them; what else is wrong as the engine says it."""
    if not answer.code.startswith("E"):
        return
    faults = list(completions.faults(answer.raw)) if answer.code in _FORM else []
    for fault in faults:
        yield Problem(
            answer.line, BY_WIRE_NAME.get(fault.column, fault.column), f"{fault.code} {fault.message}"
        )
    if not faults:
        yield Problem(answer.line, "", f"{answer.code} {answer.message}")


def _what(answer: _Answer, file: InboundFile) -> str:
    if answer.code in _SAME:
        return UNCHANGED
    first = answer.element_ids.partition("|")[0]
    return ADDED if is_among(first, file.added or ()) else CHANGED


def _tell_changes(file: InboundFile, tally: Tally) -> None:
    # What is added is what completions are for.
    tally.touches(people_amended(file))
    for change in changes_of(file, limit=SHOWN):
        cells = [("holds", _held(change.before), _held(change.after))]
        tally.changes.append({"line": None, "what": str(change.person), "cells": cells})
    elements = CompetencyElement.objects.filter(organisation=file.organisation_id)
    amended = elements.filter(element_id__in=ElementBefore.objects.filter(file=file).values("element_id"))
    parts = [elements.filter(element_id__range=(str(first), str(last))) for first, last in file.added or ()]
    for part in (*parts, amended):
        columns = ("person_id", "competence_id", "date_from", "date_to")
        for told in part.order_by("element_id").values_list(*columns).iterator(chunk_size=2000):
            tally.include(*told)


def _held(elements: list[ElementState]) -> str:
    return "; ".join(
        f"{one.competence} {one.date_from or 'no date'} – {one.date_to or 'no end'}" for one in elements
    )


def confirmation_rows(file: InboundFile) -> Iterator[tuple[str, ...]]:
    """The confirmation as a table: the header, then one answer for each line, in their order."""
    yield _COLUMNS
    records = InboundRecord.objects.filter(file=file).order_by("line_number")
    columns = ("line_number", "source_reference", "code", "message", "person__person_id", "element_ids")
    rows = records.values_list(*columns).iterator(chunk_size=2000)
    for line, reference, code, message, person_id, ids in rows:
        status, severity = confirmations.STATUS_COLUMNS[code[0]].split(SEPARATOR)
        yield str(line), reference, status, severity, code, message, person_id or "", ids

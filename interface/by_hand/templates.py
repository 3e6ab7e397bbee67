"""A template to fill in: the header, and a row that says what to write where, which an upload does not look at."""

from __future__ import annotations

from typing import BinaryIO

from interface.by_hand.sheets.row import NOTE, Kind
from interface.by_hand.sheets.writing import writer
from interface.by_hand.sheets.xlsx_writing import XlsxWriter
from interface.by_hand.tables import Table


def write_template(table: Table, kind: Kind, file: BinaryIO) -> None:
    """The template's bytes are in the file; a workbook has a second sheet that lists the columns."""
    columns = table.columns()
    with writer(file, kind) as sheet:
        sheet.write([name for name, _, _ in columns], is_header=True)
        notes = [_note(is_required, note) for _, is_required, note in columns]
        sheet.write([f"{NOTE} {notes[0]}", *notes[1:]])
        if isinstance(sheet, XlsxWriter):
            sheet.another_sheet("columns")
            sheet.write(["column", "must be filled", "what to write"], is_header=True)
            for name, is_required, note in columns:
                sheet.write([name, "yes" if is_required else "no", note])


def _note(is_required: bool, note: str) -> str:
    return "; ".join(filter(None, ("must be filled" if is_required else "", note)))

"""A workbook holds text and nothing else, whatever the text is; what it cannot hold is seen to be missing."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from interface.by_hand.sheets.row import Kind
from interface.by_hand.sheets.writing import writer
from interface.by_hand.sheets.xlsx_writing import read_back


def written(*rows: list[str]) -> Worksheet:
    file = io.BytesIO()
    with writer(file, Kind.XLSX) as table:
        for number, row in enumerate(rows):
            table.write(row, is_header=not number)
    sheet = openpyxl.load_workbook(file).active
    assert isinstance(sheet, Worksheet)
    return sheet


def test_cells_are_text_and_the_header_stays_in_sight() -> None:
    sheet = written(["employee_number", "name"], ["00277", "=1+1"])
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["employee_number", "name"],
        ["00277", "'=1+1"],
    ]
    assert {(cell.data_type, cell.number_format) for row in sheet.iter_rows() for cell in row} == {("s", "@")}
    assert (sheet["A1"].font.bold, sheet["A2"].font.bold, sheet.freeze_panes) == (True, False, "A2")
    assert sheet.column_dimensions["A"].width > 15


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("a\x00b\x1f\ufffe\ud800", "a�b���"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("<r></is></c><c t='str'><f>1+1</f></c></r>", "<r></is></c><c t='str'><f>1+1</f></c></r>"),
        ("_x0041_x0042_", "_x0041_x0042_"),
        (" x ", " x "),
        ("😀" * 16_383, "😀" * 16_383),
        ("😀" * 16_384, "😀" * 16_368 + " … (cut: a cell holds no more)"),
    ],
)
def test_what_a_cell_holds_of_a_text(text: str, held: str) -> None:
    sheet = written(["x"], [text])
    assert (read_back(str(sheet["A2"].value)), sheet.max_row, sheet.max_column) == (held, 2, 1)


def test_a_row_that_a_sheet_has_no_room_for_is_not_left_out_in_silence() -> None:
    with pytest.raises(ValueError, match="no room for line 2, column 16,385"):
        written(["x"], ["x"] * 16_385)


def test_nothing_is_left_aside_where_the_rows_break_off(aside: Path) -> None:
    def broken_off() -> None:
        with writer(io.BytesIO(), Kind.XLSX) as table:
            table.write(["x"])
            assert list(aside.iterdir())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken_off()
    assert not list(aside.iterdir())

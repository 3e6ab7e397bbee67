"""A download opened in a spreadsheet program calculates nothing."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
import tablib

from people.formats import CSV, XLSX

VALUES = ["=cmd|' /C calc'!A0", "+1", "-1", "@sum", "\tx", "plain", ""]


def exported(kind: Any) -> Any:
    return kind().export_data(tablib.Dataset(VALUES, VALUES, headers=["x"] * len(VALUES)))


def test_csv() -> None:
    lines = exported(CSV).splitlines()
    assert len(lines) == 3
    assert lines[1] == lines[2]
    assert "'=cmd|' /C calc'!A0,'+1,'-1,'@sum,'\tx,plain," in lines[1]


@pytest.mark.parametrize("row", [2, 3])
def test_workbooks(row: int) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(exported(XLSX))).active
    assert sheet is not None
    assert "f" not in {cell.data_type for cell in sheet[row]}
    assert [cell.value for cell in sheet[row]][:4] == ["'" + value for value in VALUES[:4]]

"""Any bytes give a table or a refusal; good tables give their values, and bad cells say which they are."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interface.by_hand.sheets.limits import Limits
from interface.by_hand.sheets.reading import how_many, open_sheet
from interface.by_hand.sheets.row import Kind, Row, SheetRefusedError
from interface.by_hand.sheets.writing import csv_stream, writer
from tests.interface.by_hand.sheets.workbooks import with_part, with_sheet, workbook

LIMITS = Limits(size=200_000, unpacked=2_000_000, rows=50, columns=5, cell=40)


def read(content: bytes, name: str = "rows.csv", limits: Limits = LIMITS) -> tuple[list[str], list[Row]]:
    sheet = open_sheet(io.BytesIO(content), name, limits)
    return sheet.headers, list(sheet.rows)


def why(content: bytes, name: str = "rows.csv") -> str:
    with pytest.raises(SheetRefusedError) as refusal:
        read(content, name)
    return str(refusal.value)


# --- CSV ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_csv_with_or_without_byte_order_mark(start: bytes, end: bytes) -> None:
    lines = [
        "VPD, name ,,",
        "# three digits,a note",
        "",
        '277,"O\'Brien, Zoë"',
        '278,"two',
        'lines"',
        "279,'=1",
    ]
    headers, rows = read(start + end.join(line.encode() for line in lines) + end)
    assert headers == ["vpd", "name"]
    assert [(row.line, row.values) for row in rows] == [
        (4, ["277", "O'Brien, Zoë"]),
        (5, ["278", f"two{end.decode()}lines"]),
        (7, ["279", "=1"]),
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "it is empty"),
        (b"\n , \n", "it is empty"),
        (b"# a note alone\n", "it is empty"),
        (b"vpd,name\n", "no rows under its header"),
        ("vpd,name\n277,Zoë\n".encode("cp1252"), "line 2: byte 0xEB is not UTF-8"),
        ("vpd,name\n".encode("utf-16"), "UTF-16"),
        (b"vpd,name\n277,a\0b\n", "line 2: it holds a NUL byte"),
        (b"vpd;name\n277;Zoe\n", "line 1: its columns are separated by semicolons"),
        (b"vpd\tname\n277\tZoe\n", "separated by tabs"),
        (b'vpd,name\n277,"Zoe\n', "line 2: it cannot be read as CSV"),
        (b'vpd,name\n277,"' + b"x" * 11_000, "cannot be read as CSV"),
        (b"a,b,c,d,e,f\n1\n", "more than 5 columns"),
        (b"vpd\n" + b"277\n" * 51, "line 52: it has more than 50 rows"),
        (b"vpd\n" + b"x" * 200_000, "it is larger than"),
        (b"PK\x03\x04", "it is called .csv and is a workbook"),
        (b"\xd0\xcf\x11\xe0", "of the old kind"),
    ],
)
def test_a_csv_that_cannot_be_used_says_why_and_where(content: bytes, told: str) -> None:
    assert told in why(content)


@pytest.mark.parametrize(
    "name", ["rows.xlsm", "rows.XLSB", "rows.xls", "rows.ods", "rows.txt", "rows", ".csv"]
)
def test_other_kinds_of_file_are_refused_by_name(name: str) -> None:
    assert why(b"vpd\n277\n", name)


def test_a_row_that_does_not_fit_says_so_and_the_others_go_on() -> None:
    _, rows = read(b"vpd,name\n277,a,b\n278\n279," + b"x" * 41 + b"\n280,ok\n")
    assert [[str(one) for one in row.problems] for row in rows] == [
        ["line 2: more values than columns (2): a value that holds a comma needs quotes around it"],
        [],
        [f"line 4, name: “{'x' * 41}” has 41 characters, more than 40"],
        [],
    ]


def test_the_column_of_what_is_wrong_is_not_looked_at() -> None:
    headers, rows = read(b"vpd,what_is_wrong,name\n277,name: is missing,Zoe\n")
    assert (headers, rows[0].values) == (["vpd", "name"], ["277", "Zoe"])


@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.xlsx"]))
def test_any_bytes_give_a_table_or_a_refusal(content: bytes, name: str) -> None:
    with suppress(SheetRefusedError):
        read(content, name)


# Line breaks and tabs, what spreadsheets calculate at, marks against that, and what they take for an escape.
AWKWARD = st.sampled_from(
    [
        "=1+1",
        "'=1",
        "''@x",
        "-1",
        "＝1",
        "'",
        '"',
        "a\nb",
        "a\tb",
        "_x0041_",
        "_x005F_x0041_",
        "<r>",
        "</r>",
        "é",
    ]
)
CELLS = st.lists(
    AWKWARD | st.text(alphabet=st.characters(blacklist_categories=("Cs", "Cc")), max_size=20), max_size=3
).map(lambda parts: "".join(parts).strip())


@settings(max_examples=40)
@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=5), st.sampled_from(Kind))
def test_what_is_written_reads_back(rows: list[list[str]], kind: Kind) -> None:
    rows = [row for row in rows if any(row) and not row[0].startswith("#")] or [["a", "b"]]
    content = io.BytesIO()
    with writer(content, kind) as table:
        table.write(["one", "two"], is_header=True)
        for row in rows:
            table.write(row)
    headers, found = read(content.getvalue(), f"rows.{kind}", Limits())
    assert headers == ["one", "two"]
    assert [row.values for row in found] == rows


def test_a_stream_is_the_same_table() -> None:
    content = b"".join(csv_stream([["one"], *[[str(n)] for n in range(20)]], block=3))
    assert [row.values for row in read(content)[1]] == [[str(n)] for n in range(20)]
    assert content.count(b"\xef\xbb\xbf") == 1


def test_counting_stops_where_it_is_enough() -> None:
    content = b"vpd\n" + b"277\n" * 51
    assert how_many(open_sheet(io.BytesIO(content), "a.csv", LIMITS), at_least=7) == 7


# --- XLSX ---------------------------------------------------------------------------------------------


def test_a_workbook_gives_text_whatever_its_cells_hold() -> None:
    rows: list[list[object]] = [
        ["vpd", "on", "much"],
        [277, date(2026, 11, 3), True],
        [],
        ["O'Brien ", datetime(2026, 1, 2), 1.5],
    ]
    headers, found = read(workbook(rows), "rows.xlsx")
    assert headers == ["vpd", "on", "much"]
    assert [(row.line, row.values) for row in found] == [
        (2, ["277", "2026-11-03", "yes"]),
        (4, ["O'Brien", "2026-01-02", "1.5"]),
    ]


def test_a_formula_is_refused_where_it_stands() -> None:
    _, rows = read(workbook([["vpd", "name"], ["277", "=1+1"]]), "rows.xlsx")
    assert [str(one) for one in rows[0].problems] == [
        "line 2, name: the cell holds a formula: put its value there instead"
    ]
    assert "holds a formula" in why(workbook([["vpd", "=A1"], ["277", ""]]), "rows.xlsx")


SOUND = workbook([["vpd"], ["277"]])
BILLION = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"PK\x03\x04 and nothing more", "damaged"),
        (SOUND[:-30], "damaged"),
        (with_part(SOUND, "xl/vbaProject.bin", b"macro"), "macros"),
        (with_part(SOUND, "xl/media/zeros.bin", bytes(1_500_000)), "times its size"),
        (with_part(SOUND, "xl/media/zeros.bin", bytes(2_500_000)), "unpacks to more than"),
        (with_part(SOUND, "xl/workbook.xml", BILLION), "declares what no workbook needs"),
        (with_part(SOUND, "xl/sharedStrings.xml", BILLION.decode().encode("utf-16")), "declares what no"),
        (with_part(SOUND, "xl/workbook.xml", b"<x/>"), "workbook"),
        (with_part(SOUND, "xl/worksheets/sheet1.xml", b"<not xml"), "cannot be read"),
        (
            with_sheet('<row r="999999999"><c r="A999999999" t="inlineStr"><is><t>x</t></is></c></row>'),
            "its rows reach below line 10,050",
        ),
        (b"vpd\n277\n", "it is called .xlsx and is no workbook"),
    ],
)
def test_a_workbook_that_would_do_harm_is_refused(content: bytes, told: str) -> None:
    assert told in why(content, "rows.xlsx")


def test_a_workbook_of_many_parts_is_refused() -> None:
    content = io.BytesIO(SOUND)
    with zipfile.ZipFile(content, "a") as archive:
        for number in range(500):
            archive.writestr(f"part{number}", b"")
    assert "parts" in why(content.getvalue(), "rows.xlsx")


def test_a_cell_far_to_the_right_costs_nothing() -> None:
    content = with_sheet(
        '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>'
    )
    headers, rows = read(content, "rows.xlsx")
    assert (headers, [row.values for row in rows]) == (["1"], [["2"]])


@settings(max_examples=60)
@given(st.data())
def test_a_workbook_with_any_byte_changed_gives_a_table_or_a_refusal(data: st.DataObject) -> None:
    content = bytearray(SOUND)
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] = data.draw(st.integers(0, 255))
    with suppress(SheetRefusedError):
        read(bytes(content), "rows.xlsx")

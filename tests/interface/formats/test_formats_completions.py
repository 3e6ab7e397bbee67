"""LUA and LUD: what is read, what each fault is called, in which order."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interface.formats import completions
from interface.formats.completions import LUA, LUD, Completion, Unreadable, Withdrawal, completion, read
from interface.formats.layout import Column
from interface.formats.lines import MAX_LINE, numbered_lines
from interface.formats.text import ENCODINGS, Encoder

NIGHT = Path(__file__).resolve().parents[2] / "data" / "example-night"
GOOD = [
    "LUA", "M-1", "40003", "25100001", "Whitlock", "19950117", "900004", "NHS|CSTF|Fire Safety - 2 Years|", "FIRE-2Y",
    "v2", "20261030", "20281231", "1 - Attended", "e-learning", "20261030 090000",
]  # fmt: skip
NUMBERS = {column.name: column.index for column in LUA.columns}


def line(**changed: str) -> str:
    """The good line with columns changed by name, spaces written as underscores."""
    cells = GOOD.copy()
    for name, value in changed.items():
        cells[NUMBERS[name.replace("_", " ")]] = value
    return "~".join(cells)


def fault(text: str) -> Unreadable:
    result = read(text)
    assert isinstance(result, Unreadable)
    assert len(result.message) <= 200
    return result


def test_the_tables_have_the_columns_of_the_format() -> None:
    assert (LUA.width, LUD.width) == (15, 2)
    assert [column.index for column in LUA.columns] == list(range(1, 15))
    assert LUA.fields == Completion._fields[:-1]
    assert {column.name: column.length for column in LUA.columns if column.length} == {
        "Source Reference": 64, "Person ID": 20, "Employee Number": 30, "Last Name": 150, "Competence ID": 20,
        "Competence Name": 255, "LMS Course Code": 100, "LMS Course Version": 20, "Proficiency Level": 60,
        "Certification Method": 80,
    }  # fmt: skip


def test_a_completion() -> None:
    record = read("~".join(GOOD))
    assert isinstance(record, Completion)
    assert record == Completion(
        source_reference="M-1", person_id="40003", employee_number="25100001", last_name="Whitlock",
        date_of_birth=date(1995, 1, 17), competence_id="900004",
        competence_name="NHS|CSTF|Fire Safety - 2 Years|", course_code="FIRE-2Y", course_version="v2",
        completed_on=date(2026, 10, 30), expires_on=date(2028, 12, 31), proficiency_level="1 - Attended",
        certification_method="e-learning", last_update=datetime(2026, 10, 30, 9, tzinfo=UTC),
        content="~".join(GOOD[:-1]),
    )  # fmt: skip
    assert completions.write(record) == "~".join(GOOD)
    values = {field: value for field, value in record._asdict().items() if field != "content"}
    assert completion(**values) == record


def test_a_withdrawal() -> None:
    assert read("LUD~M-0007") == Withdrawal("M-0007")
    assert completions.write(Withdrawal("M-0007")) == "LUD~M-0007"


def test_the_example_night_is_read_in_full() -> None:
    with (NIGHT / "GI_901_CST_LCU_20261103_00000001.DAT").open("rb") as file:
        records = [completions.read_raw(raw, "iso-8859-1") for _, raw in numbered_lines(file)][1:-1]
    assert [type(record) for record in records] == [Completion] * 5 + [Withdrawal]
    assert [record.source_reference for record in records] == [
        "M-1001", "M-1002", "M-1003", "M-1004", "M-1005", "M-0007",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message", "reference"),
    [
        ("~".join(GOOD[:-1]), "LUA has 14 columns where 15 are expected", "M-1"),
        ("~".join([*GOOD, ""]), "LUA has 16 columns where 15 are expected", "M-1"),
        ("LUA", "LUA has 1 columns where 15 are expected", ""),
        ("LUD~1~", "LUD has 3 columns where 2 are expected", "1"),
        ("LUD", "LUD has 1 columns where 2 are expected", ""),
        ("HDR~x", "unknown record type 'HDR': LUA or LUD is expected", ""),
        ("TRL~8", "unknown record type 'TRL': LUA or LUD is expected", ""),
        ("lua~M-1", "unknown record type 'lua': LUA or LUD is expected", ""),
        (" LUA~M-1", "unknown record type ' LUA': LUA or LUD is expected", ""),
        ("LUAA~M-1", "unknown record type 'LUAA': LUA or LUD is expected", ""),
        ("", "unknown record type '': LUA or LUD is expected", ""),
        ("\x01" * 50, f"unknown record type '{' ' * 10}...': LUA or LUD is expected", ""),
        (line(Last_Name="x" * MAX_LINE), "the line is longer than 8192 bytes", "M-1"),
        ("LUD~" + "x" * MAX_LINE, "the line is longer than 8192 bytes", "x" * 64),
        ("x" * (MAX_LINE + 1), "the line is longer than 8192 bytes", ""),
    ],
)
def test_e300_is_the_shape_of_the_line(text: str, message: str, reference: str) -> None:
    assert fault(text) == Unreadable("E300", "", message, reference)


@pytest.mark.parametrize("blank", ["", " ", "   ", "\xa0"])
@pytest.mark.parametrize(
    "column", ["Source Reference", "Last Name", "Date of Birth", "Completion Date", "Last Update"]
)
def test_e301_is_a_required_value_missing_or_only_blanks(column: str, blank: str) -> None:
    found = fault(line(**{column: blank}))
    assert (found.code, found.column, found.message) == ("E301", column, f"{column} is missing")


@pytest.mark.parametrize("blank", ["", "  "])
def test_e301_one_of_the_two_numbers_and_one_of_the_three_competence_columns(blank: str) -> None:
    nobody = fault(line(Person_ID=blank, Employee_Number=blank))
    assert nobody[:3] == ("E301", "Person ID", "one of Person ID, Employee Number must be filled")
    nothing = fault(line(Competence_ID=blank, Competence_Name=blank, LMS_Course_Code=blank))
    assert nothing[:2] == ("E301", "Competence ID")
    for column in ("Person ID", "Employee Number"):
        assert isinstance(read(line(**{column: blank})), Completion)
    for first, second in [("Competence ID", "Competence Name"), ("Competence Name", "LMS Course Code")]:
        assert isinstance(read(line(**{first: blank, second: blank})), Completion)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("Source Reference", "x" * 65, "Source Reference is longer than 64 characters (65)"),
        ("Last Name", "é" * 151, "Last Name is longer than 150 characters (151)"),
        ("Last Name", "O\x92Brien", "Last Name holds a control character (U+0092)"),
        ("Last Name", "a\rb", "Last Name holds a control character (U+000D)"),
        ("Date of Birth", "19950229", "Date of Birth is not a real date (YYYYMMDD)"),
        ("Date of Birth", "17/01/95", "Date of Birth is not a real date (YYYYMMDD)"),
        ("Completion Date", "2026103²", "Completion Date is not a real date (YYYYMMDD)"),
        ("Completion Date", "20261030 ", "Completion Date is not a real date (YYYYMMDD)"),
        ("Expiry Date", "00000000", "Expiry Date is not a real date (YYYYMMDD)"),
        ("Expiry Date", "        ", "Expiry Date is not a real date (YYYYMMDD)"),
        ("Certification Method", "x" * 81, "Certification Method is longer than 80 characters (81)"),
        ("Last Update", "20261030", "Last Update is not a real timestamp (YYYYMMDD HHMMSS)"),
        ("Last Update", "00000000 000000", "Last Update is not a real timestamp (YYYYMMDD HHMMSS)"),
    ],
)
def test_e302_is_a_value_that_is_not_valid(column: str, value: str, message: str) -> None:
    assert fault(line(**{column: value}))[:3] == ("E302", column, message)


@pytest.mark.parametrize("column", [column for column in LUA.columns if column.length])
def test_a_text_may_be_as_long_as_its_limit_in_characters(column: Column) -> None:
    assert column.length is not None
    assert isinstance(read(line(**{column.name: "é" * column.length})), Completion)
    assert fault(line(**{column.name: "é" * (column.length + 1)})).column == column.name


def test_the_first_fault_answers() -> None:
    assert fault(line(Expiry_Date="x", Date_of_Birth="x")).column == "Date of Birth"
    assert fault(line(Person_ID="x" * 21, Last_Update="")).code == "E301"
    assert fault(line(Last_Name="", Source_Reference="")).column == "Source Reference"
    assert fault(line(Last_Name="", Person_ID="", Employee_Number="")).column == "Person ID"


def test_every_fault_is_found_for_who_asks_for_all() -> None:
    found = list(
        completions.faults(line(Last_Name=" ", Person_ID="x" * 21, Expiry_Date="x", Last_Update="x"))
    )
    assert [(f.code, f.column) for f in found] == [
        ("E301", "Last Name"), ("E302", "Person ID"), ("E302", "Expiry Date"), ("E302", "Last Update"),
    ]  # fmt: skip


def test_values_are_taken_as_they_come_but_blanks_for_nothing() -> None:
    record = read(
        line(Person_ID="  ", LMS_Course_Version=" ", Last_Name=" de la Cruz ", Proficiency_Level="\xa0")
    )
    assert isinstance(record, Completion)
    assert (record.person_id, record.course_version, record.last_name) == ("", "", " de la Cruz ")
    assert record.proficiency_level == ""
    assert record.content == line(
        Person_ID="  ", LMS_Course_Version=" ", Last_Name=" de la Cruz ", Proficiency_Level="\xa0"
    ).removesuffix("~20261030 090000")


def test_a_quote_is_data() -> None:
    record = read(line(Last_Name='"Whit"lock'))
    assert isinstance(record, Completion)
    assert record.last_name == '"Whit"lock'


def test_a_long_line_is_too_long_in_any_encoding() -> None:
    raw = ("LUA~M-1~" + "é" * 5000).encode()[: MAX_LINE + 1]
    result = completions.read_raw(raw, "utf-8")
    assert result == Unreadable("E300", "", "the line is longer than 8192 bytes", "M-1")


# --- Any record, any text -------------------------------------------------------------------------------


def texts(limit: int, *, required: bool = False) -> st.SearchStrategy[str]:
    plain = st.characters(codec="iso-8859-1", exclude_categories=["Cc"], exclude_characters="~")
    filled = st.text(plain, min_size=1, max_size=limit).filter(lambda text: text.strip() != "")
    return filled if required else filled | st.just("")


stamps = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0, hour=12)
)
records = st.builds(
    completion,
    texts(64, required=True),
    last_name=texts(150, required=True),
    date_of_birth=st.dates(),
    completed_on=st.dates(),
    last_update=stamps,
    person_id=texts(20, required=True),
    employee_number=texts(30),
    competence_id=texts(20),
    competence_name=texts(255),
    course_code=texts(100, required=True),
    course_version=texts(20),
    expires_on=st.none() | st.dates(),
    proficiency_level=texts(60),
    certification_method=texts(80),
) | st.builds(Withdrawal, texts(64, required=True))


@given(records, st.sampled_from(ENCODINGS))
def test_any_record_survives_a_write_and_a_read(record: Completion | Withdrawal, encoding: str) -> None:
    raw = Encoder(encoding).encode_line(completions.write(record))
    assert completions.read_raw(raw[:-1], encoding) == record


@given(st.text() | st.lists(st.text(), max_size=16).map("~".join), st.sampled_from(["", "LUA~", "LUD~"]))
def test_any_text_is_a_record_or_a_fault(text: str, start: str) -> None:
    result = read(start + text)
    found = list(completions.faults(start + text))
    if isinstance(result, Unreadable):
        assert (result.code, result.column, result.message) == (
            found[0].code,
            found[0].column,
            found[0].message,
        )
        assert len(result.message) <= 200
        assert len(result.source_reference) <= 64
    else:
        assert found == []


@given(st.lists(
    st.sampled_from(["", " ", "x", "20261102", "20261102 143000", "\x85", "é" * 300]) | st.text(),
    min_size=14, max_size=14,
))  # fmt: skip
def test_any_cells_are_read_the_fast_way_as_the_close_way(cells: list[str]) -> None:
    text = "~".join(["LUA", *cells])
    result, found = read(text), list(completions.faults(text))
    assert isinstance(result, Completion) == (not found)


@given(st.binary(), st.sampled_from([b"", b"LUA~", b"LUD~"]))
def test_any_bytes_are_a_record_or_a_fault(raw: bytes, start: bytes) -> None:
    completions.read_raw(start + raw, "iso-8859-1")

"""GO records: the tables against the published columns, the examples, and any row there and back."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interface.formats import go, go_layouts, moments
from interface.formats.go import AssignmentRow, CompetenceRow, Delete, ElementRow, PersonRow, Row, Skipped
from interface.formats.layout import Column, FormError, Kind, Layout
from interface.formats.text import ENCODINGS, Encoder

NIGHT = Path(__file__).resolve().parents[2] / "data" / "example-night"

CDA = "CDA~1234567~277|CNST~Prevention~20200602~~~No~~Course Attendance~1~Year~~~277~20110803 161310"
CMA = (
    "CMA~1234567~10005280~PERSONAL~ACHIEVED~NHS|KSF|Health, Safety and Security C3|Core~20091027~20130706"
    "~1 - Level 1~123~~~~~~~~~~~~~20091101 070336~~~~"
)
ROW_TYPES: dict[str, Any] = {
    "CDA": go.CompetenceRow, "PRA": go.PersonRow, "ASA": go.AssignmentRow, "CMA": go.ElementRow,
    "POA": go.PositionRow, "ORA": go.OrganisationRow, "LCA": go.LocationRow,
}  # fmt: skip


@pytest.mark.parametrize(
    ("record_type", "width"),
    [("CDA", 16), ("PRA", 44), ("ASA", 51), ("CMA", 27), ("POA", 24), ("ORA", 16), ("LCA", 22)],
)
def test_a_table_has_the_published_width_and_the_fields_of_its_row(record_type: str, width: int) -> None:
    table = go_layouts.LAYOUTS[record_type]
    assert table.width == width
    indexes = [column.index for column in table.columns]
    assert indexes == sorted(set(indexes))
    assert indexes[0] > 0
    assert indexes[-1] < width
    assert table.fields == ROW_TYPES[record_type]._fields
    assert len({column.name for column in table.columns}) == len(indexes)


def test_what_is_sent_of_a_person_is_minimised() -> None:
    sent = {column.index for column in go.PRA.kept}
    assert sent == {*range(1, 12), 13, 14, 15, 16, 17, 33, 34, 35, 36, 38}
    never = {column.name for column in go.PRA.columns if not column.field}
    assert {"Gender", "Ethnic Origin", "Disability Flag"} <= never


def test_the_published_competence_example() -> None:
    row = go.read_line(CDA)
    assert isinstance(row, CompetenceRow)
    assert row == CompetenceRow(
        competence_id="1234567", name="277|CNST", description="Prevention", date_from=date(2020, 6, 2), date_to=None,
        behavioural_indicator="", certification_required=False, rating_scale_id="",
        evaluation_method="Course Attendance", renewal_frequency=1, renewal_units="Year", cluster="", alias="",
        vpd="277", last_update=datetime(2011, 8, 3, 15, 13, 10, tzinfo=UTC),
    )  # fmt: skip
    assert go.write_row(row) == CDA


def test_the_published_element_example() -> None:
    row = go.read_line(CMA)
    assert isinstance(row, ElementRow)
    assert (row.person_id, row.element_id, row.competence_id) == ("1234567", "10005280", "")
    assert row.competence_name == "NHS|KSF|Health, Safety and Security C3|Core"
    assert (row.date_from, row.date_to) == (date(2009, 10, 27), date(2013, 7, 6))
    assert row.proficiency_level == "1 - Level 1"
    assert go.write_row(row) == CMA


def test_the_example_night_is_read_in_full() -> None:
    lines = (NIGHT / "GO_901_GDW_GOF_20261102_00000311.DAT").read_text("iso-8859-1").split("\n")[1:-2]
    rows = [go.read_line(line) for line in lines]
    people = [row for row in rows if isinstance(row, PersonRow)]
    jobs = [row for row in rows if isinstance(row, AssignmentRow)]
    assert [(p.person_id, p.last_name, p.first_name) for p in people] == [
        ("40001", "Achebe", "Ngozi"), ("40002", "Fernández-Hale", "Inés"), ("40003", "Whitlock", "Tomasz"),
    ]  # fmt: skip
    assert people[0].date_of_birth == date(1987, 4, 12)
    assert people[0].last_update == datetime(2026, 11, 1, tzinfo=UTC)
    assert [(a.assignment_type, a.system_status, a.status) for a in jobs[1:]] == [
        ("E", "ACTIVE_ASSIGN", "Active Assignment"), ("A", "OFFER", "Offered Post Conditional"),
    ]  # fmt: skip
    assert jobs[2].projected_hire_date == date(2027, 2, 3)
    assert jobs[0].payroll_name == "901 Monthly"
    assert jobs[0].is_primary is True
    assert jobs[0].position_id == "7001"
    assert go.staff_group_and_role(jobs[0].job_name) == ("Medical and Dental", "Specialty Registrar")
    for row, line in zip(rows, lines, strict=True):
        assert isinstance(row, PersonRow | AssignmentRow)
        assert go.write_row(row) == line


def test_position_organisation_and_location() -> None:
    position = go.read_line(
        "POA~654321~20080401~~3560241~3560241|Consultant|021|General Surgery|~1~4311100~Medical and Dental~Consultant"
        "~021~YM72~YM72|1~Not Applicable~387169~Active~NONE~Yes~No~A~B~C~20091109 154418~Consultants"
    )
    assert isinstance(position, go.PositionRow)
    assert (position.staff_group, position.job_role, position.organisation_id) == (
        "Medical and Dental", "Consultant", "387169",
    )  # fmt: skip
    unit = go.read_line(
        "ORA~654321~999 Renal Nursing~NHS_DE~19510101~~51662~19510101~~43110684~387100~~289587~20111101 151656~~"
    )
    assert isinstance(unit, go.OrganisationRow)
    assert (unit.name, unit.parent_id, unit.location_id) == ("999 Renal Nursing", "387100", "289587")
    place = go.read_line("LCA~1234567~070 z~Town Hospital~~1~2~3~Anytown" + "~" * 13 + "20110803 161310")
    assert place == go.LocationRow(
        "1234567", "070 z", "Town Hospital", None, "Anytown", datetime(2011, 8, 3, 15, 13, 10, tzinfo=UTC)
    )


@pytest.mark.parametrize("record_type", ["PRD", "ASD", "CMD", "CDD", "POD", "ORD", "LCD"])
def test_a_delete_has_a_type_and_a_key(record_type: str) -> None:
    assert go.read_line(f"{record_type}~123") == Delete(record_type, "123")
    assert go.write_row(Delete(record_type, "123")) == f"{record_type}~123"
    assert go.read_line(f"{record_type}~123~") == FormError(
        "E300", "", f"{record_type} has 3 columns where 2 are expected"
    )
    missing = go.read_line(f"{record_type}~")
    assert isinstance(missing, FormError)
    assert missing.code == "E301"


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        (CMA + "~", "E300", ""),
        ("CMA~1~2", "E300", ""),
        ("", "E300", ""),
        ("nonsense", "E300", ""),
        ("CM~1", "E300", ""),
        (CMA.replace("1234567", ""), "E301", "Person ID"),
        (CMA.replace("NHS|KSF|Health, Safety and Security C3|Core", ""), "E301", "Competency Name"),
        (CMA.replace("20091027", "20091327"), "E302", "Date From"),
        (CMA.replace("20091101 070336", "yesterday"), "E302", "Last Update Date"),
        (CMA.replace("1234567", "1" * 21), "E302", "Person ID"),
        (CDA.replace("~No~", "~Perhaps~"), "E302", "Certification Required"),
        (CDA.replace("~1~", "~²~"), "E302", "Renewal Period Freq"),
    ],
)
def test_a_faulty_row_is_rejected_with_its_column(line: str, code: str, column: str) -> None:
    fault = go.read_line(line)
    assert isinstance(fault, FormError)
    assert (fault.code, fault.column) == (code, column)


@pytest.mark.parametrize("record_type", ["ABA", "HDR", "TRL", "QLA", "ELD"])
def test_other_record_types_are_skipped_by_name(record_type: str) -> None:
    assert go.read_line(f"{record_type}~1~2") == Skipped(record_type)


@pytest.mark.parametrize(
    ("text", "last_update"),
    [
        ("20091101", datetime(2009, 11, 1, tzinfo=UTC)),
        ("20091101 070336", datetime(2009, 11, 1, 7, 3, 36, tzinfo=UTC)),
        ("", None),
    ],
)
def test_last_update_is_a_date_or_a_timestamp(text: str, last_update: datetime | None) -> None:
    row = go.read_line(CMA.replace("20091101 070336", text))
    assert isinstance(row, ElementRow)
    assert row.last_update == last_update


def test_a_control_character_in_an_extract_is_a_space() -> None:
    row = go.read_line(CDA.replace("Prevention", "Pre\x92ven\x00tion"))
    assert isinstance(row, CompetenceRow)
    assert row.description == "Pre ven tion"


def test_a_blank_value_is_no_value() -> None:
    row = go.read_line(CMA.replace("~123~", "~   ~").replace("1 - Level 1", " 1"))
    assert isinstance(row, ElementRow)
    assert (row.vpd, row.proficiency_level) == ("", " 1")


def test_the_ni_number_goes_only_where_the_connection_says_so() -> None:
    row = go.read_line("PRA~1~20190401~~~~Achebe~~~~~~~~QQ123456A" + "~" * 29)
    assert isinstance(row, PersonRow)
    assert row.ni_number == "QQ123456A"
    assert "QQ123456A" not in go.write_row(row)
    assert go.read_line(go.write_row(row, send_ni_number=True)) == row


def test_job_name() -> None:
    assert go.job_name("Medical and Dental", "Consultant") == "Medical and Dental|Consultant|"
    assert go.job_name("", "") == ""
    assert go.staff_group_and_role("") == ("", "")
    assert go.staff_group_and_role("Estates") == ("Estates", "")


# --- Any row ------------------------------------------------------------------------------------------

plain = st.characters(codec="iso-8859-1", exclude_categories=["Cc"], exclude_characters="~")
stamps = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0, hour=12)
)


def values_of(column: Column) -> st.SearchStrategy[Any]:
    """Any value that this column may hold."""
    longest = min(column.length or 40, 40)
    match column.kind:
        case Kind.TEXT:
            texts = st.text(plain, min_size=1, max_size=longest).filter(lambda text: text.strip() != "")
            return texts if column.required else texts | st.just("")
        case Kind.DATE:
            return st.dates() if column.required else st.none() | st.dates()
        case Kind.FLAG:
            return st.none() | st.booleans()
        case Kind.NUMBER:
            return st.none() | st.integers(0, 999_999_999)
        case Kind.DAY_STAMP:
            return st.none() | st.dates(date(1900, 1, 1)).map(midnight_of)
        case _:
            return st.none() | stamps


def midnight_of(day: date) -> datetime:
    midnight = moments.read_moment(moments.write_date(day))
    assert midnight is not None
    return midnight


def rows_of(record_type: str) -> st.SearchStrategy[Any]:
    table: Layout = go_layouts.LAYOUTS[record_type]
    rows = st.tuples(*(values_of(column) for column in table.kept)).map(ROW_TYPES[record_type]._make)
    return rows.filter(lambda row: record_type != "CMA" or bool(row.competence_name or row.competence_id))


rows = st.sampled_from(sorted(ROW_TYPES)).flatmap(rows_of)
deletes = st.builds(
    Delete, st.sampled_from(sorted(go_layouts.DELETES)), st.text("0123456789", min_size=1, max_size=20)
)


@given(rows | deletes, st.sampled_from(ENCODINGS))
def test_any_row_survives_a_write_and_a_read(row: Row, encoding: str) -> None:
    encoder = Encoder(encoding)
    raw = encoder.encode_line(go.write_row(row, encoder, send_ni_number=True))
    assert go.read_line(raw[:-1].decode(encoding)) == row
    assert (encoder.cleaned, encoder.replaced) == (0, 0)


@given(rows, st.data(), st.sampled_from(ENCODINGS))
def test_no_text_shifts_a_column(row: Any, data: st.DataObject, encoding: str) -> None:
    table = go_layouts.LAYOUTS[
        next(kind for kind, row_type in ROW_TYPES.items() if isinstance(row, row_type))
    ]
    victim = data.draw(st.sampled_from([column for column in table.kept if column.kind is Kind.TEXT]))
    hostile = row._replace(**{victim.field: data.draw(st.text())})
    encoder = Encoder(encoding)
    line = encoder.encode_line(go.write_row(hostile, encoder, send_ni_number=True))[:-1].decode(encoding)
    good = go.write_row(row, send_ni_number=True).split("~")
    cells = line.split("~")
    assert len(cells) == table.width
    del good[victim.index], cells[victim.index]
    assert cells == good


@given(
    st.text() | st.lists(st.text(), max_size=60).map("~".join),
    st.sampled_from(["", *ROW_TYPES, *go_layouts.DELETES]),
)
def test_any_text_is_a_row_or_a_fault(text: str, record_type: str) -> None:
    for line in (text, f"{record_type}~{text}", f"{record_type}~{text}".ljust(60, "~")):
        result = go.read_line(line)
        assert isinstance(result, tuple | FormError)


@given(st.data())
def test_any_cells_of_the_right_number_are_a_row_or_a_fault(data: st.DataObject) -> None:
    table = data.draw(st.sampled_from(list(go_layouts.LAYOUTS.values())))
    cell = st.text() | st.sampled_from(["", " ", "20261102", "20261102 143000", "Yes", "1", "\n", "~"])
    cells = data.draw(st.lists(cell, min_size=table.width - 1, max_size=table.width - 1))
    result = go.read_line("~".join([table.record_type, *cells]))
    if isinstance(result, FormError):
        assert result.code in ("E300", "E301", "E302")
        assert len(result.message) <= 200
    else:
        assert get_type_hints(type(result)).keys() == set(result._fields)

"""The digest of an element from plain values is the projection's, and leaves Last Update out."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interface.formats import go
from interface.formats.text import Encoder
from interface.outbound.digests import ELEMENT, TEMPLATES, day, digest_of, element_of
from interface.outbound.projection import Projection
from tests.interface.outbound.staff import TODAY, Staff, digest

TEXT = st.text(max_size=20)
DATES = st.none() | st.dates()


def _day(value: date | None) -> str:
    return value.strftime("%Y%m%d").rjust(8, "0") if value else ""


# What comes in columns of its own holds no separator; a competence's name comes from anywhere.
CELL = TEXT.filter(lambda value: "~" not in value)


@given(st.tuples(CELL, CELL, CELL, CELL), st.tuples(TEXT, TEXT, TEXT), DATES, DATES)
def test_plain_values_give_the_templates_digest(
    cells: tuple[str, ...], competence: tuple[str, str, str], date_from: date | None, date_to: date | None
) -> None:
    person_id, element_id, level, method = cells
    name, competence_id, vpd = competence
    sheet = ELEMENT.fill(
        (person_id, element_id, name, _day(date_from), _day(date_to), level, vpd, method, competence_id), None
    )
    text = element_of(competence_name=name, competence_id=competence_id, vpd=vpd)
    assert digest_of(sheet[0] + sheet[2]) == digest_of(
        text % (person_id, element_id, day(date_from), day(date_to), level, method)
    )
    assert -(2**63) <= digest_of(sheet[0]) < 2**63
    line = Encoder("utf-8").encode_line(ELEMENT.line(sheet)).decode()
    assert line.count("~") == go.CMA.width - 1
    assert line.count("\n") == 1


@pytest.mark.parametrize("level", ["1 - Attended", "odd \x1f level", "", "é – ✓ %s"])
def test_it_is_the_projections(staff: Staff, level: str) -> None:
    person = staff.employee("40001")
    element = staff.element(
        person,
        proficiency_level=level,
        certification_method="e-learning",
        last_update=datetime(2026, 1, 1, tzinfo=UTC),
    )
    picture = Projection.of(staff.connection, on=TODAY).pictures({person.pk: "40001"})[person.pk]
    assert picture.digests()["CMA", element.element_id] == digest(element)


@pytest.mark.parametrize("record_type", TEMPLATES)
def test_last_update_is_not_content(record_type: str) -> None:
    template = TEMPLATES[record_type]
    values = tuple(template.fields)
    early, late = (template.fill(values, f"2026-0{month}-01 23:30:05.25") for month in (1, 7))
    assert (early[0], early[2]) == (late[0], late[2])
    assert template.line(early) != template.line(late)


@pytest.mark.parametrize(("stored", "wire"), [
    ("2026-01-01 23:30:05", "20260101 233005"),
    ("2026-07-01 23:30:05.123456+00", "20260702 003005"),
    (None, ""),
])  # fmt: skip
def test_last_update_is_london_time(stored: str | None, wire: str) -> None:
    sheet = ELEMENT.fill(tuple(ELEMENT.fields), stored)
    assert ELEMENT.line(sheet).split("~")[22] == wire


@pytest.mark.parametrize("record_type", TEMPLATES)
def test_lines_have_the_layouts_width_whatever_values_hold(record_type: str) -> None:
    template = TEMPLATES[record_type]
    sheet = template.fill(tuple(f"~\n{field}~" for field in template.fields), None)
    line = Encoder("iso-8859-1").encode_line(template.line(sheet)).decode()
    assert line.count("~") == go.LAYOUTS[record_type].width - 1
    assert all(f"  {field} " in line for field in template.fields)

"""Lists in forms: written and read as people write them, and stored as they were."""

from __future__ import annotations

from datetime import date, time

import pytest

from interface.forms import AdviceForm, CodesField, FileCalendarForm, LinesField
from interface.models import Connection, FileCalendar
from people.models import Organisation


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", []),
        ("901 Monthly", ["901 Monthly"]),
        (" 901 Monthly \r\n\r\n901 Weekly\n901 Monthly", ["901 Monthly", "901 Weekly"]),
    ],
)
def test_lines(text: str, read: list[str]) -> None:
    field = LinesField(required=False)
    assert field.clean(text) == read
    assert field.clean(field.prepare_value(read)) == read
    assert not field.has_changed(read, text)
    assert field.has_changed(["another"], text)


@pytest.mark.parametrize("text", ["E310, E311", "e310 e311", " E310;E311,\n", "E310,E311,E310"])
def test_codes(text: str) -> None:
    assert CodesField().clean(text) == ["E310", "E311"]


def test_what_is_no_code_is_told(db: None) -> None:
    given = {"position": 9, "trouble": "Tea", "turn_to": "Desk", "text": "", "codes": "E310, E999"}
    form = AdviceForm(given)
    assert "not known: ['E999']" in form.errors["codes"][0]


def test_days_are_boxes(db: None) -> None:
    organisation = Organisation.objects.create(vpd="901", name="Northmoor")
    connection = Connection.objects.create(organisation=organisation, code="TOTARA")
    agreed = FileCalendar.objects.create(
        organisation=organisation,
        connection=connection,
        since=date(2026, 1, 5),
        by_time=time(7),
        weekdays=[1, 5],
    )
    page = str(FileCalendarForm(instance=agreed)["weekdays"])
    assert page.count("checked") == 2
    assert "Friday" in page

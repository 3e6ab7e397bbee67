"""Cells as text: what a list shows, without what is for the screen alone."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils.html import format_html
from hypothesis import given
from hypothesis import strategies as st

from interface.by_hand.list_columns import as_text
from people.marks import chip, code, opens


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("007", "007"),
        ("a < b > c & d &amp; <i>e</i>", "a < b > c & d &amp; <i>e</i>"),
        (True, "Yes"),
        (False, "No"),
        (12, "12"),
        (Decimal("1.50"), "1.50"),
        (date(2026, 1, 4), "2026-01-04"),
        (datetime(2026, 1, 4, 21, 30, 5, 99, tzinfo=UTC), "2026-01-04 21:30:05"),
        (datetime(2026, 7, 4, 23, 30, tzinfo=UTC), "2026-07-05 00:30:00"),
        ([1, 2], "1, 2"),
        (chip("Left", "warn"), "Left"),
        (code("E320", 'a "meaning" > none'), "E320"),
        (opens("/x/?a=1&b=2", "line <3>"), "Open line <3>"),
    ],
)
def test_as_text(value: Any, text: str) -> None:
    assert as_text(value) == text


@given(st.text(), st.text())
def test_whatever_stands_in_markup_comes_out_as_it_was(words: str, address: str) -> None:
    assert as_text(format_html('<a href="{}">{}</a>', address, words)) == words

"""Nothing that we write calculates, and all of it reads back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.harmless import as_meant, made_harmless

ALARMING = st.text(alphabet="'=+-@\t\r\na1", max_size=6)


@pytest.mark.parametrize("text", ["=1+1", "+44 1234", "-5", "@sum", "\t=1", "\r=1", "＝1", "'=1", "''=1"])
def test_what_would_calculate_does_not(text: str) -> None:
    assert made_harmless(text) == "'" + text


@pytest.mark.parametrize("text", ["", "O'Brien", "'Quoted'", "2026-11-03", "a=b", "277"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert made_harmless(text) == text
    assert as_meant(text) == text


@given(ALARMING | st.text())
def test_it_reads_back_as_it_was(text: str) -> None:
    assert as_meant(made_harmless(text)) == text
    assert not made_harmless(text).startswith(("=", "+", "-", "@", "\t", "\r"))

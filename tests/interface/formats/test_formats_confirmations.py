"""LFC and LUC: nine columns each, whatever a message or a reference holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interface.formats import confirmations
from interface.formats.confirmations import FileAnswer, RecordAnswer, write_file_answer, write_record_answer
from interface.formats.layout import FormError
from interface.formats.text import Encoder

NAME = "GI_277_CST_LCU_20261122_00000001.DAT"


def test_an_accepted_file() -> None:
    line = write_file_answer(FileAnswer(NAME, confirmations.ACCEPTED, "", "", 6, 4, 2, 2))
    assert line == f"LFC~{NAME}~ACCEPTED~~~6~4~2~2"


def test_a_refused_file() -> None:
    answer = FileAnswer(
        NAME, confirmations.REFUSED, "F03", "the trailer counts 7 lines, the file has 8", 0, 0, 0, 0
    )
    line = write_file_answer(answer)
    assert line == f"LFC~{NAME}~REFUSED~F03~the trailer counts 7 lines, the file has 8~0~0~0~0"
    assert confirmations.read_line(line) == answer


@pytest.mark.parametrize(
    ("code", "status", "severity"),
    [("I100", "SUCCESS", "INFO"), ("W201", "SUCCESS", "WARNING"), ("E311", "FAIL", "ERROR")],
)
def test_status_and_severity_are_the_codes(code: str, status: str, severity: str) -> None:
    line = write_record_answer(2, "M-1", code, "why", "40001", ("900000000001", "900000000002"))
    assert line == f"LUC~2~M-1~{status}~{severity}~{code}~why~40001~900000000001|900000000002"
    assert confirmations.read_line(line) == RecordAnswer(
        2, "M-1", status, severity, code, "why", "40001", ("900000000001", "900000000002")
    )


def test_an_answer_without_a_person() -> None:
    line = write_record_answer(7, "", "E300", "unknown record type")
    assert line == "LUC~7~~FAIL~ERROR~E300~unknown record type~~"
    assert confirmations.read_line(line) == RecordAnswer(
        7, "", "FAIL", "ERROR", "E300", "unknown record type", "", ()
    )


def test_a_message_is_kept_within_its_limit() -> None:
    line = write_record_answer(2, "M-1", "E302", "x" * 201)
    assert line.split("~")[6] == "x" * 197 + "..."
    assert write_record_answer(2, "M-1", "E302", "x" * 200).split("~")[6] == "x" * 200
    assert (
        len(write_file_answer(FileAnswer(NAME, "REFUSED", "F04", "x" * 999, 0, 0, 0, 0)).split("~")[4]) == 200
    )


def test_cleaned_values_are_counted() -> None:
    encoder = Encoder("iso-8859-1")
    line = write_record_answer(2, "a\x00b", "E302", "m~n", encoder=encoder)
    assert line == "LUC~2~a b~FAIL~ERROR~E302~m n~~"
    assert encoder.cleaned == 2


def test_other_lines_are_no_answers() -> None:
    for line in ("", "LUA~1", "LFC~x", "LUC~1"):
        assert isinstance(confirmations.read_line(line), FormError)


@given(
    st.integers(1, 999_999_999), st.text(max_size=64), st.sampled_from(["I100", "W200", "E300"]),
    st.text(max_size=300), st.text(max_size=20), st.lists(st.text("0123456789", min_size=1), max_size=4),
)  # fmt: skip
def test_any_answer_has_nine_columns(
    number: int, reference: str, code: str, message: str, person: str, elements: list[str]
) -> None:
    cells = write_record_answer(number, reference, code, message, person, elements).split("~")
    assert len(cells) == 9
    assert (cells[1], cells[5], cells[8]) == (str(number), code, "|".join(elements))
    assert len(cells[6]) <= 200


@given(st.text(), st.sampled_from(["", "LFC~", "LUC~"]))
def test_any_text_is_an_answer_or_a_fault(text: str, start: str) -> None:
    confirmations.read_line(start + text)

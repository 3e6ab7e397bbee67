"""File names: strict in, exact out."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interface.formats import names
from interface.formats.names import FileName

DAY = date(2026, 11, 22)
COMPLETIONS = FileName("277", "CST", "LCU", DAY, 1)


@pytest.mark.parametrize(
    "text",
    [
        "GO_277_CST_GOF_20261122_00001632.DAT",
        "GO_901_GDW_GOC_20261122_00001633.DAT",
        "GO_277_CST_GDR_20261122_00000001.DAT",
        "GI_277_CST_LCU_20261122_00000001.DAT",
        "GI_277_CST_LCC_20261122_00000001.DAT",
        "GI_277_CST_LCS_20261122_00000001_01.DAT",
        "GI_277_CST_LCR_20261122_00000000_0123abcd.DAT",
    ],
)
def test_a_good_name_survives(text: str) -> None:
    name = names.parse(text)
    assert name is not None
    assert str(name) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "GI_277_CST_LCU_20261122_00000000.DAT",
        "GI_277_CST_LCU_20261322_00000001.DAT",
        "GI_277_CST_LCU_20261122_1.DAT",
        "GI_277_CST_LCU_20261122_00000001.dat",
        "GI_277_CST_LCU_20261122_00000001.DAT\n",
        "GI_277_CST_LCU_20261122_00000001_01.DAT",
        "GI_277_CST_LCU_2026112²_00000001.DAT",
        "GI_27_CST_LCU_20261122_00000001.DAT",
        "GI_277_cst_LCU_20261122_00000001.DAT",
        "GO_277_CST_LCU_20261122_00000001.DAT",
        "GI_277_CST_GOF_20261122_00000001.DAT",
        "GI_277_CST_LCX_20261122_00000001.DAT",
        "GI_277_CST_LCS_20261122_00000001.DAT",
        "GI_277_CST_LCS_20261122_00000001_00.DAT",
        "GI_277_CST_LCS_20261122_00000001_001.DAT",
        "GI_277_CST_LCR_20261122_00000001_0123ABCD.DAT",
        "x/GI_277_CST_LCU_20261122_00000001.DAT",
    ],
)
def test_anything_else_is_no_name(text: str) -> None:
    assert names.parse(text) is None


def test_answers_carry_date_and_number_of_what_they_answer() -> None:
    assert str(names.confirmation(COMPLETIONS)) == "GI_277_CST_LCC_20261122_00000001.DAT"
    assert str(names.supplement(COMPLETIONS, 2)) == "GI_277_CST_LCS_20261122_00000001_02.DAT"


def test_a_refusal_is_named_by_what_can_be_read_of_the_name() -> None:
    sha256 = "0123abcd" + "f" * 56
    known = names.refusal(
        COMPLETIONS, vpd="277", sub_type="CST", business_date=date(2026, 1, 1), sha256=sha256
    )
    unknown = names.refusal(None, vpd="277", sub_type="CST", business_date=date(2026, 1, 1), sha256=sha256)
    assert str(known) == "GI_277_CST_LCR_20261122_00000001_0123abcd.DAT"
    assert str(unknown) == "GI_277_CST_LCR_20260101_00000000_0123abcd.DAT"


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "XXX"}, {"vpd": "27"}, {"sub_type": "C"}, {"number": 0}, {"number": 10**8}, {"suffix": "01"}],
)
def test_a_name_that_could_not_be_read_is_not_built(wrong: dict[str, Any]) -> None:
    parts: dict[str, Any] = {
        "kind": "GOF",
        "vpd": "277",
        "sub_type": "CST",
        "business_date": DAY,
        "number": 1,
    } | wrong
    with pytest.raises(ValueError, match="named"):
        names.build(**parts)


@given(st.sampled_from(["GOF", "GOC", "GDR", "LCU", "LCC"]), st.dates(), st.integers(1, names.LAST_NUMBER))
def test_any_name_survives(kind: str, day: date, number: int) -> None:
    name = names.build(kind, vpd="277", sub_type="CST", business_date=day, number=number)
    assert names.parse(str(name)) == name


@given(st.text())
def test_any_text_is_a_name_or_none(text: str) -> None:
    names.parse(text)

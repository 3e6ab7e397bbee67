"""Values stay in their columns and characters in their encoding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interface.formats.text import ENCODINGS, LAST_RESORT, Encoder, clean, join, nearest, shown

values = st.lists(st.text(), min_size=1, max_size=6)
encodings = st.sampled_from(ENCODINGS)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "plain"),
        ("O'Brien–Núñez", "O'Brien–Núñez"),
        ("a~b", "a b"),
        ("a\r\nb", "a  b"),
        ("tab\there", "tab here"),
        ("nel\x85", "nel "),
        ("\u2028", " "),
        ("no-break\xa0space", "no-break\xa0space"),
    ],
)
def test_clean(value: str, expected: str) -> None:
    assert clean(value) == (expected, value != expected)


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ("Łukasz", "Lukasz"),
        ("Şahin", "Sahin"),
        ("Œuvre", "OEuvre"),
        ("‘a’ “b” – — …", "'a' \"b\" - - ..."),
        ("€5", "EUR5"),
        ("ﬁne", "fine"),
        ("Αθηνα", "Atena"),
        ("Борис", "Boris"),
        ("e\u0301", "é"),
        ("Zoë Ø ß Æ ÿ", "Zoë Ø ß Æ ÿ"),
        ("x\u0300\u200d", "x"),
        ("a\u2003b", "a b"),
        ("日本", LAST_RESORT * 2),
        ("😀", LAST_RESORT),
        ("\uff5e\u02dc", "--"),
    ],
)
def test_what_iso_8859_1_lacks_is_written_as_its_nearest_plain_letters(sent: str, written: str) -> None:
    assert Encoder("iso-8859-1").encode_line(sent) == written.encode("iso-8859-1") + b"\n"


def test_both_kinds_of_warning_are_counted() -> None:
    encoder = Encoder("iso-8859-1")
    encoder.encode_line(encoder.join(["LUA", "a~b", "c\nd", "Łódź"]))
    assert (encoder.cleaned, encoder.replaced) == (2, 2)


def test_a_control_character_that_nobody_cleaned_is_cleaned_and_counted_at_the_end() -> None:
    encoder = Encoder("utf-8")
    assert encoder.encode_line("LUA~a\nb~c") == b"LUA~a b~c\n"
    assert encoder.cleaned == 1


def test_utf_8_takes_everything_but_half_characters() -> None:
    encoder = Encoder("utf-8")
    assert encoder.encode_line("日本\ud800") == "日本X\n".encode()
    assert encoder.replaced == 1


def test_another_encoding_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="cp1252"):
        Encoder("cp1252")


@given(values, encodings)
def test_no_value_shifts_a_column(cells: list[str], encoding: str) -> None:
    encoder = Encoder(encoding)
    raw = encoder.encode_line(encoder.join(cells))
    assert raw.endswith(b"\n")
    assert raw.count(b"\n") == 1
    assert b"\r" not in raw
    assert len(raw[:-1].decode(encoding).split("~")) == len(cells)
    assert raw == Encoder(encoding).encode_line(join(cells))


@given(st.lists(st.text(st.characters(codec="iso-8859-1", exclude_categories=["Cc"], exclude_characters="~"))),
       st.text(), encodings)  # fmt: skip
def test_a_bad_value_leaves_the_others_alone(plain: list[str], bad: str, encoding: str) -> None:
    encoder = Encoder(encoding)
    raw = encoder.encode_line(encoder.join([*plain, bad, "end"]))
    before, end = raw[:-1].decode(encoding).split("~")[: len(plain)], raw[:-1].decode(encoding).split("~")[-1]
    # Where a letter must be replaced the line is composed, which only ever joins a letter and its accent.
    assert (before, end) == (plain, "end")


@given(st.characters())
def test_the_nearest_of_any_character_is_plain_and_safe(character: str) -> None:
    plain = nearest(character, "iso-8859-1")
    assert "~" not in plain
    assert "?" not in plain or character in "\uff1f\ufe56\u2047\u2048\u2049\ufe16\u203d\u037e"
    plain.encode("iso-8859-1")


def test_a_piece_of_what_was_sent_is_cut_and_cleaned() -> None:
    assert shown("LUX") == "'LUX'"
    assert shown("a~b\n") == "'a b '"
    assert shown("x" * 11) == f"'{'x' * 10}...'"

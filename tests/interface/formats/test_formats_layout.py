"""A table makes its own reader and writer, for any table."""

import pytest

from interface.formats.layout import Column, FormError, Kind, Layout

TABLE = Layout(
    "XXA",
    7,
    [
        Column(1, "Key", "key", length=5, required=True),
        Column(2, "Left", "left"),
        Column(4, "Right", "right"),
        Column(5, "Known, not kept"),
        Column(6, "Day", "day", Kind.DATE),
    ],
    one_of=[(2, 4)],
)


def test_only_kept_columns_are_read_and_written() -> None:
    assert TABLE.fields == ("key", "left", "right", "day")
    values = TABLE.read("XXA~k~l~junk~~more junk~20261102")
    assert isinstance(values, list)
    assert TABLE.write(values) == "XXA~k~l~~~~20261102"


def test_columns_apart_may_stand_for_each_other() -> None:
    assert TABLE.read("XXA~k~~~r~~") == ["k", "", "r", None]
    assert TABLE.read("XXA~k~l~~~~") == ["k", "l", "", None]
    missing = FormError("E301", "Left", "one of Left, Right must be filled")
    assert TABLE.read("XXA~k~~~~~") == missing
    assert TABLE.read("XXA~k~~x~ ~x~20261102") == missing


def test_what_is_not_kept_may_hold_anything() -> None:
    assert TABLE.read("XXA~k~l~\x85~~" + "x" * 999 + "~") == ["k", "l", "", None]


def test_a_value_may_start_with_a_blank() -> None:
    values = TABLE.read("XXA~k~ l~~ ~~20261102")
    assert isinstance(values, list)
    assert values[1:3] == [" l", ""]


def test_a_row_of_the_wrong_size_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="zip"):
        TABLE.write(["k"])

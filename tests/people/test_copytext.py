"""Rows in COPY's text format: plain ones at once, the others value by value, and both the same."""

from datetime import UTC, date, datetime
from typing import Any

from people.copytext import blocks, escaped


def written(rows: list[tuple[Any, ...]], **more: Any) -> str:
    return "".join(blocks(rows, **more))


def test_a_plain_block_is_what_its_values_are_one_by_one() -> None:
    rows = [(1, "Achebe", None, date(2026, 1, 2), datetime(2026, 1, 2, 3, tzinfo=UTC), True)] * 3
    assert written(rows) == escaped(rows)
    assert written(rows[:1]) == "1\tAchebe\t\\N\t2026-01-02\t2026-01-02 03:00:00+00:00\tTrue\n"


def test_columns_of_dates_and_moments_are_the_same() -> None:
    rows = [(1, date(2026, 1, 2), datetime(2026, 1, 2, 3, tzinfo=UTC)), (2, None, None)]
    assert written(rows, times=[1, 2]) == escaped(rows)


def test_what_the_format_has_a_meaning_for_is_escaped() -> None:
    assert written([("a\tb", "\\N", None), ("c\nd", "\r", "None")]) == (
        "a\\tb\t\\\\N\t\\N\nc\\nd\t\\r\tNone\n"
    )


def test_bytes_are_written_as_such() -> None:
    assert written([(1, b"\x00\\\xff")], with_bytes=True) == "1\t\\\\x005cff\n"


def test_values_that_are_the_same_in_all_rows_stand_behind_each_rows_own() -> None:
    same = ["50 %", None, "a\\b", date(2026, 1, 2)]
    for rows in ([(1, "plain"), (2, None)], [(1, "not\tplain"), (2, "\\N")]):
        assert written(rows, same=same) == escaped([(*row, *same) for row in rows])

"""The charts' geometry: every value has its place, within the drawing, in proportion."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cstf_site.console import charts

DAY = date(2026, 11, 3)
TONES = ("good", "warn", "bad")
counts = st.lists(st.integers(0, 2_000_000), max_size=40)
stacks = st.lists(st.fixed_dictionaries({tone: st.integers(0, 500_000) for tone in TONES}), max_size=40)


def days(values: list[int]) -> list[tuple[date, int]]:
    return [(DAY + timedelta(days=place), value) for place, value in enumerate(values)]


@given(counts)
def test_a_bar_for_every_count_that_is_any(values: list[int]) -> None:
    drawn = charts.by_day(days(values))
    assert len(drawn.bars) == sum(1 for value in values if value)
    assert all(
        f": {value:,}" in bar.title for bar, value in zip(drawn.bars, filter(None, values), strict=True)
    )


@given(stacks)
def test_nothing_leaves_the_drawing(parts: list[dict[str, int]]) -> None:
    drawn = charts.stacked([(DAY + timedelta(days=place), one) for place, one in enumerate(parts)])
    for bar in drawn.bars:
        assert bar.x >= charts.LEFT
        assert bar.x + bar.width <= charts.WIDTH + 0.01
        assert bar.y + bar.height <= charts.HEIGHT - charts.BOTTOM + 0.02
        # Parts too thin to be seen are drawn a little thicker: three of them fit above a full scale.
        assert bar.y >= charts.TOP - 4.6
    assert len(drawn.labels) <= charts.MOST_LABELS


@given(counts)
def test_heights_are_in_proportion(values: list[int]) -> None:
    bars = charts.by_day(days(values)).bars
    tall = [
        (bar.height, value) for bar, value in zip(bars, filter(None, values), strict=True) if bar.height > 1.5
    ]
    rates = [height / value for height, value in tall]
    assert not rates or max(rates) <= min(rates) * 1.02


@given(st.integers(0, 10**9))
def test_the_scale_holds_the_greatest_value_and_is_round(most: int) -> None:
    top = charts.scale(most)
    assert top >= max(most, 1)
    assert str(top).rstrip("0") in {"1", "2", "5"}


def test_no_days_is_an_empty_chart() -> None:
    assert charts.by_day([]).bars == []
    assert charts.strip([]).cells == []


def test_a_strip_stands_side_by_side() -> None:
    drawn = charts.strip(
        [charts.Night(DAY, "good", "well"), charts.Night(DAY + timedelta(days=1), "", "nothing")]
    )
    assert [cell.x for cell in drawn.cells] == [0, charts.CELL]
    assert drawn.width == 2 * charts.CELL


@given(st.lists(st.lists(st.integers(0, 2_000_000), max_size=4), max_size=5))
def test_lanes_are_to_one_scale_and_leave_room_for_their_sums(values: list[list[int]]) -> None:
    drawn = charts.lanes(
        [("a lane", [charts.Part(count, "note", "part") for count in one]) for one in values]
    )
    assert [lane.total.text for lane in drawn.lanes] == [f"{sum(one):,}" for one in values]
    for lane, one in zip(drawn.lanes, values, strict=True):
        assert len(lane.bars) == sum(1 for count in one if count)
        for bar in lane.bars:
            # Parts too thin to be seen are drawn a little wider.
            assert bar.x + bar.width <= charts.WIDTH - charts.SUM + 2 * len(one) + 0.1
            assert bar.y + bar.height <= drawn.height

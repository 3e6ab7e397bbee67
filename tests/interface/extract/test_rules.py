"""The decisions of a load, apart from the database."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interface.extract.report import Outcome
from interface.extract.rules import (
    RenewalPeriod,
    compare,
    ends_before_it_starts,
    exceeds,
    in_effect,
    may_remove,
    renewal_period,
    revives,
)

EARLY, LATE = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
DAY, NEXT_DAY = date(2026, 11, 1), date(2026, 11, 2)


@pytest.mark.parametrize(
    ("held_since", "last_update", "outcome"),
    [
        (EARLY, LATE, Outcome.AMENDED),
        (EARLY, EARLY, Outcome.AMENDED),
        (LATE, EARLY, Outcome.STALE),
        (None, EARLY, Outcome.AMENDED),
    ],
)
def test_last_update_decides(held_since: datetime | None, last_update: datetime, outcome: Outcome) -> None:
    assert compare(("a",), held_since, ("b",), last_update) is outcome
    assert compare(("a",), held_since, ("a",), last_update) is Outcome.UNCHANGED


@given(st.permutations([datetime(2026, 11, day, tzinfo=UTC) for day in range(1, 6)]))
def test_any_order_ends_with_the_newest(moments: list[datetime]) -> None:
    held: tuple[tuple[datetime, ...], datetime | None] = ((), None)
    for moment in moments:
        if compare(held[0], held[1], (moment,), moment) is Outcome.AMENDED:
            held = ((moment,), moment)
    assert held[1] == max(moments)


def test_what_was_deleted_comes_back_by_a_later_file_or_a_later_change() -> None:
    assert revives(EARLY, file_created=EARLY, last_update=EARLY)
    assert revives(EARLY, file_created=LATE, last_update=datetime.min.replace(tzinfo=UTC))
    assert revives(EARLY, file_created=datetime.min.replace(tzinfo=UTC), last_update=LATE)
    assert not revives(LATE, file_created=EARLY, last_update=LATE)


def test_a_deletion_is_as_old_as_its_file() -> None:
    assert may_remove(None, file_created=EARLY)
    assert may_remove(EARLY, file_created=EARLY)
    assert not may_remove(LATE, file_created=EARLY)


@pytest.mark.parametrize(
    ("frequency", "units", "period"),
    [
        (2, "Year", RenewalPeriod(2, "Year")),
        (18, "MONTHS", RenewalPeriod(18, "Month")),
        (1, " y", RenewalPeriod(1, "Year")),
        (None, "", RenewalPeriod()),
        (0, "Year", RenewalPeriod()),
        (None, "Year", RenewalPeriod()),
        (2, "", None),
        (2, "Week", None),
        (32768, "Year", None),
    ],
)
def test_a_renewal_period_is_a_pair_or_not_understood(
    frequency: int | None, units: str, period: RenewalPeriod | None
) -> None:
    assert renewal_period(frequency, units) == period


def test_empty_dates_are_unbounded() -> None:
    assert not ends_before_it_starts(None, DAY)
    assert not ends_before_it_starts(DAY, None)
    assert not ends_before_it_starts(DAY, DAY)
    assert ends_before_it_starts(NEXT_DAY, DAY)
    assert in_effect(None, None, on=DAY)
    assert in_effect(DAY, DAY, on=DAY)
    assert not in_effect(NEXT_DAY, None, on=DAY)
    assert not in_effect(None, DAY, on=NEXT_DAY)


@pytest.mark.parametrize(
    ("affected", "of", "accident"),
    [(10, 100, True), (5, 100, False), (9, 10, False), (10, 200, False), (11, 200, True)],
)
def test_an_accident_is_a_share_of_the_people_and_a_number_of_them(
    affected: int, of: int, accident: bool
) -> None:
    assert exceeds(affected, of, share=0.05, minimum=10) is accident

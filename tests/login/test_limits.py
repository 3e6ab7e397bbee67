"""Which limit ends a session, and when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from login.limits import EXACT_TO_SECONDS, Clock, Limit, Limits

LIMITS = Limits(idle=900, absolute=36_000)


@pytest.mark.parametrize(
    ("clock", "at", "left"),
    [
        (Clock(began=0, seen=0), 0, (900, Limit.IDLE)),
        (Clock(began=0, seen=100), 999, (1, Limit.IDLE)),
        (Clock(began=0, seen=35_900), 35_999, (1, Limit.ABSOLUTE)),
        (Clock(began=0, seen=35_100), 35_100, (900, Limit.ABSOLUTE)),
    ],
)
def test_the_nearer_limit_counts(clock: Clock, at: float, left: tuple[float, Limit]) -> None:
    assert clock.left(LIMITS, at=at) == left


times = st.floats(min_value=0, max_value=1e6)


@given(began=times, idled=times, waited=times)
def test_ended_exactly_when_nothing_is_left(began: float, idled: float, waited: float) -> None:
    clock = Clock(began=began, seen=began + idled)
    at = clock.seen + waited
    seconds, limit = clock.left(LIMITS, at=at)
    assert clock.ended_by(LIMITS, at=at) == (limit if seconds <= 0 else None)
    assert seconds <= LIMITS.idle + 1e-6  # of sums of floats


def test_a_session_from_the_future_has_ended() -> None:
    assert Clock(began=0, seen=1000).ended_by(LIMITS, at=1000 - EXACT_TO_SECONDS - 1) is Limit.ABSOLUTE
    assert Clock(began=0, seen=1000).ended_by(LIMITS, at=999) is None


def test_the_last_request_is_not_written_down_each_time() -> None:
    clock = Clock(began=0, seen=0)
    assert not clock.is_stale(LIMITS, at=29)
    assert clock.is_stale(LIMITS, at=30)
    assert Limits(idle=10, absolute=100).exact_to == 1

"""Dates and timestamps: strict, real, London."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from interface.formats import moments

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Any second, but those that autumn's repeated hour makes ambiguous.
utc_moments = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 30), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)


@pytest.mark.parametrize(
    "text",
    ["", "2026110", "202611022", "20261302", "20260229", "00000000", "2026112²", "٢٠٢٦١١٠٢", "2026-1-2", " 2026110",
     "+2026110", "2026110\n", "99991232"],
)  # fmt: skip
def test_what_is_not_a_real_date_is_none(text: str) -> None:
    assert moments.read_date(text) is None


@pytest.mark.parametrize(
    "text",
    ["", "20261102", "20261102143000", "20261102T143000", "20261102 243000", "20261102 146000", "20261102 143060",
     "20261102 1430 0", "20261302 143000", "20261102 14300²", "00000000 000000", "20261102 ١٢3000"],
)  # fmt: skip
def test_what_is_not_a_real_timestamp_is_none(text: str) -> None:
    assert moments.read_timestamp(text) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20261102 143000", datetime(2026, 11, 2, 14, 30, tzinfo=UTC)),
        ("20260702 143000", datetime(2026, 7, 2, 13, 30, tzinfo=UTC)),
        ("20260702 003000", datetime(2026, 7, 1, 23, 30, tzinfo=UTC)),
        # Spring leaves out 01:00-01:59: read as if the clocks had not yet changed.
        ("20260329 013000", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("20260329 020000", datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        # Autumn has 01:00-01:59 twice: read as the first, in summer time.
        ("20261025 013000", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("20261025 005959", datetime(2026, 10, 24, 23, 59, 59, tzinfo=UTC)),
        ("20261025 020000", datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
    ],
)
def test_a_timestamp_is_london_time(text: str, moment: datetime) -> None:
    assert moments.read_timestamp(text) == moment


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 7, 2, 13, 30, 5, 999999, tzinfo=UTC), "20260702 143005"),
        (datetime(2026, 7, 2, 13, 30, 5, tzinfo=timezone(timedelta(hours=-5))), "20260702 193005"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "20261025 013000"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "20261025 013000"),
        (None, ""),
    ],
)
def test_a_moment_is_written_in_london_time(moment: datetime | None, text: str) -> None:
    assert moments.write_timestamp(moment) == text


def test_a_moment_without_a_time_zone_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="time zone"):
        moments.write_timestamp(datetime(2026, 11, 2))


def test_last_update_may_be_a_date_or_a_timestamp() -> None:
    assert moments.read_moment("20260702") == datetime(2026, 7, 1, 23, tzinfo=UTC)
    assert moments.read_moment("20260702 010000") == datetime(2026, 7, 2, tzinfo=UTC)
    assert moments.read_moment("2026") is None


def test_no_previous_run_is_zeros() -> None:
    assert moments.write_run(None) == "00000000 000000" == moments.NO_RUN


@given(st.dates())
def test_any_date_survives(day: date) -> None:
    assert moments.read_date(moments.write_date(day)) == day


@given(utc_moments)
@example(datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC))
@example(datetime(2026, 3, 29, 1, 0, tzinfo=UTC))
@example(datetime(2026, 10, 25, 2, 0, tzinfo=UTC))
@example(datetime(1847, 11, 30, 23, 59, tzinfo=UTC))
def test_any_moment_survives_but_for_autumns_second_hour(moment: datetime) -> None:
    read = moments.read_timestamp(moments.write_timestamp(moment))
    local = moment.astimezone(moments.LONDON)
    assert read == (moment if local.fold == 0 else moment - timedelta(hours=1))


@given(st.text())
def test_any_text_is_a_moment_or_none(text: str) -> None:
    for read in (moments.read_date, moments.read_timestamp, moments.read_moment):
        read(text)

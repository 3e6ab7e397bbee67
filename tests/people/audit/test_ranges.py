import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.audit.ranges import read_ranges, write_ranges


@given(st.sets(st.integers(min_value=1, max_value=200)))
def test_what_is_written_is_read(numbers: set[int]) -> None:
    runs = list(read_ranges(write_ranges(sorted(numbers))))
    assert [one for first, last in runs for one in range(first, last + 1)] == sorted(numbers)


def test_runs_are_joined() -> None:
    assert write_ranges([1, 2, 3, 5, 8, 9]) == "1-3,5,8-9"


def test_what_is_no_such_text_is_refused() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        list(read_ranges("1-x"))

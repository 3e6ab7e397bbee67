"""A content's digest: the same in every process, and another for every other content."""

from hypothesis import given
from hypothesis import strategies as st

from interface.decision.digests import content_digest

CELLS = st.lists(st.sampled_from(["", "A", "B", "AB", "é"]), min_size=12, max_size=12)


def content(cells: list[str]) -> str:
    return "~".join(["LUA", "R1", *cells])


def test_it_is_stable() -> None:
    """What is held was digested by an earlier release."""
    line = "LUA~R1~40001~~Achebe~19870412~~~FIRE~~20261101~~1 - Attended~"
    assert content_digest(line) == STABLE
    assert content_digest("LUA~R1") == SHORT
    assert -(2**63) <= content_digest(line) < 2**63


@given(one=CELLS, other=CELLS)
def test_values_that_differ_or_change_places_are_another_content(one: list[str], other: list[str]) -> None:
    assert (content_digest(content(one)) == content_digest(content(other))) == (one == other)


STABLE = 5203514431318491311
SHORT = 3605273666154562183

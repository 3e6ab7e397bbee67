"""Lines: split at LF alone, numbered, capped, blank ones left out."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interface.formats import lines
from interface.formats.lines import MAX_LINE, numbered_lines


def read(content: bytes) -> list[tuple[int, bytes]]:
    return list(numbered_lines(BytesIO(content)))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", []),
        (b"\n\n", []),
        (b"a", [(1, b"a")]),
        (b"a\n", [(1, b"a")]),
        (b"a\nb", [(1, b"a"), (2, b"b")]),
        (b"a\r\n\r\n  \n   \r\nb\r\n", [(1, b"a"), (5, b"b")]),
        (b"a\r", [(1, b"a")]),
        (b"a\r\r\n", [(1, b"a\r")]),
        (b"\r\r\n", [(1, b"\r")]),
        (b"a\rb\x0b\x0c\x1c\x1d\x1e\x85\xa0\n", [(1, b"a\rb\x0b\x0c\x1c\x1d\x1e\x85\xa0")]),
        (b" a \n", [(1, b" a ")]),
        (b"\t\n", [(1, b"\t")]),
    ],
)
def test_lines(content: bytes, expected: list[tuple[int, bytes]]) -> None:
    assert read(content) == expected


@pytest.mark.parametrize("length", [MAX_LINE - 1, MAX_LINE, MAX_LINE + 1, MAX_LINE + 2, 3 * (1 << 18)])
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_long_line_is_cut_and_still_longer_than_the_limit(length: int, end: bytes) -> None:
    found = read(b"x" * length + end + b"after" * bool(end))
    assert found[0] == (1, b"x" * min(length, MAX_LINE + 1))
    assert found[1:] == [(2, b"after")] * bool(end)


def test_the_file_may_be_read_from_its_middle() -> None:
    assert list(numbered_lines(BytesIO(b"c\n\nd"), first=7)) == [(7, b"c"), (9, b"d")]


@given(
    st.lists(st.sampled_from([b"a", b" ", b"\r", b"\n", b"\r\n", b"x" * 40]), max_size=30), st.integers(1, 7)
)
def test_any_block_size_gives_the_same_lines(pieces: list[bytes], size: int) -> None:
    content = b"".join(pieces)
    expected = [
        (number, line)
        for number, raw in enumerate(content.split(b"\n"), 1)
        if (line := raw.removesuffix(b"\r")).strip(b" ")
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "_BLOCK", size)
        assert read(content) == expected

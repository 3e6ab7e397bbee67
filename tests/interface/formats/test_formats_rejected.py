"""The file of rejected lines: what comes out is a sound file again, with these lines and no other."""

from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interface.formats import names
from interface.formats.envelope import Header
from interface.formats.rejected import rejected_file
from interface.formats.structure import FileFacts, check

NAME = names.build("LCU", vpd="277", sub_type="CST", business_date=date(2026, 11, 22), number=8)
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
HEADER = Header(str(NAME), NOW, "277", NOW, NOW)
# Whatever a sender may have put into a line, but for what no line of a text file can hold.
LINES = st.lists(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1), max_size=30)
ENCODINGS = ("iso-8859-1", "utf-8")


@given(LINES, st.sampled_from(ENCODINGS))
def test_the_lines_stand_between_header_and_trailer_in_their_order(lines: list[str], encoding: str) -> None:
    written = b"".join(rejected_file(HEADER, lines, encoding=encoding)).decode(encoding).split("\n")
    assert written[0].startswith(f"HDR~{NAME}~20261122 090000~277~")
    assert written[1:-2] == lines
    assert written[-2:] == [f"TRL~{len(lines) + 2}", ""]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("count", [0, 1, 1000, 1001])
def test_it_is_a_sound_file(encoding: str, count: int) -> None:
    data = b"".join(rejected_file(HEADER, (f"LUD~Ré-{n}" for n in range(count)), encoding=encoding))
    facts = check(
        BytesIO(data), encoding=encoding, file_name=str(NAME), vpd="277", sub_type="CST", size=len(data),
        limit=1 << 20,
    )  # fmt: skip
    assert isinstance(facts, FileFacts)
    assert (facts.records, facts.header) == (count, HEADER)

"""A whole file is sound or refused, whatever its bytes; and the supplier's check finds what is wrong."""

from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from interface.formats import lint, structure
from interface.formats.envelope import ReseedRequest
from interface.formats.lines import MAX_LINE
from interface.formats.structure import FileFacts, Refusal

NIGHT = Path(__file__).resolve().parents[2] / "data" / "example-night"
NAME = "GI_901_CST_LCU_20261103_00000001.DAT"
CONTENT = (NIGHT / NAME).read_bytes()
HEADER, *RECORDS, TRAILER = CONTENT.splitlines(keepends=True)


def check(content: bytes, **changed: Any) -> FileFacts | Refusal:
    arguments: dict[str, Any] = {
        "encoding": "iso-8859-1", "file_name": NAME, "vpd": "901", "sub_type": "CST", "size": len(content),
        "limit": 1 << 20,
    } | changed  # fmt: skip
    return structure.check(BytesIO(content), **arguments)


def test_a_sound_file() -> None:
    facts = check(CONTENT)
    assert isinstance(facts, FileFacts)
    assert facts.records == 6
    assert (facts.name.number, facts.name.business_date) == (1, date(2026, 11, 3))
    assert facts.header.previous_run == datetime(2026, 11, 2, 21, tzinfo=UTC)
    assert facts.header.this_run == datetime(2026, 11, 3, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    "content",
    [
        CONTENT.replace(b"\n", b"\r\n"),
        CONTENT.removesuffix(b"\n"),
        CONTENT.replace(b"\n", b"\n\n  \n"),
        b"\n" + CONTENT,
    ],
)
def test_line_ends_and_blank_lines_change_nothing(content: bytes) -> None:
    facts = check(content)
    assert isinstance(facts, FileFacts)
    assert facts.records == 6


def test_the_smallest_file_is_header_and_trailer() -> None:
    facts = check(HEADER + b"TRL~2\n")
    assert isinstance(facts, FileFacts)
    assert facts.records == 0


@pytest.mark.parametrize(
    ("content", "changed", "code", "line_number"),
    [
        (CONTENT, {"limit": 10}, "F10", None),
        (CONTENT.replace(b"Achebe", b"Ache\0e"), {}, "F04", None),
        (CONTENT.replace(b"Achebe", b"Ach\xe9be"), {"encoding": "utf-8"}, "F04", None),
        (CONTENT + b"\xc3", {"encoding": "utf-8"}, "F04", None),
        (b"", {}, "F01", 1),
        (b"\n \n", {}, "F01", 1),
        (CONTENT.removeprefix(HEADER), {}, "F01", 1),
        (b"\xef\xbb\xbf" + CONTENT, {"encoding": "utf-8"}, "F01", 1),
        (CONTENT.replace(b"~01\n", b"\n"), {}, "F01", 1),
        (CONTENT.replace(b"20261102 210000", b"20261302 210000"), {}, "F01", 1),
        (b"\n\n" + CONTENT.replace(b"~01\n", b"~02\n"), {}, "F04", 3),
        (CONTENT, {"file_name": "completions.csv"}, "F05", 1),
        (CONTENT, {"file_name": NAME.replace("LCU", "LCC")}, "F05", 1),
        (CONTENT, {"file_name": NAME.replace("00000001", "00000002")}, "F05", 1),
        (CONTENT, {"sub_type": "XYZ"}, "F05", 1),
        (CONTENT, {"vpd": "902"}, "F06", 1),
        (CONTENT.replace(b"~901~", b"~902~"), {}, "F06", 1),
        (CONTENT.replace(b"~901~", b"~902~"), {"vpd": None}, "F06", 1),
        (CONTENT.removesuffix(TRAILER), {}, "F02", 7),
        (HEADER, {}, "F02", 1),
        (CONTENT + b"more\n", {}, "F02", 9),
        (CONTENT.replace(TRAILER, b"TRL~\n"), {}, "F02", 8),
        (CONTENT.replace(TRAILER, b"TRL~8~\n"), {}, "F02", 8),
        (CONTENT.replace(TRAILER, b"TRL~7\n"), {}, "F03", 8),
        (CONTENT + CONTENT, {}, "F03", 16),
    ],
)
def test_a_refusal(content: bytes, changed: dict[str, Any], code: str, line_number: int | None) -> None:
    refusal = check(content, **changed)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.line_number) == (code, line_number)
    assert refusal.message
    assert len(refusal.message) <= 200


@pytest.mark.parametrize(
    ("content", "changed", "code"),
    [
        # Each has the next fault of the order too.
        (b"\0", {"limit": 0}, "F10"),
        (b"\0" + CONTENT, {}, "F04"),
        (CONTENT.removeprefix(HEADER), {"file_name": "x"}, "F01"),
        (CONTENT.replace(b"~01\n", b"~02\n"), {"file_name": "x"}, "F05"),
        (CONTENT.replace(b"~01\n", b"~02\n"), {"vpd": "902"}, "F04"),
        (HEADER, {"vpd": "902"}, "F06"),
        (HEADER + RECORDS[0], {}, "F02"),
    ],
)
def test_the_first_fault_refuses(content: bytes, changed: dict[str, Any], code: str) -> None:
    refusal = check(content, **changed)
    assert isinstance(refusal, Refusal)
    assert refusal.code == code


def test_a_refusal_keeps_what_name_and_header_said() -> None:
    for content, changed in [(CONTENT, {"limit": 10}), (CONTENT + b"\0", {}), (HEADER, {})]:
        refusal = check(content, **changed)
        assert isinstance(refusal, Refusal)
        assert refusal.name is not None
        assert refusal.name.number == 1
        assert refusal.header is not None
        assert refusal.header.this_run == datetime(2026, 11, 3, 21, tzinfo=UTC)
    nameless = check(b"junk", file_name="junk")
    assert isinstance(nameless, Refusal)
    assert (nameless.name, nameless.header) == (None, None)


def test_of_a_file_that_is_too_large_little_is_read() -> None:
    file = BytesIO(CONTENT * 1000)
    structure.check(
        file, encoding="utf-8", file_name=NAME, vpd="901", sub_type="CST", size=1 << 40, limit=1 << 20
    )
    assert file.tell() <= MAX_LINE + 2


def test_a_character_of_several_bytes_may_lie_across_two_blocks() -> None:
    filler = b"LUD~" + b"x" * 60 + b"\n"
    for shift in range(3):
        records = b"LUD~" + b"y" * shift + b"\n" + filler * 4031 + "LUD~日本日本日本\n".encode() * 100
        content = HEADER + records + b"TRL~%d\n" % (2 + records.count(b"\n"))
        assert isinstance(check(content, encoding="utf-8"), FileFacts)


def test_truncated_at_any_byte_a_file_is_refused() -> None:
    for length in range(len(CONTENT) - 1):
        assert isinstance(check(CONTENT[:length]), Refusal)


@given(st.integers(0, len(CONTENT) - 1), st.integers(0, 255))
@example(len(CONTENT) - 2, ord("9"))
@example(len(HEADER), 10)
def test_with_any_byte_flipped_the_count_is_right_or_the_file_refused(position: int, byte: int) -> None:
    content = CONTENT[:position] + bytes([byte]) + CONTENT[position + 1 :]
    facts = check(content)
    if isinstance(facts, FileFacts):
        assert facts.records == sum(1 for line in content.split(b"\n") if line.strip(b" \r")) - 2 == 6


@given(
    st.lists(
        st.sampled_from([HEADER, *RECORDS, TRAILER, b"\n", b"TRL~2\n", b"TRL~3\n", b"\xff\xfe"]) | st.binary()
    ),
    st.sampled_from(["iso-8859-1", "utf-8"]),
)
def test_any_bytes_are_facts_or_a_refusal(pieces: list[bytes], encoding: str) -> None:
    content = b"".join(pieces)
    result = check(content, encoding=encoding)
    problems = list(lint.problems(BytesIO(content), encoding=encoding, file_name=NAME))
    if isinstance(result, FileFacts):
        # What the exchange would take may still hold bad records, but has no fault of structure.
        assert {problem.code[0] for problem in problems} <= {"E"}
    else:
        assert result.code in {problem.code for problem in problems}


# --- Re-seed requests ---------------------------------------------------------------------------------

RESEED_NAME = "GO_901_CST_GDR_20261103_00000001.DAT"
RESEED = f"HDR~{RESEED_NAME}~20261103 210000\n".encode()


def check_reseed(content: bytes, **changed: Any) -> ReseedRequest | Refusal:
    arguments: dict[str, Any] = {
        "encoding": "iso-8859-1", "file_name": RESEED_NAME, "vpd": "901", "sub_type": "CST", "size": len(content),
        "limit": 1 << 20,
    } | changed  # fmt: skip
    return structure.check_reseed(BytesIO(content), **arguments)


def test_a_reseed_request() -> None:
    assert check_reseed(RESEED) == ReseedRequest(RESEED_NAME, datetime(2026, 11, 3, 21, tzinfo=UTC))


@pytest.mark.parametrize(
    ("content", "changed", "code"),
    [
        (RESEED, {"limit": 1}, "F10"),
        (RESEED + b"\0", {}, "F04"),
        (b"", {}, "F01"),
        (HEADER, {}, "F01"),
        (RESEED + b"TRL~2\n", {}, "F01"),
        (RESEED, {"file_name": NAME}, "F05"),
        (RESEED, {"file_name": RESEED_NAME.replace("00000001", "00000002")}, "F05"),
        (RESEED, {"sub_type": "XYZ"}, "F05"),
        (RESEED, {"vpd": "902"}, "F06"),
    ],
)
def test_a_refused_reseed_request(content: bytes, changed: dict[str, Any], code: str) -> None:
    refusal = check_reseed(content, **changed)
    assert isinstance(refusal, Refusal)
    assert refusal.code == code


# --- The supplier's check -----------------------------------------------------------------------------


def found(
    content: bytes, file_name: str = NAME, encoding: str = "iso-8859-1"
) -> list[tuple[int | None, str, str]]:
    problems = lint.problems(BytesIO(content), encoding=encoding, file_name=file_name)
    return [(problem.line_number, problem.column, problem.code) for problem in problems]


def test_a_good_file_has_no_problems() -> None:
    assert found(CONTENT) == []


def test_every_problem_of_a_file_is_told() -> None:
    content = b"".join([
        HEADER.replace(b"~01\n", b"~02\n").replace(b"~901~", b"~902~"),
        b"LUA~M-1~~~~x~~~~~20261302~~~~20261102 143000\n",
        b"LUX~1\n",
        b"\n",
        b"LUD~a\0b\n",
        RECORDS[0],
        RECORDS[0].replace(b"FIRE-2Y", b"OTHER"),
        RECORDS[0],
        b"LUD~" + b"x" * MAX_LINE + b"\n",
        b"TRL~99\n",
    ])  # fmt: skip
    assert found(content, "other.dat") == [
        (None, "", "F05"),
        (1, "Version", "F04"),
        (2, "Person ID", "E301"),
        (2, "Last Name", "E301"),
        (2, "Competence ID", "E301"),
        (2, "Date of Birth", "E302"),
        (2, "Completion Date", "E302"),
        (3, "", "E300"),
        (5, "", "F04"),
        (7, "Source Reference", "E303"),
        (9, "", "E300"),
        (10, "", "F03"),
        (None, "", "F04"),
    ]


def test_a_file_that_is_cut_off_is_checked_to_its_last_line() -> None:
    assert found(HEADER + b"LUD~\n") == [(2, "Source Reference", "E301"), (2, "", "F02")]
    assert found(b"") == [(1, "", "F01"), (1, "", "F02")]
    assert found(CONTENT.replace(b"~901~", b"~902~")) == [(1, "VPD", "F06")]


def test_lines_of_another_encoding_are_told_one_by_one() -> None:
    content = CONTENT.replace(b"Achebe", b"Ach\xe9be")
    assert found(content, encoding="utf-8") == [(2, "", "F04"), (5, "", "F04"), (None, "", "F04")]

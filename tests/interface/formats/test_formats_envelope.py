"""The first and last lines, and the re-seed request."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interface.formats import envelope
from interface.formats.envelope import Header, ReseedRequest

NAME = "GI_277_CST_LCU_20261122_00000001.DAT"
LINE = f"HDR~{NAME}~20261122 210000~277~20261121 210000~20261122 210000~01"
HEADER = Header(
    NAME, datetime(2026, 11, 22, 21, tzinfo=UTC), "277", datetime(2026, 11, 21, 21, tzinfo=UTC),
    datetime(2026, 11, 22, 21, tzinfo=UTC),
)  # fmt: skip
runs = st.datetimes(datetime(1900, 1, 1), datetime(2025, 3, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0, month=1)
)


def test_a_header() -> None:
    assert envelope.read_header(LINE) == HEADER
    assert envelope.write_header(HEADER) == LINE


@pytest.mark.parametrize("none", ["", "00000000 000000"])
def test_a_header_without_a_previous_run(none: str) -> None:
    header = envelope.read_header(LINE.replace("20261121 210000", none))
    assert header is not None
    assert header.previous_run is None
    assert "~00000000 000000~" in envelope.write_header(header)


@pytest.mark.parametrize(
    "line",
    ["", "HDR", LINE + "~", LINE[4:], LINE.replace("HDR", "hdr"), LINE.replace("20261121 210000", "20261321 210000"),
     LINE.replace("20261122 210000", "00000000 000000"), LINE.replace("20261122 210000", "20261122")],
)  # fmt: skip
def test_what_is_no_header(line: str) -> None:
    assert envelope.read_header(line) is None


def test_a_header_of_another_version_is_read_and_says_so() -> None:
    header = envelope.read_header(LINE[:-2] + "02")
    assert header is not None
    assert header.version == "02"


@pytest.mark.parametrize("line", ["TRL~2", "TRL~000002"])
def test_a_trailer(line: str) -> None:
    assert envelope.read_trailer(line) == 2


@pytest.mark.parametrize(
    "line", ["", "TRL", "TRL~", "TRL~x", "TRL~-2", "TRL~2~", "TRL~ 2", "TRL~²", "TRL~" + "9" * 5000]
)
def test_what_is_no_trailer(line: str) -> None:
    assert envelope.read_trailer(line) is None


def test_a_reseed_request() -> None:
    request = ReseedRequest("GO_277_CST_GDR_20261122_00000001.DAT", datetime(2026, 11, 22, 21, tzinfo=UTC))
    line = "HDR~GO_277_CST_GDR_20261122_00000001.DAT~20261122 210000"
    assert envelope.read_reseed_request(line) == request
    assert envelope.write_reseed_request(request) == line
    assert envelope.read_reseed_request(LINE) is None
    assert envelope.read_reseed_request("HDR~x~today") is None


@given(runs, st.none() | runs, runs)
def test_any_header_survives(created: datetime, previous: datetime | None, this: datetime) -> None:
    header = Header(NAME, created, "277", previous, this)
    assert envelope.read_header(envelope.write_header(header)) == header


@given(st.integers(0, 10**12 - 1))
def test_any_trailer_survives(count: int) -> None:
    assert envelope.read_trailer(envelope.write_trailer(count)) == count


@given(st.text())
def test_any_text_is_read_or_none(text: str) -> None:
    for read in (envelope.read_header, envelope.read_trailer, envelope.read_reseed_request):
        read(text)
        read(f"HDR~{text}~")
        read(f"TRL~{text}")

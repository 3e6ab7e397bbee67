"""The first and the last line of every file, and the re-seed request, which is a header alone."""

from dataclasses import dataclass
from datetime import datetime

from interface.formats import moments
from interface.formats.text import SEPARATOR, join

VERSION = "01"
_COUNT_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Header:
    """``HDR``: the file's own name, when it was made, whose it is, and the two runs it lies between.

    ``previous_run`` is None where there was none.
    """

    file_name: str
    created: datetime
    vpd: str
    previous_run: datetime | None
    this_run: datetime
    version: str = VERSION


@dataclass(frozen=True, slots=True)
class ReseedRequest:
    """A partner's request for a full file: one header line of three columns, no trailer."""

    file_name: str
    created: datetime


def write_header(header: Header) -> str:
    """The HDR line."""
    return join([
        "HDR", header.file_name, moments.write_timestamp(header.created), header.vpd,
        moments.write_run(header.previous_run), moments.write_timestamp(header.this_run), header.version,
    ])  # fmt: skip


def read_header(line: str) -> Header | None:
    """The header, of whatever version, or None where the line is not one in full.

    An empty previous run is "no previous run", as zeros are.
    """
    cells = line.split(SEPARATOR)
    if len(cells) != 7 or cells[0] != "HDR":
        return None
    created, this_run = moments.read_timestamp(cells[2]), moments.read_timestamp(cells[5])
    previous_run = moments.read_timestamp(cells[4])
    no_previous_run = cells[4] in ("", moments.NO_RUN)
    if created is None or this_run is None or (previous_run is None and not no_previous_run):
        return None
    return Header(cells[1], created, cells[3], previous_run, this_run, cells[6])


def write_trailer(count: int) -> str:
    """The TRL line; the count is of all non-blank lines of the file, this one and the header included."""
    return f"TRL{SEPARATOR}{count}"


def read_trailer(line: str) -> int | None:
    """The trailer's count, or None where the line is not a trailer in full."""
    record_type, _, count = line.partition(SEPARATOR)
    if record_type != "TRL" or not (count.isascii() and count.isdigit()) or len(count) > _COUNT_DIGITS:
        return None
    return int(count)


def write_reseed_request(request: ReseedRequest) -> str:
    """The one line of a re-seed request."""
    return join(["HDR", request.file_name, moments.write_timestamp(request.created)])


def read_reseed_request(line: str) -> ReseedRequest | None:
    """The request, or None where the line is not one."""
    cells = line.split(SEPARATOR)
    created = moments.read_timestamp(cells[-1])
    if len(cells) != 3 or cells[0] != "HDR" or created is None:
        return None
    return ReseedRequest(cells[1], created)

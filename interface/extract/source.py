"""A GO file as the loader needs it: checked as a whole first, then read once for each kind of record.

Several passes in place of a sort: a person may stand behind the elements that refer to it, and memory stays flat.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from interface.extract.report import ExtractRefusedError
from interface.formats.envelope import VERSION, Header, read_header, read_trailer
from interface.formats.lines import MAX_LINE, numbered_lines
from interface.formats.text import ENCODINGS

BATCH = 4000
# Records that end what there is. Positions and units (POD, ORD) are kept, whatever a file says.
_DELETES = ("PRD", "ASD", "CMD", "CDD")
# Lines that do not even start with a record type are counted together.
UNREADABLE = "?"

_RECORD_TYPE = re.compile(rb"[A-Z]{3}(?=~|\Z)")


class Line(NamedTuple):
    """One record's line, decoded. ``too_long`` says that its end is missing."""

    number: int
    record_type: str
    text: str
    too_long: bool


@dataclass(frozen=True, slots=True)
class SoundExtract:
    """A file that has a header, every line it promises, and a trailer that agrees.

    ``by_type`` counts the lines between the two.
    """

    file: BinaryIO
    encoding: str
    header: Header
    first: int
    last: int
    by_type: Counter[str]

    @property
    def deletes(self) -> bool:
        """Whether it says of anything that it is gone."""
        return any(self.by_type[one] for one in _DELETES)

    def batches(self, record_types: Collection[str]) -> Iterator[list[Line]]:
        """The lines of these record types, in the file's order, a few thousand at a time."""
        batch: list[Line] = []
        for line in self._lines(frozenset(record_types)):
            batch.append(line)
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    def _lines(self, record_types: frozenset[str]) -> Iterator[Line]:
        if not any(self.by_type[one] for one in record_types):
            return
        # In most passes the first three letters of most lines tell that they are not wanted.
        starts = frozenset(one.encode() for one in record_types if one != UNREADABLE)
        any_start = UNREADABLE in record_types
        self.file.seek(0)
        for number, line in numbered_lines(self.file):
            if not (any_start or line[:3] in starts) or not self.first < number < self.last:
                continue
            record_type = record_type_of(line)
            if record_type in record_types:
                # A line cut at the limit may end within a character; it is rejected anyway.
                text = line.decode(self.encoding, "replace")
                yield Line(number, record_type, text, len(line) > MAX_LINE)


def record_type_of(line: bytes) -> str:
    """The line's first column where it is three capital letters, else ``UNREADABLE``."""
    match = _RECORD_TYPE.match(line)
    return match[0].decode("ascii") if match else UNREADABLE


def check(file: BinaryIO, *, encoding: str) -> SoundExtract:
    """Look at the whole file once. Raises ExtractRefusedError where it cannot be loaded."""
    if encoding not in ENCODINGS:
        raise ExtractRefusedError(f"encoding {encoding!r} is none of {', '.join(ENCODINGS)}")
    by_type: Counter[str] = Counter()
    header: Header | None = None
    first, number, line = 0, 0, b""
    for number, line in numbered_lines(file):
        _check_text(number, line, encoding)
        if header is None:
            header, first = _header(line, encoding), number
        by_type[record_type_of(line)] += 1
    if header is None:
        raise ExtractRefusedError("the file is empty")
    _check_trailer(number, line, by_type.total())
    by_type["HDR"] -= 1
    by_type["TRL"] -= 1
    return SoundExtract(file, encoding, header, first, number, +by_type)


def _check_text(number: int, line: bytes, encoding: str) -> None:
    if b"\0" in line:
        raise ExtractRefusedError(f"line {number} holds NUL bytes: it is not a text file")
    if encoding != "iso-8859-1" and len(line) <= MAX_LINE:
        try:
            line.decode(encoding)
        except UnicodeDecodeError as problem:
            other = next(one for one in ENCODINGS if one != encoding)
            raise ExtractRefusedError(f"line {number} is not {encoding}: is the file {other}?") from problem


def _header(line: bytes, encoding: str) -> Header:
    header = read_header(line.decode(encoding, "replace"))
    if header is None:
        raise ExtractRefusedError("the file does not start with a header (HDR) of seven columns")
    if header.version != VERSION:
        raise ExtractRefusedError(f"the header's version is not {VERSION}")
    return header


def _check_trailer(number: int, line: bytes, lines: int) -> None:
    count = read_trailer(line.decode("ascii", "replace"))
    if count is None:
        raise ExtractRefusedError(
            f"the last line ({number}) is not a trailer (TRL and a count): is it cut off?"
        )
    if count != lines:
        raise ExtractRefusedError(f"the trailer counts {count} lines, the file has {lines}")

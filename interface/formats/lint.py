"""The supplier's check: everything that is wrong with the form of a completions file, not only the first.

The exchange stops at the first reason to refuse a file and at the first fault of a line; whoever builds the
sending side wants to see all of them at once. The format alone is looked at: no connection, no people, no
competences.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

from interface.formats import completions, envelope, names, structure
from interface.formats.completions import Completion, Unreadable
from interface.formats.lines import MAX_LINE, Readable, numbered_lines

_Seen = dict[str, tuple[bytes, int]]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: of the file where there is no line number, of the line where there is no column."""

    line_number: int | None
    column: str
    code: str
    text: str


def problems(file: Readable, *, encoding: str, file_name: str) -> Iterator[Problem]:
    """Every problem, in line order, those of the trailer and of the whole file's bytes last.

    Memory grows with the number of source references (their digests), which must be known to find repeated
    ones.
    """
    watched = structure.Watched(file, encoding)
    lines = numbered_lines(watched)
    first = next(lines, (1, b""))
    yield from _header_problems(first, encoding, file_name)
    seen: _Seen = {}
    count, last = 1, first
    for numbered in lines:
        if count > 1:
            yield from _record_problems(last, encoding, seen)
        last, count = numbered, count + 1
    yield from _end_problems(last, count, encoding, seen)
    if watched.fault:
        yield Problem(None, "", "F04", watched.fault)


def _header_problems(numbered: tuple[int, bytes], encoding: str, file_name: str) -> Iterator[Problem]:
    number, raw = numbered
    name = names.parse(file_name)
    header = envelope.read_header(raw.decode(encoding, "replace"))
    named = structure.name_fault(name, file_name, header.file_name if header else file_name, "LCU", None)
    if named:
        yield Problem(None, "", *named)
    if header is None:
        yield Problem(number, "", "F01", structure.why_no_header(raw))
        return
    if header.version != envelope.VERSION:
        yield Problem(number, "Version", "F04", f"the header's version is not {envelope.VERSION}")
    if name and (fault := structure.vpd_fault(None, name, header)):
        yield Problem(number, "VPD", *fault)


def _end_problems(numbered: tuple[int, bytes], count: int, encoding: str, seen: _Seen) -> Iterator[Problem]:
    if fault := structure.trailer_fault(numbered[1], count):
        if fault[0] == "F02" and count > 1:
            # No trailer, so this is the last record, perhaps cut off.
            yield from _record_problems(numbered, encoding, seen)
        yield Problem(numbered[0], "", *fault)


def _record_problems(numbered: tuple[int, bytes], encoding: str, seen: _Seen) -> Iterator[Problem]:
    number, raw = numbered
    if b"\0" in raw:
        yield Problem(number, "", "F04", "the line holds NUL bytes")
        return
    try:
        record = completions.read_raw(raw, encoding)
    except UnicodeDecodeError:
        yield Problem(number, "", "F04", f"the line holds bytes that are not {encoding}")
        return
    if isinstance(record, Unreadable):
        yield from _faults(number, raw, record, encoding)
    elif isinstance(record, Completion):
        yield from _repeated(number, record, seen)


def _faults(number: int, raw: bytes, first: Unreadable, encoding: str) -> Iterator[Problem]:
    if len(raw) > MAX_LINE:
        yield Problem(number, first.column, first.code, first.message)
        return
    for fault in completions.faults(raw.decode(encoding)):
        yield Problem(number, fault.column, fault.code, fault.message)


def _repeated(number: int, record: Completion, seen: _Seen) -> Iterator[Problem]:
    digest = blake2b(record.content.encode(), digest_size=8).digest()
    known, line = seen.setdefault(record.source_reference, (digest, number))
    if known != digest:
        text = f"line {line} has the same reference with different content: both fail"
        yield Problem(number, "Source Reference", "E303", text)

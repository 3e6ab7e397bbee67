"""Everything that is wrong with an inbound file by its format alone, for those who write such files.

The exchange stops at the first reason to refuse a file and answers each bad line with its first fault. A
supplier who is building the other end wants all of them at once: the file's and every line's. Flat memory; no
database.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path

from interface.decision.codes import MEANING, Code, FileCode
from interface.formats import completions, envelope, names, structure
from interface.formats.completions import Completion
from interface.formats.lines import MAX_LINE, numbered_lines
from interface.inbound.contradictions import contradicted_references


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. ``line`` is None for the whole file; ``column`` is "" for the whole line."""

    line: int | None
    column: str
    code: str
    text: str


def findings(path: Path, *, encoding: str, limit: int) -> Iterator[Finding]:
    """What is wrong with the file, the file's own faults first, then line by line; nothing for a clean one.

    ``limit`` is the largest size in bytes that an exchange takes. Raises OSError where it cannot be read.
    """
    name = names.parse(path.name)
    if name is not None and name.kind == "GDR":
        yield from _of_reseed(path, name, encoding, limit)
        return
    refused = _refusal(path, encoding, limit)
    if refused is not None:
        yield Finding(refused.line_number, "", refused.code, refused.message)
    if refused is None or refused.code not in (FileCode.NO_TRAILER, FileCode.COUNT_DIFFERS):
        yield from _of_trailer(path)
    yield from _of_lines(path, encoding)


def _refusal(path: Path, encoding: str, limit: int) -> structure.Refusal | None:
    with path.open("rb") as file:
        found = structure.check(
            file,
            encoding=encoding,
            file_name=path.name,
            vpd=None,
            sub_type=None,
            size=path.stat().st_size,
            limit=limit,
        )
    return found if isinstance(found, structure.Refusal) else None


def _of_reseed(path: Path, name: names.FileName, encoding: str, limit: int) -> Iterator[Finding]:
    with path.open("rb") as file:
        found = structure.check_reseed(
            file,
            encoding=encoding,
            file_name=path.name,
            vpd=name.vpd,
            sub_type=name.sub_type,
            size=path.stat().st_size,
            limit=limit,
        )
    if isinstance(found, structure.Refusal):
        yield Finding(found.line_number, "", found.code, found.message)


def _of_trailer(path: Path) -> Iterator[Finding]:
    """The trailer's faults where another reason to refuse the file came first."""
    number, last, count = 0, b"", 0
    with path.open("rb") as file:
        for numbered in numbered_lines(file):
            number, last = numbered
            count += 1
    counted = envelope.read_trailer(last.decode("ascii", "replace"))
    if counted is None:
        yield Finding(number or None, "", FileCode.NO_TRAILER, MEANING[FileCode.NO_TRAILER])
    elif counted != count:
        text = f"the trailer counts {counted} lines, the file has {count}"
        yield Finding(number, "", FileCode.COUNT_DIFFERS, text)


def _of_lines(path: Path, encoding: str) -> Iterator[Finding]:
    contradicted = _contradicted(path, encoding)
    for number, raw in _records(path):
        try:
            line = raw.decode(encoding)
        except UnicodeDecodeError as error:
            if len(raw) <= MAX_LINE:  # a longer line is cut off, perhaps within a character
                text = f"byte 0x{raw[error.start]:02X} at position {error.start + 1} is not {encoding}"
                yield Finding(number, "", FileCode.UNREADABLE, text)
                continue
            line = raw.decode(encoding, "replace")
        yield from _of_line(number, line, contradicted)


def _of_line(number: int, line: str, contradicted: Container[str]) -> Iterator[Finding]:
    clean = True
    for fault in completions.faults(line):
        clean = False
        yield Finding(number, fault.column, fault.code, fault.message)
    if not clean or not line.startswith("LUA"):
        return
    record = completions.read(line)
    if isinstance(record, Completion) and record.source_reference in contradicted:
        yield Finding(number, "Source Reference", Code.CONTRADICTED, MEANING[Code.CONTRADICTED])


def _contradicted(path: Path, encoding: str) -> Container[str]:
    try:
        return contradicted_references(path, encoding)
    except UnicodeDecodeError:
        return frozenset()  # told line by line as F04


def _records(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines between header and trailer; a first or last line that is neither counts as a record."""
    waiting: tuple[int, bytes] | None = None
    is_first = True
    with path.open("rb") as file:
        for numbered in numbered_lines(file):
            if waiting is not None:
                yield waiting
            waiting = None if is_first and numbered[1][:3] == b"HDR" else numbered
            is_first = False
    if waiting is not None and waiting[1][:3] != b"TRL":
        yield waiting

"""E303: references that one file uses with different content, found over the whole file in flat memory.

Every LUA line is noted as two 64-bit hashes, of its reference and of its content, spread by reference over buckets
that spill to temporary files; then bucket by bucket is small enough for a dictionary. The lines of the few references
that differ are then read properly, because only lines that pass E300 to E302 count. Hashes are Python's own, keyed
anew in every process, so that no sender can aim at a collision.
"""

from __future__ import annotations

import tempfile
from array import array
from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from interface.formats import completions
from interface.formats.completions import Completion
from interface.formats.lines import numbered_lines

_BUCKETS = 64
_SPILL_AT = 4096
_Noted = tuple[int, int]


class Contradicted:
    """The references of a file that stand in it with different content: ``reference in contradicted``."""

    def __init__(self, hashes: Iterable[int], encoding: str) -> None:
        self._hashes = array("q", sorted(hashes))
        self._encoding = encoding

    def __contains__(self, reference: object) -> bool:
        """Whether any line of this reference is contradicted by another."""
        wanted = hash(str(reference).encode(self._encoding))
        place = bisect_left(self._hashes, wanted)
        return place < len(self._hashes) and self._hashes[place] == wanted


def contradicted_references(path: Path, encoding: str) -> Container[str]:
    """The references of this inbound file for which E303 holds."""
    suspects = array("q", sorted(_differing(_noted(path))))
    if not suspects:
        return frozenset()
    return Contradicted(_differing(_noted_if_readable(path, encoding, suspects)), encoding)


def _noted(path: Path) -> Iterator[_Noted]:
    """Reference and content of every line that looks like a completion."""
    with path.open("rb") as file:
        for _, line in numbered_lines(file):
            if line[:4] == b"LUA~":
                yield hash(line[4 : line.find(b"~", 4)]), hash(line[: line.rfind(b"~")])


def _noted_if_readable(path: Path, encoding: str, suspects: array[int]) -> Iterator[_Noted]:
    """The same for the suspects' lines, where the form is right."""
    with path.open("rb") as file:
        for _, line in numbered_lines(file):
            if line[:4] != b"LUA~":
                continue
            reference = hash(line[4 : line.find(b"~", 4)])
            place = bisect_left(suspects, reference)
            if place == len(suspects) or suspects[place] != reference:
                continue
            record = completions.read_raw(line, encoding)
            if isinstance(record, Completion):
                yield reference, hash(record.content)


def _differing(noted: Iterable[_Noted]) -> Iterator[int]:
    """References that were noted with more than one content, each once."""
    buckets = [array("q") for _ in range(_BUCKETS)]
    with ExitStack() as stack:
        spilled: list[IO[bytes] | None] = [None] * _BUCKETS
        for reference, content in noted:
            bucket = buckets[reference % _BUCKETS]
            bucket.append(reference)
            bucket.append(content)
            if len(bucket) == _SPILL_AT:
                _spill(bucket, reference % _BUCKETS, spilled, stack)
        for bucket, file in zip(buckets, spilled, strict=True):
            yield from _differing_in(_whole(bucket, file))


def _spill(bucket: array[int], index: int, spilled: list[IO[bytes] | None], stack: ExitStack) -> None:
    file = spilled[index]
    if file is None:
        file = spilled[index] = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  (the stack closes it)
    bucket.tofile(file)
    del bucket[:]


def _whole(bucket: array[int], file: IO[bytes] | None) -> array[int]:
    if file is None:
        return bucket
    size = file.tell() // bucket.itemsize
    file.seek(0)
    whole = array("q")
    whole.fromfile(file, size)
    whole.extend(bucket)
    return whole


def _differing_in(bucket: array[int]) -> set[int]:
    first: dict[int, int] = {}
    differing = set()
    for reference, content in zip(bucket[::2], bucket[1::2], strict=True):
        if first.setdefault(reference, content) != content:
            differing.add(reference)
    return differing

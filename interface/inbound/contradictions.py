"""E303: references that one file uses with different content, found over the whole file in flat memory.

In most files no reference stands twice, which is found out first: the hash of every LUA line's reference goes into a
bucket, by its size, and buckets spill to temporary files, so that bucket by bucket is small enough to sort. The lines
of those that do stand twice are then read properly, because only lines that pass E300 to E302 count, and their
contents compared in the same way. Hashes are Python's own, keyed anew in every process, so that no sender can aim at a
collision.
"""

from __future__ import annotations

import tempfile
from array import array
from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import IO, Self

from interface.formats import completions
from interface.formats.completions import Completion
from interface.formats.lines import blocks_of_lines, numbered_lines

_BUCKETS = 64
_SPILL_AT = 4096
# Where each bucket but the first begins, on the scale of Python's hashes.
_BOUNDS = [(2**64 // _BUCKETS) * number - 2**63 for number in range(1, _BUCKETS)]
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
    repeated = array("q", sorted(_repeated(path)))
    if not repeated:
        return frozenset()
    differing = list(_differing(_noted(path, encoding, repeated)))
    return Contradicted(differing, encoding) if differing else frozenset()


def _repeated(path: Path) -> Iterator[int]:
    """The hash of every reference that stands in more than one line that looks like a completion."""
    with _Buckets() as buckets:
        with path.open("rb") as file:
            for lines in blocks_of_lines(file):
                found = [hash(line.split(b"~", 2)[1]) for line in lines if line[:4] == b"LUA~"]
                found.sort()
                start = 0
                for index, bound in enumerate(_BOUNDS):
                    end = bisect_left(found, bound, start)
                    buckets.add(index, found[start:end])
                    start = end
                buckets.add(_BUCKETS - 1, found[start:])
        for bucket in buckets.whole():
            if len(set(bucket)) != len(bucket):
                yield from {one for one, other in pairwise(sorted(bucket)) if one == other}


def _noted(path: Path, encoding: str, repeated: array[int]) -> Iterator[_Noted]:
    """Hashes of reference and content of the repeated ones' lines, where the form is right."""
    with path.open("rb") as file:
        for _, line in numbered_lines(file):
            if line[:4] != b"LUA~":
                continue
            reference = hash(line.split(b"~", 2)[1])
            place = bisect_left(repeated, reference)
            if place == len(repeated) or repeated[place] != reference:
                continue
            record = completions.read_raw(line, encoding)
            if isinstance(record, Completion):
                yield reference, hash(record.content)


def _differing(noted: Iterable[_Noted]) -> Iterator[int]:
    """References that were noted with more than one content, each once."""
    with _Buckets() as buckets:
        for reference, content in noted:
            buckets.add(reference % _BUCKETS, (reference, content))
        for bucket in buckets.whole():
            yield from _differing_in(bucket)


def _differing_in(bucket: array[int]) -> set[int]:
    first: dict[int, int] = {}
    differing = set()
    for reference, content in zip(bucket[::2], bucket[1::2], strict=True):
        if first.setdefault(reference, content) != content:
            differing.add(reference)
    return differing


class _Buckets:
    """Numbers in buckets, each of which goes to a file of its own where it becomes large."""

    def __init__(self) -> None:
        self._buckets = [array("q") for _ in range(_BUCKETS)]
        self._files: list[IO[bytes] | None] = [None] * _BUCKETS
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """The files are gone when the block is left."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close them."""
        self._stack.close()

    def add(self, index: int, numbers: Iterable[int]) -> None:
        """To one bucket."""
        bucket = self._buckets[index]
        bucket.extend(numbers)
        if len(bucket) >= _SPILL_AT:
            file = self._files[index]
            if file is None:
                file = self._files[index] = self._stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  (closed with the stack)
            bucket.tofile(file)
            del bucket[:]

    def whole(self) -> Iterator[array[int]]:
        """One bucket after the other, with what went to its file."""
        for bucket, file in zip(self._buckets, self._files, strict=True):
            if file is None:
                yield bucket
                continue
            size = file.tell() // bucket.itemsize
            file.seek(0)
            whole = array("q")
            whole.fromfile(file, size)
            whole.extend(bucket)
            yield whole

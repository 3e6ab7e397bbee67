"""A person's records in the sent ledger as one compact value: pure, ``unpack`` undoes ``pack``.

A large trust has hundreds of thousands of records, and a ledger row of each costs more than all the rest of a file. So
one row holds a person's. In a packed value stand, all numbers big-endian::

    version (1 byte) | number of records (4) | number of files (2)
    files, each once (8 each): an outbound file's key, or the negative of an inbound file's
    digest of each record (8 each) | place of its file among the files (2 each)
    length of each record's name (1 each) | the names: a letter for the record type, then the ID, in UTF-8
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable, Mapping
from struct import Struct, unpack_from
from struct import pack as pack_numbers
from typing import Final, NamedTuple

# A record's type and the ID under which it is deleted: ("CMA", "900000000001").
Key = tuple[str, str]

_VERSION: Final = 1
_HEAD: Final = Struct(">BIH")
_LETTERS: Final = {"CDA": "D", "PRA": "P", "ASA": "A", "CMA": "C"}
_TYPES: Final = {letter: record_type for record_type, letter in _LETTERS.items()}


class Entry(NamedTuple):
    """What the partner holds under one key, and since which file: of ours, or (as its negative) of its own."""

    digest: int
    file: int

    @property
    def outbound_file(self) -> int | None:
        """The key of the outbound file that first carried this content."""
        return self.file if self.file > 0 else None

    @property
    def inbound_file(self) -> int | None:
        """The key of the inbound file by which the partner itself told us."""
        return -self.file if self.file < 0 else None


Records = Mapping[Key, Entry]


class UnknownPackingError(ValueError):
    """These bytes were not written by ``pack``, or by a later version of it."""


def pack(records: Records) -> bytes:
    """The records, in their order."""
    places = {file: place for place, file in enumerate(dict.fromkeys(file for _, file in records.values()))}
    digests = [digest for digest, _ in records.values()]
    return _packed(records, digests, list(places), [places[file] for _, file in records.values()])


def pack_new(digests: Mapping[Key, int], file: int) -> bytes:
    """Records that the partner holds all since one file: ``pack`` for the many of a first file."""
    return _packed(digests, digests.values(), [file], [0] * len(digests))


def _packed(keys: Collection[Key], digests: Iterable[int], files: list[int], places: list[int]) -> bytes:
    size = len(keys)
    names = [_LETTERS[record_type] + key for record_type, key in keys]
    together = "".join(names).encode()
    # Beyond ASCII a letter is several bytes.
    lengths = map(len, names if together.isascii() else [name.encode() for name in names])
    numbers = pack_numbers(
        f">BIH{len(files)}q{size}q{size}H", _VERSION, size, len(files), *files, *digests, *places
    )
    return b"".join((numbers, bytes(lengths), together))


def unpack(packed: bytes | memoryview) -> dict[Key, Entry]:
    """What ``pack`` was given, in the same order. Raises UnknownPackingError."""
    packed = bytes(packed)
    if packed[:1] != bytes((_VERSION,)):
        found = f"version {packed[0]}" if packed else "nothing in it"
        raise UnknownPackingError(
            f"The sent ledger has a row of {found}; this program knows version {_VERSION}."
        )
    try:
        return _unpacked(packed)
    except (struct.error, LookupError, ValueError) as problem:
        raise UnknownPackingError(f"The sent ledger has a row that is damaged: {problem}.") from problem


def _unpacked(packed: bytes) -> dict[Key, Entry]:
    _, size, many = _HEAD.unpack_from(packed)
    numbers = unpack_from(f">{many}q{size}q{size}H", packed, _HEAD.size)
    files, digests, places = numbers[:many], numbers[many : many + size], numbers[many + size :]
    lengths_at = _HEAD.size + 8 * many + 10 * size
    at = lengths_at + size
    records: dict[Key, Entry] = {}
    for length, digest, place in zip(packed[lengths_at:at], digests, places, strict=True):
        name = packed[at : at + length].decode()
        records[_TYPES[name[0]], name[1:]] = Entry(digest, files[place])
        at += length
    if at != len(packed) or len(records) != size:
        raise ValueError("it is not as long as it says")
    return records

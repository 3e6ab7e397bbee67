"""The digest of a record's content: 64 bits, the same in every process, signed to fit a bigint.

Only ever compared with the digest of the *same* reference, so 64 bits leave no room for an accident. It is put together
from the digests of a line's parts, because a file repeats its few thousand parts in all its millions of lines.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache

from interface.formats.text import SEPARATOR

# A completion's columns up to its Last Update: record type and reference, person, learning, detail.
WIDTH = 14


class Part(Enum):
    """A run of columns. Each is told apart from the others, so that no value can change its place unnoticed."""

    WHOLE = b"whole"
    PERSON = b"person"
    LEARNING = b"learning"
    DETAIL = b"detail"


def part_digest(part: Part, cells: Sequence[str]) -> int:
    """One part's."""
    content = SEPARATOR.join(cells).encode()
    digest = hashlib.blake2b(content, digest_size=8, person=part.value).digest()
    return int.from_bytes(digest, "big", signed=True)


@lru_cache(maxsize=16384)
def content_digest(content: str) -> int:
    """A whole content's; of a line of completions, that of its parts together."""
    cells = content.split(SEPARATOR)
    if len(cells) != WIDTH:
        return part_digest(Part.WHOLE, cells)
    return (
        part_digest(Part.PERSON, cells[2:6])
        ^ part_digest(Part.LEARNING, cells[6:12])
        ^ part_digest(Part.DETAIL, cells[12:14])
    )

"""The picture of a person: the records that a partner is to hold, rendered, in the order of the wire. Pure.

There are hundreds of thousands of records in a large trust, so one is a plain tuple, and most pictures are looked at
once, by the digest of the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from interface.outbound.digests import STAMPS, Sheet, digest_of, digests_of
from interface.outbound.packing import Key, pack_new

# A record's type, the ID under which it is deleted, and its line in three parts, as a sheet has them.
Record = tuple[str, str, str, str | None, str]

# The whole picture's digest, the newest outbound file among those of its records, the records packed.
Values = tuple[int, int | None, bytes]


class Picture(NamedTuple):
    """One person's records, or the catalogue's: ``digest`` is of all they say, in order."""

    records: Sequence[Record]
    digest: int

    def lines(self) -> list[str]:
        """Every record's full row."""
        return [
            f"{before}{STAMPS[record_type](last_update)}{after}"
            for record_type, _, before, last_update, after in self.records
        ]

    def digests(self) -> dict[Key, int]:
        """Each record's own digest."""
        contents = [before + after for _, _, before, _, after in self.records]
        return dict(zip([record[:2] for record in self.records], digests_of(contents), strict=True))

    def as_new(self, file: int) -> Values:
        """As the ledger keeps it of somebody of whom the partner holds all since this file, and held nothing."""
        return self.digest, file, pack_new(self.digests(), file)

    def sheets(self) -> dict[Key, Sheet]:
        """Each record's line in parts."""
        return {(record[0], record[1]): record[2:] for record in self.records}


NOBODY = Picture((), 0)


def pictured(records: Sequence[Record]) -> Picture:
    """The picture of these records."""
    parts = [part for _, _, before, _, after in records for part in (before, after)]
    return Picture(records, digest_of("\n".join(parts)))


def id_order(key: str) -> tuple[int, str]:
    """Numeric order for numbers, without making numbers of them."""
    return len(key), key

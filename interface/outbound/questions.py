"""What the sent ledger answers, for the console: was this record sent, when, and in which file.

It knows of each record that the partner holds *now* the file that first carried its content of now, or the file by
which the partner told us. Whom a file carried that was overtaken since is kept beside the ledger (``CarriedPerson``),
and what it said of them in the file itself, in the archive.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import Count, F, Sum

from interface.models import CarriedPerson, InboundFile, OutboundFile, SentPicture
from interface.outbound.packing import unpack

# Lines of an outbound file that are about nobody: definitions of competences.
_OF_CATALOGUE: Final = ("CDA", "CDD")


class Sent(NamedTuple):
    """A record that the partner holds, and since which file: one of ours, or one of its own."""

    record_type: str
    key: str
    outbound_file: OutboundFile | None
    inbound_file: InboundFile | None

    @property
    def at(self) -> datetime | None:
        """When that file went out or came in; None while it has not gone out."""
        if self.outbound_file:
            return self.outbound_file.published_at
        return self.inbound_file.received_at if self.inbound_file else None


def records_of(row: SentPicture) -> list[Sent]:
    """The records of one row of the ledger."""
    entries = unpack(row.records)
    ours = OutboundFile.objects.in_bulk({file for _, file in entries.values() if file > 0})
    theirs = InboundFile.objects.in_bulk({-file for _, file in entries.values() if file < 0})
    return [Sent(*key, ours.get(entry.file), theirs.get(-entry.file)) for key, entry in entries.items()]


class Carried(NamedTuple):
    """How many people a file carried, by what is kept of it, and how many of its lines about people are about these."""

    people: int
    lines: int
    of: int

    @property
    def is_whole(self) -> bool:
        """No, of a file from before this was kept of which some lines have been overtaken since."""
        return self.lines >= self.of


def carried_by(file: OutboundFile) -> Carried:
    """Whom a full or changes file carried: of the people whom one may see."""
    rows = CarriedPerson.objects.filter(file=file).order_by()
    found = rows.aggregate(people=Count("pk"), lines=Sum(F("records") + F("deletes")))
    of = sum(count for kind, count in file.counts.items() if kind not in _OF_CATALOGUE)
    return Carried(found["people"], found["lines"] or 0, of)

"""What the sent ledger answers, for the console: was this record sent, when, in which file; whom did a file carry.

It knows of each record that the partner holds *now* the file that first carried its content of now, or the file by
which the partner told us. What was overtaken or deleted since is in the files themselves, which are kept in the
archive; and every full file carries every record, those that it found unchanged too.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from competencies.models import CompetencyElement
from interface.models import Connection, InboundFile, OutboundFile, SentPicture
from interface.outbound.packing import Entry, Key, unpack
from people.models import Person


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


def sent_of(person: Person, connection: Connection) -> list[Sent]:
    """What the partner holds of a person, in the order of the wire; nothing where it was never sent.

    What it told us itself counts from the moment it did.
    """
    entries: dict[Key, Entry] = {}
    row = SentPicture.objects.filter(connection=connection, person=person).first()
    if row:
        entries |= unpack(row.records)
    told = CompetencyElement.objects.filter(person=person).told_by(connection.pk, since=_newest(connection))
    for element_id, digest, file in told.values_list("element_id", "told_digest", "told_in"):
        assert digest is not None
        assert file is not None
        entries["CMA", element_id] = Entry(digest, -file)
    return _with_files(entries)


def _newest(connection: Connection) -> int:
    """The number of the connection's newest full or changes file."""
    numbers = OutboundFile.objects.filter(connection=connection, number__isnull=False).order_by("-number")
    return numbers.values_list("number", flat=True).first() or 0


def records_of(row: SentPicture) -> list[Sent]:
    """The records of one row of the ledger."""
    return _with_files(unpack(row.records))


def _with_files(entries: dict[Key, Entry]) -> list[Sent]:
    ours = OutboundFile.objects.in_bulk({file for _, file in entries.values() if file > 0})
    theirs = InboundFile.objects.in_bulk({-file for _, file in entries.values() if file < 0})
    return [Sent(*key, ours.get(entry.file), theirs.get(-entry.file)) for key, entry in entries.items()]


def carried_by(file: OutboundFile) -> Iterator[tuple[int | None, list[Key]]]:
    """Whose records the partner holds since this file (primary key; None: the catalogue), and which.

    Reads the rows whose newest file is this one or a later one: of last night's file, few.
    """
    rows = SentPicture.objects.filter(connection=file.connection, last_file__gte=file.pk).order_by("person")
    for person, records in rows.values_list("person_id", "records").iterator(chunk_size=1000):
        keys = [key for key, entry in unpack(records).items() if entry.file == file.pk]
        if keys:
            yield person, keys

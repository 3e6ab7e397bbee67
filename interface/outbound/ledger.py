"""The sent ledger: what each partner holds, as far as we sent it or it told us (promises P11).

Everything here works inside the caller's transaction, on plain tuples: a first full file writes hundreds of
thousands of rows, and an inbound batch marks thousands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from interface.models import Connection, InboundFile, OutboundFile, SentRecord
from interface.models.inbound import InboundState
from interface.outbound.difference import UNKNOWN, Key
from people.bulk import among, delete_rows, insert_rows, upsert_rows
from people.tenancy import check_scope

__all__ = ["UNKNOWN", "Entry", "Ledger", "forget", "mark_told", "remark_told"]

_FIELDS = (
    "organisation",
    "connection",
    "person",
    "record_type",
    "key",
    "digest",
    "outbound_file",
    "inbound_file",
)
_KEY = ("connection", "person", "record_type", "key")
_OF_A_PERSON = "person_id IS NOT NULL"

# A person's primary key, a record key, and the digest of the record as it was just sent.
Entry = tuple[int, Key, int]

# A person's primary key, an element ID, and the digest of the element as it is held.
Told = tuple[int, str, int]


class Ledger:
    """What one partner holds."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.rows = SentRecord.objects.filter(connection=connection)
        unanswered = InboundFile.objects.filter(connection=connection).exclude(state=InboundState.ANSWERED)
        # What the partner told us counts as sent with the answer that it has of us, and no earlier.
        self._unanswered = frozenset(unanswered.values_list("pk", flat=True))

    def people(self) -> set[int]:
        """Everybody of whom it holds any record."""
        return set(
            self.rows.filter(person__isnull=False).order_by().values_list("person_id", flat=True).distinct()
        )

    def people_sent(self) -> int:
        """How many people it was sent."""
        return self.rows.filter(record_type="PRA").count()

    def catalogue(self) -> dict[Key, int]:
        """The definitions it holds."""
        rows = self.rows.filter(person__isnull=True).order_by().values_list("record_type", "key", "digest")
        return {(record_type, key): digest for record_type, key, digest in rows}

    def held(self, persons: Collection[int]) -> dict[int, dict[Key, int]]:
        """By person, what it holds of these."""
        held: dict[int, dict[Key, int]] = {person: {} for person in persons}
        rows = self.rows.filter(among("person_id", persons)).order_by()
        columns = rows.values_list("person_id", "record_type", "key", "digest")
        if not self._unanswered:
            for person, record_type, key, digest in columns:
                held[person][record_type, key] = digest
            return held
        for person, record_type, key, digest, told_in in rows.values_list(
            "person_id", "record_type", "key", "digest", "inbound_file_id"
        ):
            held[person][record_type, key] = UNKNOWN if told_in in self._unanswered else digest
        return held

    def add(self, entries: Iterable[Entry], *, file: OutboundFile) -> None:
        """It has been sent these, of which it held nothing."""
        insert_rows(SentRecord, _FIELDS, self._sent(entries, file))

    def amend(self, entries: Iterable[Entry], *, file: OutboundFile) -> None:
        """It has been sent these with another content than it held."""
        upsert_rows(SentRecord, _KEY, _FIELDS, self._sent(entries, file), where=_OF_A_PERSON)

    def remove(self, keys: Iterable[tuple[int, Key]]) -> None:
        """It no longer holds these: each a person's primary key and a record key."""
        _delete(self.connection, [(person, *key) for person, key in keys])

    def replace_catalogue(self, digests: dict[Key, int], *, file: OutboundFile) -> None:
        """It holds these definitions. There are a few dozen, and they hardly ever change."""
        held = self.catalogue()
        gone = [key for record_type, key in held if (record_type, key) not in digests]
        self.rows.filter(person__isnull=True, record_type="CDA", key__in=gone).delete()
        for key, digest in digests.items():
            if held.get(key) != digest:
                self.rows.update_or_create(
                    organisation_id=self.connection.organisation_id,
                    connection=self.connection,
                    person=None,
                    record_type=key[0],
                    key=key[1],
                    defaults={"digest": digest, "outbound_file": file, "inbound_file": None},
                )

    def _sent(self, entries: Iterable[Entry], file: OutboundFile) -> list[tuple[Any, ...]]:
        organisation, partner, sent_in = self.connection.organisation_id, self.connection.pk, file.pk
        return [
            (organisation, partner, person, record_type, key, digest, sent_in, None)
            for person, (record_type, key), digest in entries
        ]


def mark_told(connection: Connection, file: InboundFile, rows: Collection[Told]) -> None:
    """The partner told us these elements, of which the ledger has nothing: it holds them with these digests.

    The digest is UNKNOWN where it holds other values than we do.
    """
    insert_rows(SentRecord, _FIELDS, _told(connection, file, rows))


def remark_told(connection: Connection, file: InboundFile, rows: Collection[Told]) -> None:
    """The partner told us these elements, which the ledger may have already with another content."""
    upsert_rows(SentRecord, _KEY, _FIELDS, _told(connection, file, rows), where=_OF_A_PERSON)


def forget(connection: Connection, keys: Collection[tuple[int, str]]) -> None:
    """The partner withdrew these elements (a person's primary key, an element ID): it no longer holds them."""
    _delete(connection, [(person, "CMA", element_id) for person, element_id in keys])


def _told(connection: Connection, file: InboundFile, rows: Collection[Told]) -> list[tuple[Any, ...]]:
    check_scope(connection.organisation)
    organisation, partner, told_in = connection.organisation_id, connection.pk, file.pk
    return [
        (organisation, partner, person, "CMA", element_id, digest, None, told_in)
        for person, element_id, digest in rows
    ]


def _delete(connection: Connection, keys: Collection[tuple[int, str, str]]) -> None:
    check_scope(connection.organisation)
    delete_rows(SentRecord, _KEY, [(connection.pk, *key) for key in keys])

"""The sent ledger: what each partner holds, as far as we sent it or it told us (promises P11).

What a partner told us itself stands as a mark on the element, written with it (``CompetencyElement.told_by``). The next
outbound file takes the marks into the ledger; until then they count as held by the partner, here and nowhere else.

Everything here works inside the caller's transaction, on plain tuples: a first full file writes hundreds of
thousands of rows, and an inbound batch marks thousands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from competencies.models import CompetencyElement
from interface.models import Connection, InboundFile, OutboundFile, SentRecord
from interface.models.inbound import InboundState
from interface.outbound.difference import UNKNOWN, Key
from people.bulk import among, delete_rows, insert_rows, upsert_rows
from people.tenancy import check_scope

__all__ = ["UNKNOWN", "Entry", "Ledger", "Told", "forget"]

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

# What the partner told us: its record key, the digest of what it holds, the inbound file.
Told = tuple[Key, int, int]


class Ledger:
    """What one partner holds: as far as its outbound file of number ``since``, and what it told us after that."""

    def __init__(self, connection: Connection, *, since: int) -> None:
        self.connection = connection
        self.rows = SentRecord.objects.filter(connection=connection)
        told = CompetencyElement.objects.filter(organisation=connection.organisation_id)
        self._marks = told.told_by(connection.pk, since=since).order_by()
        self._told = set(self._marks.values_list("person_id", flat=True).distinct())
        unanswered = InboundFile.objects.filter(connection=connection).exclude(state=InboundState.ANSWERED)
        # What the partner told us counts as sent with the answer that it has of us, and no earlier.
        self._unanswered = frozenset(unanswered.values_list("pk", flat=True))

    def people(self) -> set[int]:
        """Everybody of whom it holds any record."""
        sent = self.rows.filter(person__isnull=False).order_by().values_list("person_id", flat=True)
        return self._told.union(sent.distinct())

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

    def told(self, persons: Collection[int]) -> dict[int, list[Told]]:
        """By person, what it told us since: UNKNOWN where it holds other values, or has no answer of us yet."""
        told: dict[int, list[Told]] = {}
        if among_these := self._told.intersection(persons):
            rows = self._marks.filter(among("person_id", among_these))
            columns = rows.values_list("person_id", "element_id", "told_digest", "told_in")
            for person, key, digest, file in columns:
                assert digest is not None
                assert file is not None
                known = UNKNOWN if file in self._unanswered else digest
                told.setdefault(person, []).append((("CMA", key), known, file))
        return told

    def absorb(self, told: Iterable[tuple[int, Told]]) -> None:
        """What it told us stands in the ledger: it holds these with these digests, each with its person's key."""
        organisation, partner = self.connection.organisation_id, self.connection.pk
        rows = [
            (organisation, partner, person, *key, digest, None, file) for person, (key, digest, file) in told
        ]
        upsert_rows(SentRecord, _KEY, _FIELDS, rows, where=_OF_A_PERSON)

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


def forget(connection: Connection, keys: Collection[tuple[int, str]]) -> None:
    """The partner withdrew these elements (a person's primary key, an element ID): it no longer holds them."""
    _delete(connection, [(person, "CMA", element_id) for person, element_id in keys])


def _delete(connection: Connection, keys: Collection[tuple[int, str, str]]) -> None:
    check_scope(connection.organisation)
    delete_rows(SentRecord, _KEY, [(connection.pk, *key) for key in keys])

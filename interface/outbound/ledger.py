"""The sent ledger: what each partner holds, as far as we sent it or it told us (promises P11).

What a partner told us itself stands as a mark on the element, written with it (``CompetencyElement.told_by``). The next
outbound file takes the marks into the ledger; until then they count as held by the partner, here and nowhere else.

Everything here works inside the caller's transaction, which holds the connection's row, and writes plain tuples: a
first full file writes tens of thousands of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from competencies.models import CompetencyElement
from competencies.models.element import Source
from interface.models import CarriedPerson, Connection, InboundFile, OutboundFile, SentPicture
from interface.models.inbound import InboundState
from interface.outbound.difference import UNKNOWN
from interface.outbound.packing import Entry, Key, pack, unpack
from interface.outbound.picture import Values
from people.bulk import Ready, among, delete_rows, insert_rows, update_rows
from people.tenancy import check_scope

__all__ = ["Holding", "Ledger", "doubt", "enter_carried", "forget"]

# So many people's elements are looked up one by one; for more of them at once, all there are would be gone through.
FEW = 200
# So many may be named in one statement.
MANY = 1000
_KEY = ("connection", "person")
_VALUES = ("digest", "last_file", "records")
_FIELDS = (*_VALUES, "organisation", *_KEY)

Ordered = TypeVar("Ordered", int, str)


class Holding(NamedTuple):
    """What the partner holds of a person, with the digest of the whole picture."""

    digest: int
    entries: dict[Key, Entry]

    def values(self) -> Values:
        """As the ledger keeps it."""
        newest = max(file for _, file in self.entries.values())
        return self.digest, newest if newest > 0 else None, pack(self.entries)


NOTHING = Holding(0, {})


class Ledger:
    """What one partner holds: as far as its outbound file of number ``since``, and what it told us after that.

    ``digests`` are those of the people it was sent, ``told`` the people of whom it told us something since; of
    ``person`` alone where one is named: the whole of a large organisation is hundreds of thousands of rows.
    """

    def __init__(self, connection: Connection, *, since: int, person: int | None = None) -> None:
        self._connection = connection
        rows = SentPicture.objects.filter(connection=connection).order_by()
        self._of_people = rows.filter(person__isnull=False) if person is None else rows.filter(person=person)
        self._of_catalogue = rows.filter(person__isnull=True)
        self.digests: dict[int, int] = dict(self._of_people.values_list("person_id", "digest"))
        told = CompetencyElement.objects.filter(organisation=connection.organisation_id)
        if person is None:
            self._marks = told.told_by(connection.pk, since=since).order_by()
        else:
            # Of a person and an LMS, the database might choose to read all that the LMS ever told.
            theirs = told.filter(person=person).values_list("pk", "source", "source_id", "told_before")
            mark = (Source.LMS, connection.pk)
            keys = [
                key for key, *source, told_in in theirs if tuple(source) == mark and (told_in or 0) > since
            ]
            self._marks = told.filter(pk__in=keys).order_by()
        self.told: set[int] = set(self._marks.values_list("person_id", flat=True).distinct())
        unanswered = InboundFile.objects.filter(connection=connection).exclude(state=InboundState.ANSWERED)
        # What the partner told us counts as sent with the answer that it has of us, and no earlier.
        self._unanswered = frozenset(unanswered.values_list("pk", flat=True))

    def people(self) -> set[int]:
        """Everybody of whom it holds any record."""
        return self.told.union(self.digests)

    def held(self, persons: Collection[int]) -> dict[int, dict[Key, Entry]]:
        """By person, what it holds of these."""
        held: dict[int, dict[Key, Entry]] = {person: {} for person in persons}
        if sent := self.digests.keys() & held.keys():
            rows = self._of_people.filter(among("person_id", sent))
            held |= {person: unpack(records) for person, records in rows.values_list("person_id", "records")}
        for person, element_id, entry in self._told_of(self.told & held.keys()):
            held[person]["CMA", element_id] = entry
        return held

    def _told_of(self, persons: Collection[int]) -> Iterator[tuple[int, str, Entry]]:
        for some in _batched(persons, FEW):
            marks = self._marks.filter(among("person_id", some))
            for person, element_id, digest, file in marks.values_list(
                "person_id", "element_id", "told_digest", "told_in"
            ):
                assert digest is not None
                assert file is not None
                yield person, element_id, Entry(UNKNOWN if file in self._unanswered else digest, -file)

    def catalogue(self) -> Holding:
        """The definitions it holds."""
        row = self._of_catalogue.first()
        return Holding(row.digest, unpack(row.records)) if row else NOTHING

    def rows(self, people: Mapping[int, Values]) -> Ready:
        """The rows of these people, made ready: needs no database."""
        of = (self._connection.organisation_id, self._connection.pk)
        return Ready(SentPicture, _FIELDS, [(*values, *of, person) for person, values in people.items()])

    def enter_new(self, rows: Ready) -> None:
        """It has been sent these people's rows, and held nothing of them before."""
        rows.insert()

    def enter(self, holdings: Mapping[int, Holding]) -> None:
        """It holds this of these people, where there is anything, and nothing else of them."""
        kept = {person: holding.values() for person, holding in holdings.items() if holding.entries}
        old = {person: values for person, values in kept.items() if person in self.digests}
        new = {person: values for person, values in kept.items() if person not in self.digests}
        self.rows(new).insert()
        self.rows(old).update(_KEY)
        gone = (holdings.keys() - kept.keys()) & self.digests.keys()
        delete_rows(SentPicture, _KEY, [(self._connection.pk, person) for person in gone])

    def enter_catalogue(self, holding: Holding) -> None:
        """It holds these definitions."""
        self._of_catalogue.delete()
        of = (self._connection.organisation_id, self._connection.pk)
        if holding.entries:
            insert_rows(SentPicture, _FIELDS, [(*holding.values(), *of, None)])


def enter_carried(file: OutboundFile, people: Mapping[int, tuple[int, int]]) -> None:
    """The file carries of each of these people so many records and so many deletes."""
    rows = [(*counts, file.organisation_id, file.pk, person) for person, counts in people.items()]
    insert_rows(CarriedPerson, ("records", "deletes", "organisation", "file", "person"), rows)


def _batched(keys: Iterable[Ordered], size: int) -> Iterator[list[Ordered]]:
    """These, so many at a time."""
    ordered = sorted(keys)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


def forget(connection: Connection, keys: Collection[tuple[int, str]]) -> None:
    """The partner withdrew these elements (a person's primary key, an element ID): it no longer holds them."""
    _rewrite(connection, keys, lambda entry: None)


def doubt(connection: Connection, keys: Collection[tuple[int, str]]) -> None:
    """What the partner holds of these elements is no longer known: its next file sends them again, or deletes them."""
    _rewrite(connection, keys, lambda entry: entry._replace(digest=UNKNOWN))
    told = CompetencyElement.objects.filter(
        organisation=connection.organisation_id, told_digest__isnull=False
    )
    # The partner's word on each may stand in the ledger, on the element, or on both.
    for ids in _batched((element_id for _, element_id in keys), MANY):
        told.filter(element_id__in=ids).update(told_digest=UNKNOWN)


def _rewrite(
    connection: Connection, keys: Collection[tuple[int, str]], change: Callable[[Entry], Entry | None]
) -> None:
    """Change these elements' entries where the ledger has them; None drops one."""
    check_scope(connection.organisation)
    if not keys:
        return
    of: dict[int, set[Key]] = {}
    for person, element_id in keys:
        of.setdefault(person, set()).add(("CMA", element_id))
    rows = SentPicture.objects.filter(connection=connection).filter(among("person_id", of)).order_by()
    changed = []
    for person, records in rows.values_list("person_id", "records"):
        assert person is not None
        held = unpack(records)
        if found := of[person] & held.keys():
            entries = ((key, change(entry) if key in found else entry) for key, entry in held.items())
            kept = {key: entry for key, entry in entries if entry is not None}
            # 0: were it all there again as it was, by whatever way, the partner would have to be told even so.
            changed.append((0, pack(kept), connection.pk, person))
    update_rows(SentPicture, _KEY, ("digest", "records"), changed)

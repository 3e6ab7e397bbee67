"""Writes one outbound file's lines: walks everybody concerned, in the order of the wire, in flat memory.

Chunk by chunk today's records are compared with what the partner was last sent; what differs (of a full file:
everything) goes into the draft, and the ledger follows in the same transaction. A commit of others between two
chunks is seen by the later ones alone: the ledger says exactly what was written, so the next file mends it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice

from competencies.models import CompetencyElement
from interface.formats.text import join
from interface.models import Connection, OutboundFile, OutboundKind
from interface.outbound.difference import Difference, Key, difference, id_order, lines, person_order
from interface.outbound.digests import COMPETENCE
from interface.outbound.guard import Tally
from interface.outbound.ledger import Entry, Ledger, Told
from interface.outbound.projection import Picture, Projection, definitions
from interface.publishing import Draft
from interface.scope import population
from people.bulk import among
from people.models import Assignment, Person

CHUNK = 1000
SLICE = 5000
Progress = Callable[[int], None]


class Composer:
    """One file being written for one connection."""

    def __init__(
        self,
        connection: Connection,
        file: OutboundFile,
        draft: Draft,
        *,
        on: date,
        since: int,
        guarded: bool,
    ) -> None:
        """``since`` is the number of the outbound file before this one."""
        self.connection = connection
        self.file = file
        self.draft = draft
        self.on = on
        self.full = file.kind == OutboundKind.FULL
        self.guarded = guarded
        self.ledger = Ledger(connection, since=since)
        self.projection = Projection.of(connection, on=on)
        self.tally = Tally(self.ledger.people_sent())
        self.counts: Counter[str] = Counter()
        self.members: set[int] = set()

    def compose(self, progress: Progress) -> None:
        """Everything between header and trailer. Once the guard's shares are exceeded, only counts go on."""
        today = definitions(self.connection, on=self.on)
        sent = self.ledger.catalogue()
        self._write(
            [COMPETENCE.line(sheet) for key, sheet in today.items() if self.full or sent.get(key) != sheet[0]]
        )
        for persons in self._chunks():
            progress(self._compose_chunk(persons))
        if not self.full:
            gone = sorted((key for key in sent if key not in today), key=id_order)
            self._write([join(("CDD", key)) for _, key in gone])
        self.ledger.replace_catalogue({key: sheet[0] for key, sheet in today.items()}, file=self.file)

    @property
    def too_much(self) -> bool:
        """Whether a person has to look at this file first."""
        return self.guarded and self.tally.exceeds()

    def _chunks(self) -> Iterator[dict[int, str]]:
        """Members of the population and whoever else the partner holds, ascending by Person ID."""
        names = dict(population(self.connection, on=self.on).order_by().values_list("pk", "person_id"))
        self.members = set(names)
        if dropped := self.ledger.people() - self.members:
            names |= dict(Person.objects.filter(among("id", dropped)).values_list("pk", "person_id"))
        ordered = iter(sorted(names.items(), key=lambda one: person_order(one[1])))
        while chunk := dict(islice(ordered, CHUNK)):
            yield chunk

    def _compose_chunk(self, persons: Mapping[int, str]) -> int:
        """One chunk's lines and ledger rows; the number of records looked at."""
        present = {pk: person_id for pk, person_id in persons.items() if pk in self.members}
        pictures = self.projection.pictures(present)
        sent = self.ledger.held(persons.keys())
        told = self.ledger.told(persons.keys())
        for person, marks in told.items():
            sent[person].update((key, digest) for key, digest, _ in marks)
        found = self._differences(persons, pictures, sent)
        if not self.too_much:
            self._write(self._lines(persons, pictures, found))
            self._enter(pictures, found)
            self._absorb(told, found)
        return sum(map(len, pictures.values()))

    def _differences(
        self, persons: Mapping[int, str], pictures: Mapping[int, Picture], sent: Mapping[int, dict[Key, int]]
    ) -> dict[int, Difference]:
        found = {}
        for person in persons:
            if change := difference(pictures.get(person, {}), sent[person]):
                found[person] = change
                self.tally.count(change, sent[person], dropped=person not in pictures)
        return found

    def _lines(
        self, persons: Mapping[int, str], pictures: Mapping[int, Picture], found: Mapping[int, Difference]
    ) -> list[str]:
        if self.full:
            return [line for picture in pictures.values() for line in lines(picture, picture.keys(), ())]
        moved = self._moved(found)
        written: list[str] = []
        for person in persons:
            if change := found.get(person):
                picture = pictures.get(person, {})
                written += lines(picture, change.added + change.amended, change.gone, moved)
        return written

    def _moved(self, found: Mapping[int, Difference]) -> set[Key]:
        """Gone keys that another member holds today: elements and assignments change hands when people are merged."""
        gone = {key for change in found.values() for key in change.gone}
        if not gone:
            return set()
        holders: set[int] = set()
        # In slices: a statement takes so many parameters and no more.
        for keys in _slices(sorted(gone), SLICE):
            holders |= self._holders(keys)
        elsewhere = Person.objects.filter(among("id", holders & self.members)).values_list("pk", "person_id")
        pictures = self.projection.pictures(dict(elsewhere))
        return {key for picture in pictures.values() for key in picture.keys() & gone}

    def _holders(self, keys: Sequence[Key]) -> set[int]:
        """Whose these elements and assignments are today."""
        organisation = self.connection.organisation_id
        ids = {kind: [key for record_type, key in keys if record_type == kind] for kind in ("CMA", "ASA")}
        elements = CompetencyElement.objects.held().filter(
            organisation=organisation, element_id__in=ids["CMA"]
        )
        jobs = Assignment.objects.filter(organisation=organisation, assignment_id__in=ids["ASA"])
        return {*elements.values_list("person_id", flat=True), *jobs.values_list("person_id", flat=True)}

    def _enter(self, pictures: Mapping[int, Picture], found: Mapping[int, Difference]) -> None:
        """The partner holds what was written."""
        added: list[Entry] = []
        amended: list[Entry] = []
        gone: list[tuple[int, Key]] = []
        for person, change in found.items():
            picture = pictures.get(person, {})
            added += [(person, key, picture[key][0]) for key in change.added]
            amended += [(person, key, picture[key][0]) for key in change.amended]
            gone += [(person, key) for key in change.gone]
        self.ledger.add(added, file=self.file)
        self.ledger.amend(amended, file=self.file)
        self.ledger.remove(gone)

    def _absorb(self, told: Mapping[int, Sequence[Told]], found: Mapping[int, Difference]) -> None:
        """The partner holds what it told us, but for what this file tells it otherwise."""
        self.ledger.absorb(
            (person, one)
            for person, marks in told.items()
            for one in marks
            if person not in found or not any(one[0] in keys for keys in found[person])
        )

    def _write(self, written: Sequence[str]) -> None:
        self.draft.write_many(written)
        self.counts.update(line[:3] for line in written)


def _slices(keys: Sequence[Key], size: int) -> Iterator[Sequence[Key]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]

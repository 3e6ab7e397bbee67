"""Writes one outbound file's lines: walks everybody concerned, in the order of the wire, in flat memory.

Chunk by chunk today's pictures are compared with what the partner was last sent, first by the digest of the whole, and
record by record where that differs. What differs (of a full file: everything) goes into the draft, and the ledger
follows in the same transaction. A commit of others between two chunks is seen by the later ones alone: the ledger says
exactly what was written, so the next file mends it.
"""

from __future__ import annotations

import sys
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from typing import NamedTuple

from competencies.models import CompetencyElement
from interface.formats.text import join
from interface.models import Connection, OutboundFile, OutboundKind
from interface.outbound.difference import DELETES, Difference, difference, held_after, lines, person_order
from interface.outbound.digests import COMPETENCE
from interface.outbound.guard import Tally
from interface.outbound.ledger import Holding, Ledger, enter_carried
from interface.outbound.loading import Texts
from interface.outbound.packing import Key
from interface.outbound.picture import NOBODY, Picture, id_order
from interface.outbound.projection import Projection, definitions
from interface.publishing import Draft
from interface.scope import population
from people.bulk import Ready, among
from people.collector import collector_at_rest
from people.models import Assignment, Person
from people.models.person import PersonQuerySet

CHUNK = 1000
SLICE = 5000
Progress = Callable[[int], None]

# Seconds for which one thread keeps another waiting that has heard from the database.
TURN = 0.0005


class Prepared(NamedTuple):
    """All of a chunk's people that takes no database."""

    # Of those who are members of the population.
    pictures: dict[int, Picture]
    # Of whom the partner holds nothing, and their rows for the ledger.
    new: set[int]
    rows: Ready
    # All records, where they are all written: of the new, in a full file of everybody.
    lines: dict[int, list[str]]


class Suspect(NamedTuple):
    """Somebody whose picture is not, or may not be, what the partner holds."""

    holding: Holding
    difference: Difference


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
        self.known = self.ledger.people()
        self.projection = Projection.of(connection, on=on)
        self.tally = Tally(len(self.ledger.digests))
        self.counts: Counter[str] = Counter()
        self.members: set[int] = set()

    def compose(self, progress: Progress) -> None:
        """Everything between header and trailer. Once the guard's shares are exceeded, only counts go on."""
        today, sent = definitions(self.connection, on=self.on), self.ledger.catalogue()
        digests = today.digests()
        catalogue = Holding(today.digest, held_after(digests, sent.entries, file=self.file.pk))
        change = difference(digests, {key: entry.digest for key, entry in sent.entries.items()})
        write = digests.keys() if self.full else {*change.added, *change.amended}
        self._write([COMPETENCE.line(sheet) for key, sheet in today.sheets().items() if key in write])
        with collector_at_rest(), _short_turns():
            for persons, prepared in self._chunks():
                self._compose_chunk(persons, prepared)
                progress(sum(len(picture.records) for picture in prepared.pictures.values()))
        if not self.full:
            gone = sorted((key for _, key in change.gone), key=id_order)
            self._write([join(("CDD", key)) for key in gone])
        if catalogue != sent:
            self.ledger.enter_catalogue(catalogue)

    @property
    def too_much(self) -> bool:
        """Whether a person has to look at this file first."""
        return self.guarded and self.tally.exceeds()

    def _concerned(self) -> list[int]:
        """Whoever is written, or has to be looked at for it, ascending by Person ID."""
        members = population(self.connection, on=self.on)
        if self.full:
            names = dict(members.order_by().values_list("pk", "person_id"))
            self.members.update(names)
        else:
            names = dict(self._suspected(members))
        dropped = Person.objects.filter(among("id", self.known - self.members)).order_by()
        names |= dict(dropped.values_list("pk", "person_id"))
        return sorted(names, key=lambda person: person_order(names[person]))

    def _suspected(self, members: PersonQuerySet) -> Iterator[tuple[int, str]]:
        """Those of the population of whom the partner may hold something else: nobody else is read at all."""
        for person, person_id, fingerprint in self.projection.fingerprints(members):
            self.members.add(person)
            if self._may_differ(person, fingerprint):
                yield person, person_id

    def _may_differ(self, person: int, fingerprint: int) -> bool:
        """Whether the partner may hold something else of this person: by the whole, or by what it told us since."""
        return self.ledger.digests.get(person) != fingerprint or person in self.ledger.told

    def _chunks(self) -> Iterator[tuple[list[int], Prepared]]:
        """In the order of the wire: a second thread prepares one while this one waits for the next."""
        projection, concerned = self.projection, self._concerned()
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="rendering") as renderer:
            coming: deque[tuple[list[int], Future[Prepared]]] = deque()
            for start in range(0, len(concerned), CHUNK):
                persons = concerned[start : start + CHUNK]
                texts = projection.read([person for person in persons if person in self.members])
                coming.append((persons, renderer.submit(self._rendered, texts)))
                if len(coming) > 1:
                    yield self._complete(*coming.popleft())
            for rendering in coming:
                yield self._complete(*rendering)

    def _rendered(self, texts: Sequence[Texts]) -> Prepared:
        return self._prepared(self.projection.render(texts))

    def _prepared(self, pictures: dict[int, Picture]) -> Prepared:
        new = {
            person: picture
            for person, picture in pictures.items()
            if person not in self.known and picture.records
        }
        written = pictures if self.full else new
        values = {person: picture.as_new(self.file.pk) for person, picture in new.items()}
        written_whole = {person: picture.lines() for person, picture in written.items()}
        return Prepared(pictures, set(new), self.ledger.rows(values), written_whole)

    def _complete(self, persons: list[int], rendering: Future[Prepared]) -> tuple[list[int], Prepared]:
        """With those who have to be read carefully: few, or nobody."""
        prepared = rendering.result()
        left_out = [
            person for person in persons if person in self.members and person not in prepared.pictures
        ]
        if left_out:
            more = self.projection.render(self.projection.read(left_out, careful=True))
            prepared = self._prepared(prepared.pictures | more)
        return persons, prepared

    def _compose_chunk(self, persons: Collection[int], prepared: Prepared) -> None:
        """One chunk's lines and ledger rows."""
        suspects = self._suspects(
            [person for person in persons if person not in prepared.new], prepared.pictures
        )
        if not self.too_much:
            written = self._lines(persons, prepared, suspects)
            self._write([line for of_person in written.values() for line in of_person])
            enter_carried(self.file, {person: _counted(of_person) for person, of_person in written.items()})
            self.ledger.enter_new(prepared.rows)
            self.ledger.enter({person: suspect.holding for person, suspect in suspects.items()})

    def _suspects(self, persons: Collection[int], pictures: Mapping[int, Picture]) -> dict[int, Suspect]:
        """Those who differ as a whole, or of whom the partner told us something; in the order of the wire."""
        # Who is to be dropped always differs, whatever digest stands for what the partner holds.
        differing = [
            person
            for person in persons
            if person not in pictures or self._may_differ(person, pictures[person].digest)
        ]
        suspects = {}
        for person, held in self.ledger.held(differing).items():
            picture = pictures.get(person, NOBODY)
            digests = picture.digests()
            change = difference(digests, {key: entry.digest for key, entry in held.items()})
            if change:
                self.tally.count(change, held, dropped=person not in pictures)
            holding = Holding(picture.digest, held_after(digests, held, file=self.file.pk))
            suspects[person] = Suspect(holding, change)
        return suspects

    def _lines(
        self, persons: Collection[int], prepared: Prepared, suspects: Mapping[int, Suspect]
    ) -> dict[int, Sequence[str]]:
        """Of everybody whom the file carries, in the order of the wire."""
        moved = set() if self.full else self._moved(suspects)
        written: dict[int, Sequence[str]] = {}
        for person in persons:
            if person in prepared.lines:
                written[person] = prepared.lines[person]
            elif not self.full and person in suspects and (change := suspects[person].difference):
                sheets = prepared.pictures.get(person, NOBODY).sheets()
                written[person] = list(lines(sheets, change.added + change.amended, change.gone, moved))
        return {person: of_person for person, of_person in written.items() if of_person}

    def _moved(self, suspects: Mapping[int, Suspect]) -> set[Key]:
        """Gone keys that another member holds today: elements and assignments change hands when people are merged."""
        gone = {key for suspect in suspects.values() for key in suspect.difference.gone}
        if not gone:
            return set()
        holders: set[int] = set()
        # In slices: a statement takes so many parameters and no more.
        for keys in _slices(sorted(gone), SLICE):
            holders |= self._holders(keys)
        pictures = self.projection.pictures(holders & self.members)
        return {key for picture in pictures.values() for key in picture.sheets().keys() & gone}

    def _holders(self, keys: Sequence[Key]) -> set[int]:
        """Whose these elements and assignments are today."""
        organisation = self.connection.organisation_id
        ids = {kind: [key for record_type, key in keys if record_type == kind] for kind in ("CMA", "ASA")}
        elements = CompetencyElement.objects.held().filter(
            organisation=organisation, element_id__in=ids["CMA"]
        )
        jobs = Assignment.objects.filter(organisation=organisation, assignment_id__in=ids["ASA"])
        return {*elements.values_list("person_id", flat=True), *jobs.values_list("person_id", flat=True)}

    def _write(self, written: Sequence[str]) -> None:
        self.draft.write_many(written)
        self.counts.update([line[:3] for line in written])


def _counted(written: Sequence[str]) -> tuple[int, int]:
    """How many of a person's lines are records, and how many deletes."""
    deletes = sum(line[:3] in DELETES for line in written)
    return len(written) - deletes, deletes


@contextmanager
def _short_turns() -> Iterator[None]:
    """Inside, the thread that has heard from the database is let in at once: else the server waits for it as well."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _slices(keys: Sequence[Key], size: int) -> Iterator[Sequence[Key]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]

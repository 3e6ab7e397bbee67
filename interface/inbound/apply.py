"""Applying: the lines of an accepted file are decided and written, batch by batch.

One batch is one transaction: elements, outcomes and the file's progress commit together. Killed anywhere, the next run
continues at the next line, and every line is decided exactly once (promises P1; architecture §4).
"""

from __future__ import annotations

import gc
import sys
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from competencies.acceptance import AcceptancePolicy
from competencies.models.element import ids_taken, lock_next_element_id, next_element_id
from interface.decision.facts import Catalogue, Facts
from interface.decision.quick import Quick
from interface.folders import Folders
from interface.formats.lines import numbered_lines
from interface.inbound.batch import Batch
from interface.inbound.befores import joined
from interface.inbound.contradictions import contradicted_references
from interface.inbound.loading import HeldReferences, People, load_catalogue, load_holdings, load_references
from interface.inbound.write import Writer
from interface.models import Connection, InboundFile, InboundState

Progress = Callable[[int], None]


# Seconds after which a thread that only computes lets another go on.
_SOON = 0.0005


class FileTakenError(RuntimeError):
    """Another worker moved this file on meanwhile: this worker's batch was rolled back."""


@dataclass(frozen=True, slots=True)
class _Around:
    """What stays the same over all batches of a file."""

    file: InboundFile
    connection: Connection
    catalogue: Catalogue
    people: People
    contradicted: Container[str]
    policy: AcceptancePolicy
    quick: Quick

    def held(self, batch: Batch) -> HeldReferences:
        """What is held under the batch's references; its people are met."""
        if not self.people.everybody:
            self.people.meet(batch.records())
        return load_references(self.connection, batch.references)

    def next_outbound(self) -> int:
        """The number of the connection's next outbound file, for now."""
        return Connection.objects.values_list("next_outbound", flat=True).get(pk=self.connection.pk)

    def facts(self, next_id: int | None) -> Facts:
        """For a batch whose first new element takes this id, or the first that is free."""
        if next_id is None:
            next_id = next_element_id(self.connection.organisation)
        people, on = self.people, self.file.business_date
        return Facts(on, self.catalogue, people.by_id, people.by_number, next_element_id=next_id)


class _Decided(NamedTuple):
    """A batch that is decided and not yet written."""

    batch: Batch
    facts: Facts
    writer: Writer
    first_id: int
    next_outbound: int


def apply_file(
    file: InboundFile, *, policy: AcceptancePolicy, progress: Progress, path: Path | None = None
) -> None:
    """Every line of an accepted file has its outcome; the file's state is applied.

    ``progress`` is called with the number of lines after each batch's commit. Decisions take the business date on which
    the file was accepted, whenever they are made. ``path`` is where its bytes lie, if not in the archive.
    """
    connection = file.connection
    path = path or Folders.of(connection).archived(file)
    contradicted = contradicted_references(path, connection.encoding)
    around = _Around(
        file,
        connection,
        load_catalogue(connection),
        People(connection, on=file.business_date),
        contradicted,
        policy,
        Quick(policy, contradicted),
    )
    with path.open("rb") as reading, _interpreter_at_work():
        for lines in _written(around, _batches(around, reading)):
            progress(lines)
    applied = InboundFile.objects.filter(pk=file.pk, state=InboundState.ACCEPTED, next_line=file.next_line)
    if not applied.update(state=InboundState.APPLIED):
        raise FileTakenError(f"{file.name} was moved on by another worker")
    file.state = InboundState.APPLIED


@contextmanager
def _interpreter_at_work() -> Iterator[None]:
    """A batch makes a hundred thousand objects and no cycles: looking for some costs a fifth of the time.

    Two threads are at work, one of which waits for the database most of the time: it gets its turn soon.
    """
    was_enabled, interval = gc.isenabled(), sys.getswitchinterval()
    gc.disable()
    sys.setswitchinterval(_SOON)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        if was_enabled:
            gc.enable()


def _batches(around: _Around, reading: BinaryIO) -> Iterator[Batch]:
    """The lines between header and trailer from where the last commit stands, read."""
    file, encoding = around.file, around.connection.encoding
    between = islice(numbered_lines(reading), 1, 1 + file.records)
    first = file.next_line
    undecided = ((number, raw) for number, raw in between if number >= first)
    while numbered := list(islice(undecided, settings.INBOUND_BATCH_LINES)):
        yield Batch(numbered, encoding, around.quick)


def _written(around: _Around, batches: Iterator[Batch]) -> Iterator[int]:
    """Every batch is decided and written, in order; the number of its lines, once it is committed.

    While the database writes one batch, the next is read and settled, with what was held before that; what the batch
    being written makes of the same references is known already and overrules it.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="inbound") as helper:
        coming = helper.submit(next, batches, None)
        decided: Future[_Decided] | None = None
        while (batch := coming.result()) is not None:
            coming = helper.submit(next, batches, None)
            held = around.held(batch)
            before = decided.result() if decided else None
            facts = around.facts(before.facts.next_element_id if before else None)
            if before:
                held.overrule(before.facts.references)
            places = helper.submit(batch.settle, held, facts)
            if before:
                is_as_decided = _write(around, before)
                yield len(before.batch.lines)
                if not is_as_decided:
                    places.result()
                    facts = around.facts(None)
                    places = helper.submit(batch.settle, around.held(batch), facts)
            load_holdings(around.connection, places.result(), facts)
            decided = helper.submit(_decided, around, batch, facts, around.next_outbound())
        if decided:
            _write(around, decided.result())
            yield len(decided.result().batch.lines)


def _decided(around: _Around, batch: Batch, facts: Facts, next_outbound: int) -> _Decided:
    """All that has to be looked up stands in ``facts``; ``next_outbound`` is the connection's, as it is now."""
    first_id = facts.next_element_id
    writer = Writer(
        around.file, around.connection, around.catalogue, at=timezone.now(), next_outbound=next_outbound
    )
    for line in batch.outcomes(facts, around.policy, around.contradicted):
        writer.take(line, around.people.wire_ids)
    return _Decided(batch, facts, writer, first_id, next_outbound)


def _decided_anew(around: _Around, batch: Batch, next_outbound: int) -> _Decided:
    """With what holds now: others wrote since this batch was decided."""
    facts = around.facts(None)
    load_holdings(around.connection, batch.settle(around.held(batch), facts), facts)
    return _decided(around, batch, facts, next_outbound)


@transaction.atomic
def _write(around: _Around, decided: _Decided) -> bool:
    """The batch is committed. Whether it was as decided: if others wrote meanwhile, it is decided anew.

    That shows by an element id taken, or by an outbound file sent.
    """
    file, connection = around.file, around.connection
    # One writer at a time of what the partner holds: a full file asked for by hand waits its turn, or this does.
    locked = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
    now = (lock_next_element_id(connection.organisation), locked.next_outbound)
    is_as_decided = now == (decided.first_id, decided.next_outbound)
    if not is_as_decided:
        decided = _decided_anew(around, decided.batch, locked.next_outbound)
    # First, so that a worker who comes too late finds that out before it writes anything twice.
    next_id = decided.facts.next_element_id
    _move_on(file, decided.batch.lines[-1].number + 1, decided.writer.codes, (decided.first_id, next_id - 1))
    decided.writer.write()
    if next_id != decided.first_id:
        ids_taken(connection.organisation, next_id=next_id)
    decided.writer.vouch()
    return is_as_decided


def _move_on(
    file: InboundFile, next_line: int, codes: Iterable[str] | Counter[str], ids: tuple[int, int]
) -> None:
    """The file's progress, in the batch's own transaction, unless somebody else has moved it."""
    file.added = joined(file.added, ids)
    counts = dict(sorted((Counter(file.counts) + Counter(codes)).items()))
    moved = InboundFile.objects.filter(
        pk=file.pk, state=InboundState.ACCEPTED, next_line=file.next_line
    ).update(next_line=next_line, counts=counts, added=file.added, attempts=0)
    if not moved:
        raise FileTakenError(f"{file.name} was moved on by another worker")
    file.next_line, file.counts, file.attempts = next_line, counts, 0

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
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

from django.conf import settings
from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from competencies.acceptance import AcceptancePolicy
from competencies.models.element import Standing, leave, lock_standing, standing
from interface.decision.facts import Catalogue, Facts
from interface.decision.quick import Quick
from interface.folders import Folders
from interface.formats.lines import numbered_lines
from interface.inbound.batch import Batch
from interface.inbound.befores import joined
from interface.inbound.contradictions import contradicted_references
from interface.inbound.loading import People, load_catalogue, load_holdings, load_references
from interface.inbound.write import Writer
from interface.models import Connection, InboundFile, InboundState

Progress = Callable[[int], None]
_Beside = Callable[[Callable[[], "_Decided | None"]], "Future[_Decided | None]"]


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


class _Decided(NamedTuple):
    """A batch that is decided and not yet written: by how elements ``stood``, and how it ``leaves`` them."""

    batch: Batch
    facts: Facts
    writer: Writer
    stood: Standing
    leaves: Standing
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
    with path.open("rb") as reading, _interpreter_at_work(), _beside() as beside:
        for lines in _written(around, _batches(around, reading), beside):
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


@contextmanager
def _beside() -> Iterator[_Beside]:
    """Has something done beside the main thread, on a thread and a database connection of its own.

    Inside a transaction, which no other connection sees into, it is done at once.
    """
    if database.in_atomic_block:
        yield _at_once
        return
    # The tenancy scope is one of the context's variables.
    context = copy_context()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="inbound") as thread:
        try:
            yield lambda work: thread.submit(context.run, work)
        finally:
            thread.submit(lambda: database.close()).result()


def _at_once(work: Callable[[], _Decided | None]) -> Future[_Decided | None]:
    done: Future[_Decided | None] = Future()
    done.set_result(work())
    return done


def _written(around: _Around, batches: Iterator[Batch], beside: _Beside) -> Iterator[int]:
    """Every batch is decided and written, in order; the number of its lines, once it is committed.

    While one batch is written, the next is decided, with what was held before: what the batch being written makes of
    the same references and places is known already, and overrules it.
    """

    def read_and_decided(after: _Decided | None) -> _Decided | None:
        batch = next(batches, None)
        return None if batch is None else _decided(around, batch, after)

    coming = beside(partial(read_and_decided, None))
    while (decided := coming.result()) is not None:
        coming = beside(partial(read_and_decided, decided))
        written = _write(around, decided)
        yield len(written.batch.lines)
        if written is not decided and (stale := coming.result()) is not None:
            coming = beside(partial(_decided, around, stale.batch, written))


def _decided(around: _Around, batch: Batch, after: _Decided | None) -> _Decided:
    """By what is held now, and by what the batch before it, ``after``, makes of that, which may not be committed."""
    connection = around.connection
    next_outbound = Connection.objects.values_list("next_outbound", flat=True).get(pk=connection.pk)
    stood = after.leaves if after else standing(connection.organisation)
    if not around.people.everybody:
        around.people.meet(batch.records())
    people, on = around.people, around.file.business_date
    facts = Facts(on, around.catalogue, people.by_id, people.by_number, next_element_id=stood.next_id)
    held = load_references(connection, batch.references)
    if after:
        held.overrule(after.batch.states(batch.references, after.facts))
    wanted = batch.settle(held, facts)
    load_holdings(connection, wanted, facts)
    if after:
        after.batch.overrule_holdings(wanted, facts, after.facts)
    writer = Writer(
        around.file,
        connection,
        around.catalogue,
        people.wire_ids,
        at=timezone.now(),
        next_outbound=next_outbound,
    )
    batch.decide_into(writer, facts, around.policy, around.contradicted)
    writer.make_ready()
    leaves = Standing(facts.next_element_id, stood.changes + writer.changes_what_was_held)
    return _Decided(batch, facts, writer, stood, leaves, next_outbound)


@transaction.atomic
def _write(around: _Around, decided: _Decided) -> _Decided:
    """The batch is committed, as it was decided, or anew if others wrote meanwhile; what was written.

    That others wrote shows by how elements stand, or by an outbound file sent.
    """
    file, connection = around.file, around.connection
    # One writer at a time of what the partner holds: a full file asked for by hand waits its turn, or this does.
    locked = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
    now = (lock_standing(connection.organisation), locked.next_outbound)
    if now != (decided.stood, decided.next_outbound):
        decided = _decided(around, decided.batch, None)
    # First, so that a worker who comes too late finds that out before it writes anything twice.
    added = (decided.stood.next_id, decided.leaves.next_id - 1)
    _move_on(file, decided.batch.lines[-1][0] + 1, decided.writer.codes, added)
    decided.writer.write()
    if decided.leaves != decided.stood:
        leave(connection.organisation, decided.leaves)
    decided.writer.vouch()
    return decided


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

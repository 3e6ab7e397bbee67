"""Applying: the lines of an accepted file are decided and written, batch by batch.

One batch is one transaction: elements, outcomes and the file's progress commit together. Killed anywhere, the next run
continues at the next line, and every line is decided exactly once (promises P1; architecture §4).
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from competencies.acceptance import AcceptancePolicy
from competencies.models.element import ids_taken, lock_next_element_id
from interface.decision.decide import decide, note
from interface.decision.facts import Catalogue
from interface.folders import Folders
from interface.formats.completions import read, read_raw
from interface.formats.lines import MAX_LINE, numbered_lines
from interface.inbound.befores import joined
from interface.inbound.contradictions import contradicted_references
from interface.inbound.loading import People, load_catalogue, load_facts
from interface.inbound.write import Line, Writer
from interface.models import Connection, InboundFile, InboundState

Progress = Callable[[int], None]


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


def apply_file(
    file: InboundFile, *, policy: AcceptancePolicy, progress: Progress, path: Path | None = None
) -> None:
    """Every line of an accepted file has its outcome; the file's state is applied.

    ``progress`` is called with the number of lines after each batch's commit. Decisions take the business date on which
    the file was accepted, whenever they are made. ``path`` is where its bytes lie, if not in the archive.
    """
    connection = file.connection
    path = path or Folders.of(connection).archived(file)
    around = _Around(
        file,
        connection,
        load_catalogue(connection),
        People(connection, on=file.business_date),
        contradicted_references(path, connection.encoding),
        policy,
    )
    with path.open("rb") as reading, _collector_at_rest():
        for batch in _ahead(_batches(file, reading, connection.encoding)):
            _apply_batch(around, batch)
            progress(len(batch))
    applied = InboundFile.objects.filter(pk=file.pk, state=InboundState.ACCEPTED, next_line=file.next_line)
    if not applied.update(state=InboundState.APPLIED):
        raise FileTakenError(f"{file.name} was moved on by another worker")
    file.state = InboundState.APPLIED


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """A batch makes a hundred thousand objects and no cycles: looking for some costs a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _batches(file: InboundFile, reading: BinaryIO, encoding: str) -> Iterator[list[Line]]:
    """The lines between header and trailer from where the last commit stands, read and parsed."""
    between = islice(numbered_lines(reading), 1, 1 + file.records)
    first = file.next_line
    undecided = ((number, raw) for number, raw in between if number >= first)
    while batch := list(islice(undecided, settings.INBOUND_BATCH_LINES)):
        yield [_line(number, raw, encoding) for number, raw in batch]


def _ahead(batches: Iterator[list[Line]]) -> Iterator[list[Line]]:
    """The same batches, each read while the database is at work on the one before."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="read-ahead") as reader:
        coming = reader.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, batches, None)
            yield batch


def _line(number: int, raw: bytes, encoding: str) -> Line:
    if len(raw) > MAX_LINE:
        return Line(number, raw[:MAX_LINE].decode(encoding, "replace"), read_raw(raw, encoding))
    text = raw.decode(encoding)
    return Line(number, text, read(text))


@transaction.atomic
def _apply_batch(around: _Around, lines: list[Line]) -> None:
    file, connection = around.file, around.connection
    # One writer at a time of what the partner holds: a full file asked for by hand waits its turn, or this does.
    locked = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
    first_id = lock_next_element_id(connection.organisation)
    facts = load_facts(
        connection,
        [line.record for line in lines],
        around.catalogue,
        around.people,
        on=file.business_date,
        next_element_id=first_id,
    )
    writer = Writer(file, connection, around.catalogue, at=timezone.now(), next_outbound=locked.next_outbound)
    person_ids = around.people.wire_ids
    for line in lines:
        outcome = decide(line.record, facts, around.policy, around.contradicted)
        note(line.record, outcome, facts)
        writer.take(line, outcome, person_ids.get(outcome.person or 0, ""))
    # First, so that a worker who comes too late finds that out before it writes anything twice.
    _move_on(file, lines[-1].number + 1, writer.codes, (first_id, facts.next_element_id - 1))
    writer.write()
    if facts.next_element_id != first_id:
        ids_taken(connection.organisation, next_id=facts.next_element_id)
    writer.vouch()


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

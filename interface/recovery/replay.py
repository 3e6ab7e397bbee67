"""Replay: failed lines of answered files are decided again, once a mapping or the staff record has been mended.

The same ``decide`` and the same writer as at night. New outcomes stand beside the old ones, which never change, and
go to the partner in a supplement (LCS) of the replayed lines alone (wire format §2).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from competencies.acceptance import AcceptancePolicy, EmptyPolicy
from competencies.models.element import Standing, leave, lock_standing
from interface.decision.codes import MENDABLE, Code
from interface.decision.decide import Record, decide, note
from interface.decision.facts import Catalogue, Facts
from interface.decision.outcome import Outcome
from interface.formats.completions import read
from interface.inbound.batch import Decided, Line, decided_as
from interface.inbound.befores import joined
from interface.inbound.loading import People, load_catalogue, load_facts
from interface.inbound.write import Writer
from interface.models import (
    Connection,
    InboundFile,
    InboundRecord,
    InboundState,
    OpenFailure,
    Replay,
    ReplayedRecord,
)
from interface.publishing import publish_pending
from interface.recovery.evidence import REPLAYED, vouched
from interface.recovery.supplement import MOST_SUPPLEMENTS, draft_supplement
from people.audit.actions import record
from people.bulk import among, insert_rows, update_rows

Progress = Callable[[int], None]

_REPLAYED = (
    "line_number", "source_reference", "code", "message", "person", "element_ids", "organisation", "replay", "file",
)  # fmt: skip
_WITHDRAWALS = (Code.WITHDRAWN, Code.NOTHING_TO_WITHDRAW)


class ReplayRefusedError(ValueError):
    """Nothing was decided again; the text says why."""


def replay(
    connection: Connection,
    *,
    failures: QuerySet[OpenFailure],
    on: date,
    by: str,
    policy: AcceptancePolicy | None = None,
    progress: Progress = lambda lines: None,
) -> list[Replay]:
    """The connection's lines among ``failures`` are decided again, as if they had come on business date ``on``.

    That date decides everything: who is in scope, what is in the future; not the date on which the file came. A newer
    version that came meanwhile wins (W203), and so does a withdrawal. File by file, oldest first: new outcomes, what
    they change and the supplement are written together. Lines that fail for the same reason as before are left as
    they are and answered no second time: run again, nothing happens. Files that are not answered yet, or were undone,
    are left alone. Raises ReplayRefusedError where the connection may send nothing, and OSError where its folders
    cannot be written: what was done by then stands, and the next run does the rest.
    """
    if reason := connection.why_not_sending(on=on):
        raise ReplayRefusedError(reason)
    chosen = failures.filter(
        connection=connection, file__state=InboundState.ANSWERED, file__undo__isnull=True
    )
    files = chosen.order_by("file__number", "file_id").values_list("file_id", flat=True).distinct()
    around = _Around(
        connection, load_catalogue(connection), People(connection, on=on), policy or EmptyPolicy(), on, by
    )
    done = [_replay_file(around, key, chosen, progress) for key in list(files)]
    publish_pending(connection)
    return [one for one in done if one is not None]


@dataclass(frozen=True, slots=True)
class _Around:
    """What stays the same over all files of a replay."""

    connection: Connection
    catalogue: Catalogue
    people: People
    policy: AcceptancePolicy
    on: date
    by: str


@transaction.atomic(durable=True)
def _replay_file(
    around: _Around, key: int, chosen: QuerySet[OpenFailure], progress: Progress
) -> Replay | None:
    """One file's replay in one transaction; None, and nothing written, where no line has another outcome."""
    connection = around.connection
    locked = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
    file = InboundFile.objects.select_for_update().get(pk=key)
    file.connection = connection
    made = Replay.objects.create(
        organisation_id=file.organisation_id,
        file=file,
        ordinal=_next_ordinal(file),
        business_date=around.on,
        replayed_at=timezone.now(),
        replayed_by=around.by,
    )
    counts: Counter[str] = Counter()
    for before in _batches(chosen.filter(file=file)):
        counts += _replay_batch(around, locked, made, file, before)
        progress(len(before))
    if not counts:
        transaction.set_rollback(True)
        return None
    made.counts = dict(sorted(counts.items()))
    made.save(update_fields=["counts"])
    file.save(update_fields=["added"])
    draft_supplement(made, file)
    record(verb=REPLAYED, about=file, after={**made.counts, **vouched(made)}, by=around.by)
    return made


def _next_ordinal(file: InboundFile) -> int:
    ordinal = file.replays.count() + 1
    if ordinal > MOST_SUPPLEMENTS:
        raise ReplayRefusedError(
            f"{file.name} has had {MOST_SUPPLEMENTS} supplements: its names have run out."
        )
    return ordinal


def _batches(failures: QuerySet[OpenFailure]) -> Iterator[dict[int, str]]:
    """Line numbers with the codes they failed with, in line order. Batches move on by number: rows go meanwhile."""
    last = 0
    while True:
        rows = failures.filter(line_number__gt=last).order_by("line_number")
        batch = dict(rows.values_list("line_number", "code")[: settings.INBOUND_BATCH_LINES])
        if not batch:
            return
        yield batch
        last = max(batch)


def _replay_batch(
    around: _Around, locked: Connection, made: Replay, file: InboundFile, before: dict[int, str]
) -> Counter[str]:
    connection = around.connection
    lines = _lines(file, before)
    stood = lock_standing(connection.organisation)
    facts = load_facts(
        connection,
        [read_as for _, read_as in lines],
        around.catalogue,
        around.people,
        on=around.on,
        next_element_id=stood.next_id,
    )
    writer = Writer(
        file,
        connection,
        around.catalogue,
        around.people.wire_ids,
        at=made.replayed_at,
        next_outbound=locked.next_outbound,
    )
    settled: list[Decided] = []
    for decided in _decided(around, facts, file, lines):
        if decided.outcome.code != before[decided.line.number]:
            note(decided.reference, decided.outcome, facts)
            writer.take(decided)
            settled.append(decided)
    file.added = joined(file.added, (stood.next_id, facts.next_element_id - 1))
    writer.write_changes()
    _write_outcomes(made, file, settled)
    leave(
        connection.organisation,
        Standing(facts.next_element_id, stood.changes + writer.changes_what_was_held),
    )
    return writer.codes


def _lines(file: InboundFile, numbers: dict[int, str]) -> list[tuple[Line, Record]]:
    """As they came. A line that was cut is none that passed the form, so none of these."""
    rows = InboundRecord.objects.filter(among("line_number", numbers), file=file).order_by("line_number")
    return [(Line(number, raw), read(raw)) for number, raw in rows.values_list("line_number", "raw")]


def _decided(
    around: _Around, facts: Facts, file: InboundFile, lines: list[tuple[Line, Record]]
) -> Iterator[Decided]:
    """Each line with its outcome now. E303 lines are never replayed: no line here contradicts another."""
    withdrawn = _withdrawn_since(file, {read_as.source_reference for _, read_as in lines})
    for line, read_as in lines:
        if withdrawn.get(read_as.source_reference, (0, 0)) > (file.number or 0, line.number):
            outcome = Outcome(Code.OLDER_VERSION, "Ignored: this reference was withdrawn later.")
        else:
            outcome = decide(read_as, facts, around.policy, frozenset())
        yield decided_as(line, read_as, outcome)


def _withdrawn_since(file: InboundFile, references: set[str]) -> dict[str, tuple[int, int]]:
    """Where these references were last withdrawn: file number and line."""
    rows = InboundRecord.objects.filter(
        code__in=_WITHDRAWALS,
        source_reference__in=references,
        file__connection=file.connection_id,
        file__number__gte=file.number,
        file__undo__isnull=True,
    )
    found: dict[str, tuple[int, int]] = {}
    for reference, number, line in rows.values_list("source_reference", "file__number", "line_number"):
        found[reference] = max((number or 0, line), found.get(reference, (0, 0)))
    return found


def _write_outcomes(made: Replay, file: InboundFile, settled: list[Decided]) -> None:
    """The new outcomes; what is mended is no open failure any more, what fails otherwise is one of the new code."""
    rows: list[tuple[Any, ...]] = [
        (
            one.line.number,
            one.reference,
            one.outcome.code.value,
            one.outcome.message,
            one.outcome.person,
            "|".join(one.outcome.element_ids),
            file.organisation_id,
            made.pk,
            file.pk,
        )
        for one in settled
    ]
    insert_rows(ReplayedRecord, _REPLAYED, rows)
    failing = [one for one in settled if one.outcome.code in MENDABLE]
    update_rows(
        OpenFailure,
        ("file", "line_number"),
        ("code", "person"),
        [(one.outcome.code.value, one.outcome.person, file.pk, one.line.number) for one in failing],
    )
    mended = [one.line.number for one in settled if one.outcome.code not in MENDABLE]
    OpenFailure.objects.filter(among("line_number", mended), file=file).delete()

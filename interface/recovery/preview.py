"""Preview: what an inbound file would do, found out by doing it in a transaction that is never committed.

The very checks, decisions and writes of the night, so that what is shown is what applying the file now would give, in
memory as flat. Nothing is left behind: no ledger row, no element id taken, no file. While it lasts it holds the
connection as the night does, and waits for the night where that has it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from competencies.acceptance import AcceptancePolicy, EmptyPolicy
from interface.folders import Folders
from interface.inbound.actions import may_be_judged_otherwise
from interface.inbound.apply import apply_file
from interface.inbound.judge import judge
from interface.inbound.receive import kind_of
from interface.models import Connection, InboundFile, InboundKind, InboundState
from interface.progress import Tell, counted
from interface.questions.changes import PersonChange, people_and_changes


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of a file. ``state``, ``code`` and ``message`` are the ledger's words for it.

    ``counts`` are records by code; ``people`` one page of the ``people_changed`` whose record would change. Held files
    are decided as if they were let through. ``known`` is the file that holds these bytes already: where it has been
    decided, they would get its stored answer, and nothing would change.
    """

    state: str
    code: str = ""
    message: str = ""
    records: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    people_changed: int = 0
    people: list[PersonChange] = field(default_factory=list)
    known: str = ""


def preview(
    connection: Connection,
    *,
    file: Path | InboundFile,
    on: date,
    name: str = "",
    policy: AcceptancePolicy | None = None,
    offset: int = 0,
    limit: int = 50,
    tell: Tell = lambda done, total: None,
) -> Preview:
    """What taking in these bytes on business date ``on`` would give: a file of the ledger, or a path and its ``name``.

    Refused files give the refusal that the night would (F01 to F10). ``offset`` and ``limit`` choose the page of
    people; ``tell`` is told of lines decided and all lines. Nothing is written. Raises OSError where the file cannot be
    read.
    """
    if isinstance(file, InboundFile):
        path, name, sha256 = Folders.of(connection).archived(file), file.name, file.sha256
    else:
        path, name, sha256 = file, name or file.name, _sha256(file)
    with transaction.atomic():
        try:
            connection = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
            row, is_known = _row(connection, path, name, sha256, on)
            if is_known and not _would_be_judged(row, name):
                return _as_known(row)
            row.name, row.kind = name, kind_of(name)
            return _decided(row, path, on, policy or EmptyPolicy(), slice(offset, offset + limit), tell)
        finally:
            transaction.set_rollback(True)


def _sha256(path: Path) -> str:
    with path.open("rb") as reading:
        return hashlib.file_digest(reading, "sha256").hexdigest()


def _row(connection: Connection, path: Path, name: str, sha256: str, on: date) -> tuple[InboundFile, bool]:
    """The ledger's row of these bytes, or one that this transaction alone will ever see; and whether it was there."""
    row, is_new = InboundFile.objects.get_or_create(
        connection=connection,
        sha256=sha256,
        defaults={
            "organisation": connection.organisation,
            "kind": kind_of(name),
            "name": name,
            "size": path.stat().st_size,
            "received_at": timezone.now(),
            "business_date": on,
        },
    )
    row.connection = connection
    return row, not is_new


def _would_be_judged(row: InboundFile, name: str) -> bool:
    """Whether the night would judge bytes that it knows once more."""
    undecided = row.state in (InboundState.RECEIVED, InboundState.HELD)
    return undecided or may_be_judged_otherwise(row, name)


def _as_known(row: InboundFile) -> Preview:
    return Preview(row.state, row.code, row.message, row.records, dict(row.counts), known=row.name)


def _decided(
    row: InboundFile, path: Path, on: date, policy: AcceptancePolicy, page: slice, tell: Tell
) -> Preview:
    judge(row, on=on, path=path)
    state, code, message = row.state, row.code, row.message
    if row.state == InboundState.HELD:
        # A row of this transaction alone: what letting it through would give.
        row.released_at, row.released_by = timezone.now(), "preview"
        row.save(update_fields=["released_at", "released_by"])
        judge(row, on=on, path=path)
    if row.state != InboundState.ACCEPTED or row.kind != InboundKind.COMPLETIONS:
        return Preview(state, code, message, row.records)
    apply_file(row, policy=policy, progress=counted(tell, row.records), path=path)
    changed, people = people_and_changes(row, offset=page.start, limit=page.stop - page.start)
    return Preview(state, code, message, row.records, dict(row.counts), changed, people, known="")

"""Undo: what an applied file changed is taken back, where nothing later depends on it.

Elements that it added are withdrawn, and the versions it brought are forgotten: the LMS may send the same records
again in a new file, and they are added. Elements that it amended or withdrew have their values of before. Numbers are
not touched, and the file stays in the ledger as answered: the same bytes again get the same stored answer and change
nothing (promises P3), as the partner's next changes file has told it what holds now.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from competencies.models import CompetencyElement
from competencies.models.element import leave, lock_standing
from interface.models import Connection, InboundFile, InboundKind, InboundState, OpenFailure, Undo
from interface.models.undo import KEPT
from interface.outbound.ledger import doubt
from interface.questions.dependants import Dependant, dependants
from people.audit.actions import record
from people.tenancy import check_scope

# Older than any version: whatever comes under the reference next is newer.
FORGOTTEN: Final = datetime(1970, 1, 1, tzinfo=UTC)


class UndoRefusedError(ValueError):
    """Nothing was undone; the text says why, and ``dependants`` what stands in the way (the first of it)."""

    def __init__(self, message: str, found: list[Dependant] | None = None) -> None:
        super().__init__(" ".join([message, *map(str, found or ())]))
        self.dependants = found or []


def undo(file: InboundFile, *, by: str, reason: str) -> Undo:
    """The file's changes, its replays' among them, are taken back, and its row in the ledger of undos says who and why.

    The partner is told in the next changes file: additions are deleted there, restored elements sent with their values.
    All in one transaction. Again: the first undo stands. Raises UndoRefusedError where the file is not an answered one,
    did not keep the values before it, or something later depends on what it did (see ``dependants``).
    """
    if not reason.strip():
        raise UndoRefusedError("Say why the file is to be undone.")
    with transaction.atomic(durable=True):
        # The one writer of what the partner holds, as a batch and an outbound file are.
        locked = Connection.objects.select_for_update(no_key=True).get(pk=file.connection_id)
        file = InboundFile.objects.select_for_update().get(pk=file.pk)
        file.connection = locked
        if made := Undo.objects.filter(file=file).first():
            return made
        _refuse_what_cannot_be_undone(file)
        return _undo(file, by=by, reason=reason.strip())


def _refuse_what_cannot_be_undone(file: InboundFile) -> None:
    if file.kind == InboundKind.RESEED or file.state != InboundState.ANSWERED:
        raise UndoRefusedError(f"{file.name} has not been applied and answered: there is nothing to undo.")
    if file.added is None:
        raise UndoRefusedError(f"{file.name} was applied before the values before a file were kept.")
    if found := dependants(file):
        raise UndoRefusedError(f"{file.name} cannot be undone.", found)


def _undo(file: InboundFile, *, by: str, reason: str) -> Undo:
    check_scope(file.connection.organisation)
    at = timezone.now()
    withdrawn = _withdraw_additions(file, at)
    doubt(file.connection, _to_be_told(file))
    restored = _restore(file)
    stood = lock_standing(file.connection.organisation)
    leave(file.connection.organisation, stood._replace(changes=stood.changes + 1))
    OpenFailure.objects.filter(file=file).delete()
    made = Undo.objects.create(
        organisation_id=file.organisation_id,
        file=file,
        undone_at=at,
        undone_by=by,
        reason=reason[:200],
        withdrawn=withdrawn,
        restored=restored,
    )
    after = {"withdrawn": withdrawn, "restored": restored}
    record(verb="undone", about=file, after=after, reason=made.reason, by=by)
    return made


def _withdraw_additions(file: InboundFile, at: datetime) -> int:
    """How many of them were still held."""
    withdrawn = 0
    for first, last in file.added or ():
        elements = CompetencyElement.objects.filter(
            organisation=file.organisation_id, element_id__range=(str(first), str(last))
        )
        withdrawn += elements.held().update(withdrawn_at=at)
        elements.update(last_update=FORGOTTEN)
    return withdrawn


# Whose content differs from what it was, and that will be held again.
_TO_BE_TOLD: Final = """
    SELECT e.person_id, e.element_id
    FROM interface_elementbefore b
    JOIN competencies_competencyelement e
      ON e.organisation_id = b.organisation_id AND e.element_id = b.element_id
    WHERE b.file_id = %s AND b.withdrawn_at IS NULL
      AND (e.withdrawn_at IS NOT NULL OR e.content_digest <> b.content_digest)
"""
_RESTORE: Final = f"""
    UPDATE competencies_competencyelement AS e SET {", ".join(f"{column} = b.{column}" for column in KEPT)}
    FROM interface_elementbefore b
    WHERE b.file_id = %s AND e.organisation_id = b.organisation_id AND e.element_id = b.element_id
"""  # noqa: S608  (names of our models)


def _to_be_told(file: InboundFile) -> list[tuple[int, str]]:
    """The partner holds these otherwise than they will be: it is to be told, though it told us itself once."""
    with database.cursor() as cursor:
        cursor.execute(_TO_BE_TOLD, [file.pk])
        return [(person, element_id) for person, element_id in cursor.fetchall()]


def _restore(file: InboundFile) -> int:
    with database.cursor() as cursor:
        cursor.execute(_RESTORE, [file.pk])
        return int(cursor.rowcount)

"""The verbs on exports that are made in the background: ask, claim, keep, fail, ask again, discard, fetch, clear away.

What makes the file stands above, where the lists of the console are known. An attempt writes under a token of its own,
and its row says that the file is ready when it is whole: whatever was killed on the way is half of nothing.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from interface.by_hand import storage
from interface.by_hand.exports import EXPORTED, record_taken
from interface.by_hand.sheets.row import Kind
from interface.models import Export, ExportState
from people.workers import is_gone, this_worker

# So many of one account wait for the queue or are made there: others have work for it, too.
MOST_UNDER_WAY: Final = 3
FETCHED: Final = "fetched"
_KILLED: Final = (
    "It was stopped each time before it was done. Narrow the list and export less of it, or tell whoever runs the "
    "installation."
)
_INTERRUPTED: Final = "Whatever made it was stopped before the file was whole. Make it again."


class TooManyExportsError(Exception):
    """As many exports of this account are under way as may be; the number is that limit."""


class NotOursError(Exception):
    """The export was discarded, or taken over by another attempt, while it was made here."""


class ExportGoneError(Exception):
    """The file is not there any more, or is not what was made."""


def exports_of(user: Any) -> QuerySet[Export]:
    """This account's, the newest first."""
    return Export.objects.filter(user=user.pk)


def ask(*, listed: str, narrowed: str, kind: Kind, rows: int, by: Any) -> Export:
    """The list is to be made into a file. Asked for twice, it is made once. Raises TooManyExportsError."""
    end_stopped(exports_of(by))
    under_way = exports_of(by).filter(state=ExportState.MAKING)
    same = under_way.filter(listed=listed, narrowed=narrowed, kind=kind).first()
    if same is not None:
        return same
    if under_way.count() >= MOST_UNDER_WAY:
        raise TooManyExportsError(MOST_UNDER_WAY)
    return Export.objects.create(
        user=by,
        listed=listed,
        narrowed=narrowed,
        kind=kind,
        rows=rows,
        token=storage.new_token(),
        asked_at=timezone.now(),
    )


# --- What a worker does -------------------------------------------------------------------------------


@transaction.atomic
def claim(key: int) -> Export | None:
    """The export is ours to make, under a new token. None where it is done, in other hands, or given up."""
    export = Export.objects.select_for_update().filter(pk=key).first()
    if export is None or export.state != ExportState.MAKING or (export.begun_at and not is_stopped(export)):
        return None
    if export.attempts >= settings.RUN_MAX_ATTEMPTS:
        fail(export, _KILLED)
        return None
    storage.forget(export.token)
    export.token, export.worker, export.begun_at = storage.new_token(), this_worker(), timezone.now()
    export.attempts += 1
    export.save(update_fields=["token", "worker", "begun_at", "attempts"])
    return export


def file_of(export: Export) -> Path:
    """Where its bytes lie."""
    return storage.place(export.token)


def tell_progress(export: Export, rows: int) -> None:
    """So many of its rows are in the file. Raises NotOursError where nobody waits for it here any more."""
    if not _ours(export).exists():
        raise NotOursError
    storage.say_progress(export.token, rows, max(export.rows, rows))


def keep(export: Export, taken: Mapping[int, int], *, of_all: bool, told: Mapping[str, Any]) -> None:
    """What was written is the export's file, and stands in the audit. Raises NotOursError."""
    path = file_of(export)
    with path.open("rb") as file:
        os.fsync(file.fileno())
    found = {
        "state": ExportState.READY,
        "ended_at": timezone.now(),
        "rows": sum(taken.values()),
        "taken": {str(key): count for key, count in taken.items()},
        "of_all": of_all,
        "size": path.stat().st_size,
        "sha256": storage.digest_of(export.token),
    }
    with transaction.atomic():
        if not _ours(export).update(**found):
            raise NotOursError
        record_taken(EXPORTED, taken, of=export.listed, told={**told, "export": export.pk})
    storage.forget(export.token, "progress")


def fail(export: Export, message: str) -> None:
    """It has not been made, and the message says why, and what to do. Nothing is left of what was written."""
    _ours(export).update(state=ExportState.FAILED, ended_at=timezone.now(), message=message)
    storage.forget(export.token)


def _ours(export: Export) -> QuerySet[Export]:
    """Its row, unless it was discarded, ended, or taken over by another attempt meanwhile."""
    return Export.objects.filter(pk=export.pk, token=export.token, state=ExportState.MAKING)


def is_stopped(export: Export) -> bool:
    """Whether whatever was making it is gone, or has been silent for so long that it is given up."""
    if export.state != ExportState.MAKING or export.begun_at is None:
        return False
    _, silent = storage.progress(export.token)
    if silent is None:
        silent = (timezone.now() - export.begun_at).total_seconds()
    return is_gone(export.worker) or silent > settings.RUN_LEASE_SECONDS


# --- What people do -----------------------------------------------------------------------------------


def end_stopped(exports: QuerySet[Export]) -> None:
    """Those whose worker is gone count as failed from now on: it cannot say so itself."""
    for export in exports.filter(state=ExportState.MAKING):
        if is_stopped(export):
            fail(export, _INTERRUPTED)


def ask_again(export: Export) -> bool:
    """One that failed is to be made after all; False where it did not, or is under way again already."""
    anew = {"message": "", "worker": "", "attempts": 0, "begun_at": None, "ended_at": None}
    failed = Export.objects.filter(pk=export.pk, state=ExportState.FAILED)
    return bool(failed.update(state=ExportState.MAKING, asked_at=timezone.now(), **anew))


def discard(export: Export) -> None:
    """Nothing is left of it; whoever is making it finds no row to keep it in."""
    token = export.token
    export.delete()
    transaction.on_commit(lambda: storage.forget(token))


def fetch(export: Export) -> BinaryIO:
    """The file, open, and that it was fetched in the audit. Raises ExportGoneError."""
    try:
        if export.state != ExportState.READY or storage.digest_of(export.token) != export.sha256:
            raise ExportGoneError
        file = file_of(export).open("rb")
    except FileNotFoundError:
        raise ExportGoneError from None
    taken = {int(key): count for key, count in export.taken.items()}
    told = {"what": f"list.{export.kind}", "export": export.pk}
    with transaction.atomic():
        record_taken(FETCHED, taken, of=export.listed, told=told)
    return file


def clear_away(*, at: datetime | None = None) -> int:
    """Exports older than uploads are kept are gone with their files, whatever became of them; how many there were."""
    before = (at or timezone.now()) - timedelta(hours=settings.UPLOAD_KEEP_HOURS)
    old = list(Export.objects.filter(asked_at__lt=before))
    for export in old:
        discard(export)
    return len(old)

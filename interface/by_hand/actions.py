"""The verbs on uploads: receive, check, confirm, apply, discard, clear away."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from interface.by_hand import storage
from interface.by_hand.guard import asks_for_reason
from interface.by_hand.opening import UploadFileGoneError, limits
from interface.by_hand.sheets.reading import how_many, open_sheet
from interface.by_hand.sheets.row import SheetRefusedError
from interface.by_hand.tables import TABLES, Table
from interface.by_hand.work import STALE, carry_out, locked, rehearse
from interface.models import Connection, Export, Upload, UploadState
from interface.models.upload import UNDER_WAY
from people.models import Organisation

_STOPPED: Final = (
    "It was stopped by an error in the program. Nothing was applied. Tell whoever runs the installation."
)
_KILLED: Final = "It was stopped each time before it was done. Nothing was applied."


class UploadNotAllowedError(PermissionError):
    """The account may not upload this table for this organisation (any more)."""


class UploadStaleError(Exception):
    """What was to be confirmed is not what the newest preview shows; the text says what to do."""


class UploadNeedsReasonError(ValueError):
    """A mass change is not applied without a reason."""


def receive(
    blocks: Iterable[bytes],
    *,
    name: str,
    table: Table,
    organisation: Organisation,
    by: Any,
    connection: Connection | None = None,
) -> Upload:
    """The file is kept, and is to be checked. ``is_large`` says that this is for the queue to do.

    Raises UploadNotAllowedError.
    """
    _check_right(table, organisation, by)
    if table.is_of_connection != (connection is not None):
        raise ValueError("Completions are for a connection, and no other table is.")
    token = storage.new_token()
    sha256, size = storage.keep(token, blocks)
    return Upload.objects.create(
        organisation=organisation,
        user=by,
        table=table.slug,
        connection=connection,
        file_name=name[-150:],
        token=token,
        sha256=sha256,
        size=size,
        uploaded_at=timezone.now(),
        is_large=_is_large(token, name),
    )


def _is_large(token: str, name: str) -> bool:
    """Counted no further than the limit. What cannot be read is for the check to refuse."""
    most = settings.UPLOAD_BACKGROUND_ROWS
    try:
        with storage.place(token).open("rb") as file:
            return how_many(open_sheet(file, name, limits()), at_least=most + 1) > most
    except SheetRefusedError:
        return False


def check(key: int) -> None:
    """An upload that was received is checked or refused. Done already, or in other hands: nothing happens."""
    _attempt(key, UploadState.RECEIVED, rehearse)


def confirm(upload: Upload, *, outcome: str, by: Any, reason: str = "") -> None:
    """The upload is to be applied as it was shown: ``outcome`` is the hash that its preview carried.

    One that touches so many people that it looks like an accident (P12) needs a ``reason`` too: without one raises
    UploadNeedsReasonError. Raises UploadStaleError where there is a newer preview, or none, and UploadNotAllowedError.
    """
    _check_right(TABLES[upload.table], upload.organisation, by)
    reason = reason.strip()[:200]
    if asks_for_reason(upload) and not reason:
        raise UploadNeedsReasonError("It changes or ends so many people that it needs a reason.")
    waiting = Upload.objects.filter(pk=upload.pk, state=UploadState.CHECKED, outcome=outcome)
    if not outcome or not waiting.update(state=UploadState.APPLYING, message="", attempts=0, reason=reason):
        raise UploadStaleError("This is not the newest preview of the file: look at it again, then confirm.")


def apply(key: int) -> None:
    """A confirmed upload is applied, whole; or, where it would come to something else now, is checked anew.

    Whoever uploaded it must still be allowed to. Done already, or in other hands: nothing happens.
    """
    _attempt(key, UploadState.APPLYING, _apply)


def _apply(upload: Upload) -> None:
    table = TABLES[upload.table]
    if not table.may_be_uploaded_by(upload.user, upload.organisation):
        _end(
            upload, "The right to upload this table was withdrawn before it was applied. Nothing was applied."
        )
        return
    try:
        done = carry_out(upload)
    except (SheetRefusedError, UploadFileGoneError):
        done = False
    if done:
        # Only the rows that were wrong are still wanted.
        transaction.on_commit(lambda: storage.forget(upload.token, "", "progress"))
    else:
        rehearse(upload, message=STALE)


def _attempt(key: int, state: UploadState, step: Callable[[Upload], None]) -> None:
    """Do it with the upload's lock held. One that kills its worker each time is given up."""
    if not _may_try(key, state):
        return
    try:
        with transaction.atomic():
            upload = locked(key)
            if upload is not None and upload.state == state:
                step(upload)
    except BaseException:
        Upload.objects.filter(pk=key, state=state).update(state=UploadState.FAILED, message=_STOPPED)
        raise


@transaction.atomic
def _may_try(key: int, state: UploadState) -> bool:
    """An attempt is counted before it is made: a worker that is killed counts nothing afterwards."""
    upload = locked(key)
    if upload is None or upload.state != state:
        return False
    if upload.attempts >= settings.RUN_MAX_ATTEMPTS:
        _end(upload, _KILLED)
        return False
    upload.attempts += 1
    upload.save(update_fields=["attempts"])
    return True


def _end(upload: Upload, message: str) -> None:
    upload.state, upload.message = UploadState.FAILED, message
    upload.save(update_fields=["state", "message"])


@transaction.atomic
def start_again(upload: Upload) -> None:
    """An upload whose work stopped is to be checked anew. Raises UploadStaleError where somebody is at it."""
    held = locked(upload.pk)
    if held is None or held.state not in (*UNDER_WAY, UploadState.FAILED):
        raise UploadStaleError("There is nothing to start again.")
    held.state, held.message, held.attempts, held.outcome = UploadState.RECEIVED, "", 0, ""
    held.save(update_fields=["state", "message", "attempts", "outcome"])


def _check_right(table: Table, organisation: Organisation, by: Any) -> None:
    if not table.may_be_uploaded_by(by, organisation):
        raise UploadNotAllowedError(f"{table.title} of {organisation} are not yours to upload.")


@transaction.atomic
def discard(upload: Upload) -> None:
    """Nothing is left of it. Raises UploadStaleError while it is under way."""
    held = locked(upload.pk)
    if held is None or held.state in UNDER_WAY:
        raise UploadStaleError("It is under way: wait until it is done.")
    held.delete()
    transaction.on_commit(lambda: storage.forget(held.token))


def clear_away(*, at: datetime | None = None) -> int:
    """Uploads older than they are kept are gone with their files, whatever became of them; how many there were."""
    before = (at or timezone.now()) - timedelta(hours=settings.UPLOAD_KEEP_HOURS)
    old = list(Upload.objects.filter(uploaded_at__lt=before))
    for upload in old:
        storage.forget(upload.token)
        upload.delete()
    # Exports lie in the same folder.
    known = {token for model in (Upload, Export) for token in model.objects.values_list("token", flat=True)}
    storage.forget_strays(older_than=settings.UPLOAD_KEEP_HOURS * 3600, known=known)
    return len(old)

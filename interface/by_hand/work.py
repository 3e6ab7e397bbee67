"""What is done to an upload's rows: rehearsed for its preview, done for good when that was confirmed.

Both go the same way through one transaction. The rehearsal's is rolled back. The real one's commits what was written
together with the upload's state, or nothing: a worker that is killed leaves no half, and a task that is delivered twice
finds the second time that there is nothing to do. Whoever is at work holds the lock of the upload's row.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from interface.by_hand import storage
from interface.by_hand.completions import take_completions
from interface.by_hand.guard import is_mass_change
from interface.by_hand.opening import UploadFileGoneError, opened
from interface.by_hand.rows import HeaderRefusedError, take_rows
from interface.by_hand.sheets.reading import how_many
from interface.by_hand.sheets.row import SheetRefusedError
from interface.by_hand.tables import TABLES
from interface.by_hand.tally import Tally
from interface.by_hand.wrong_rows import wrong_rows
from interface.models import Upload, UploadState
from people.audit.actions import gathering, record
from people.audit.context import Channel, acting
from people.models import Organisation, Person
from people.tables import Problem
from people.tenancy import within

STALE: Final = (
    "Since the preview somebody changed what the file is about, and nothing was applied. "
    "This is what it would do now."
)
GONE: Final = "The file is not there any more, or not as it was checked: upload it again."
_FOUND = (
    "state", "ended_at", "rows", "counts", "problems", "changes", "outcome", "message", "attempts", "population",
    "people_changed", "people_ended", "reason",
)  # fmt: skip


def rehearse(upload: Upload, *, message: str = "") -> None:
    """The upload is checked, with all that applying it now would do, or refused; nothing of it is applied."""
    tally, problems = Tally(), None
    try:
        with transaction.atomic(), gathering():
            _do(upload, tally, for_good=False)
            transaction.set_rollback(True)
    except SheetRefusedError as refusal:
        problems = [refusal.problem]
    except HeaderRefusedError as refusal:
        problems = list(refusal.problems)
    except UploadFileGoneError:
        problems = [Problem(0, "", GONE)]
    upload.reason = ""
    if problems is None:
        _keep(upload, tally, UploadState.CHECKED, message)
    else:
        _refuse(upload, problems)
    upload.save(update_fields=_FOUND)


def carry_out(upload: Upload) -> bool:
    """All that the check found is done, or nothing where it would come to something else now: then False.

    Nor is anything done where it touches so many people that it needs a reason (P12) and has none. Inside the
    transaction that holds the upload's lock.
    """
    tally = Tally()
    _take_turns(upload)
    with gathering():
        _do(upload, tally, for_good=True)
        if tally.outcome != upload.outcome or (is_mass_change(tally) and not upload.reason):
            transaction.set_rollback(True)
            return False
        _keep(upload, tally, UploadState.APPLIED, "")
        upload.ended_at = timezone.now()
        upload.save(update_fields=[*_FOUND, "inbound_file"])
        told = {"table": upload.table, "sha256": upload.sha256, "rows": upload.rows, "counts": upload.counts}
        by = upload.user.get_username()
        record(verb="uploaded", about=upload, after=told, reason=upload.reason, by=by)
    return True


def _take_turns(upload: Upload) -> None:
    """With whoever loads a file of the staff record: it compares everybody with what it has read once.

    Each of the two would overwrite what the other wrote meanwhile. A preview writes nothing, and need not wait.
    """
    with within(upload.organisation_id):
        Organisation.objects.select_for_update(no_key=True).get(pk=upload.organisation_id)


def _do(upload: Upload, tally: Tally, *, for_good: bool) -> None:
    who = acting(by=upload.user.get_username(), channel=Channel.UPLOAD, key=upload.file_name)
    progress = partial(storage.say_progress, upload.token, total=_how_many_rows(upload))
    resource = TABLES[upload.table].resource
    with ExitStack() as stack:
        for context in (within(upload.organisation_id), who):
            stack.enter_context(context)
        tally.population = Person.objects.present().count()
        sheet = stack.enter_context(opened(upload))
        wrong = stack.enter_context(wrong_rows(upload.token, sheet.kind, sheet.headers))
        if resource is None:
            take_completions(upload, sheet, tally, wrong, progress, for_good=for_good)
        else:
            take_rows(sheet, resource(), tally, wrong, progress)


def _how_many_rows(upload: Upload) -> int:
    """All that there are, for whoever watches; 0 of a small file, which nobody watches."""
    if not upload.is_large or upload.rows:
        return upload.rows
    with opened(upload) as sheet:
        return how_many(sheet, at_least=settings.UPLOAD_MAX_ROWS)


def _keep(upload: Upload, tally: Tally, state: UploadState, message: str) -> None:
    upload.state, upload.message, upload.attempts = state, message, 0
    upload.rows, upload.outcome = tally.rows, tally.outcome
    upload.counts = dict(tally.counts)
    if tally.codes:
        upload.counts["codes"] = dict(sorted(tally.codes.items()))
    upload.problems, upload.changes = tally.problems, tally.changes
    upload.population, upload.people_ended = tally.population, len(tally.ended)
    upload.people_changed = len(tally.touched - tally.ended)


def _refuse(upload: Upload, problems: list[Problem]) -> None:
    upload.state, upload.ended_at = UploadState.REFUSED, timezone.now()
    upload.problems = [{"line": one.line, "column": one.column, "text": one.text} for one in problems[:100]]
    transaction.on_commit(lambda: storage.forget(upload.token))


def locked(key: int) -> Upload | None:
    """The upload, locked until the transaction ends; None where another worker is at it, or it is gone."""
    can_skip = connection.features.has_select_for_update_skip_locked
    uploads = Upload.objects.select_for_update(of=("self",), skip_locked=can_skip)
    return uploads.select_related("user", "organisation").filter(pk=key).first()

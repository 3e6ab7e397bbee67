"""Verbs of the outbound leg: full files, changes files, the guard's release, the same file again.

The number is taken, the ledger moved and the file rendered in one transaction on the locked connection row, and
published after the commit. Killed before the commit, nothing has happened, and the next run takes the same
number; killed after it, the next run publishes the bytes that were rendered (promises P5 to P7).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from interface.formats import envelope, names
from interface.models import Connection, OutboundFile, OutboundHold, OutboundKind, SentPicture
from interface.outbound.composing import Composer, Progress
from interface.outbound.guard import Tally, hold, open_hold, release_hold, settle
from interface.publishing import Draft, publish, publish_once_more, publish_pending
from people.audit.actions import record
from people.bulk import refresh_statistics

__all__ = [
    "NotLiveError",
    "Sending",
    "release_hold",
    "republish",
    "send_changes",
    "send_full_file",
    "send_tonight",
]

logger = logging.getLogger(__name__)
SEQUENCE = (OutboundKind.FULL, OutboundKind.CHANGES)


_LARGE = 1000


class NotLiveError(Exception):
    """The connection may not send on this business date; the text says why."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What came of it: a file that is published, a file held back for a person, or nothing left to send."""

    file: OutboundFile | None = None
    hold: OutboundHold | None = None


class _TooMuchError(Exception):
    """Undoes the transaction of a file that is held back."""

    def __init__(self, kind: OutboundKind, tally: Tally) -> None:
        super().__init__(kind, tally)
        self.kind = kind
        self.tally = tally


class _NothingToSendError(Exception):
    """Undoes the transaction of a second changes file of the day that would be empty."""


def _silent(rows: int) -> None:
    """Nobody watches."""


def send_tonight(
    connection: Connection, *, on: date, by: str, progress: Progress = _silent
) -> OutboundHold | None:
    """Tonight's file is out, or what holds it back is returned: ``send_changes`` for the nightly run."""
    return send_changes(connection, on=on, by=by, progress=progress).hold


def send_changes(connection: Connection, *, on: date, by: str, progress: Progress = _silent) -> Sending:
    """The partner has, or will find in Out, what changed since it was last sent something.

    The first file of a connection is a full one, and so is the next when one was asked for. There is one file for
    each business date, be it empty; a further one only where there is something to send. Raises NotLiveError, and
    OSError where the folders cannot be written: run again, it repeats or finishes.
    """
    return _send(connection, on=on, by=by, full_because="", progress=progress)


def send_full_file(
    connection: Connection, *, on: date, by: str, reason: str, progress: Progress = _silent
) -> Sending:
    """The partner finds the whole population in Out, and the next difference starts from there.

    Raises as ``send_changes`` does. The guard holds a full file back as well, except the first; it is then what
    the next run sends.
    """
    return _send(connection, on=on, by=by, full_because=reason or "asked for", progress=progress)


def republish(file: OutboundFile, *, by: str) -> None:
    """The same bytes stand in Out once more, under the same name and number: mends a file that was lost there.

    Raises PublishedBytesDifferError where the archive no longer has them, and OSError where Out cannot be written.
    """
    with transaction.atomic():
        # Committed first: killed from here on, the next run finds the file to be published.
        publish_once_more(file)
        record(verb="published again", about=file, by=by)
    publish(file)
    logger.info("%s was published again by %s", file, by)


def _send(connection: Connection, *, on: date, by: str, full_because: str, progress: Progress) -> Sending:
    if reason := connection.why_not_sending(on=on):
        raise NotLiveError(reason)
    publish_pending(connection)
    sending = _render(connection, on=on, by=by, full_because=full_because, progress=progress)
    connection.refresh_from_db(fields=["next_outbound", "full_file_wanted"])
    publish_pending(connection)
    if sending.file:
        sending.file.refresh_from_db()
    return sending


def _render(connection: Connection, *, on: date, by: str, full_because: str, progress: Progress) -> Sending:
    """Render in one transaction, or hold back, or find nothing to do; a hold that no longer binds is settled."""
    try:
        with transaction.atomic(durable=True):
            file = _render_locked(connection, on=on, by=by, full_because=full_because, progress=progress)
            settle(connection)
            logger.debug("%s takes number %s for %s", file, file.number, by)
            return Sending(file=file)
    except _TooMuchError as stop:
        if full_because:
            # A full file that was asked for is not forgotten over the hold.
            Connection.objects.filter(pk=connection.pk).update(full_file_wanted=full_because[:200])
        return Sending(hold=hold(connection, stop.tally, stop.kind, on=on))
    except _NothingToSendError:
        settle(connection)
        return Sending()


def _render_locked(
    connection: Connection, *, on: date, by: str, full_because: str, progress: Progress
) -> OutboundFile:
    locked = Connection.objects.select_for_update().get(pk=connection.pk)
    previous = _previous(locked)
    because = full_because or locked.full_file_wanted or ("first file" if previous is None else "")
    kind = OutboundKind.FULL if because else OutboundKind.CHANGES
    waiting = open_hold(locked)
    guarded = previous is not None and (waiting is None or waiting.released_at is None)
    file = _new_file(locked, kind, previous, on=on, reason=f"{because} ({by})" if because else "")
    with Draft(locked, file.name) as draft:
        since = previous.number if previous and previous.number else 0
        composer = Composer(locked, file, draft, on=on, since=since, guarded=guarded)
        draft.write(_header(locked, file, previous))
        composer.compose(progress)
        if composer.too_much:
            raise _TooMuchError(kind, composer.tally)
        if (
            not composer.counts
            and previous is not None
            and _has_file_of(locked, on, but=file)
            and not because
        ):
            raise _NothingToSendError
        draft.write(envelope.write_trailer(draft.lines + 1))
    _close(file, draft, composer)
    locked.next_outbound += 1
    if kind == OutboundKind.FULL:
        locked.full_file_wanted = ""
    locked.save(update_fields=["next_outbound", "full_file_wanted"])
    if previous is None and draft.lines > _LARGE:
        # The ledger was empty: the next difference reads it by the thousand, and the planner must not guess.
        refresh_statistics(SentPicture)
    record(verb="file rendered", about=file, after=_told(file), by=by)
    return file


def _told(file: OutboundFile) -> dict[str, object]:
    return {"kind": file.kind, "number": file.number, "records": file.records, "sha256": file.sha256}


def _previous(connection: Connection) -> OutboundFile | None:
    files = OutboundFile.objects.filter(connection=connection, kind__in=SEQUENCE)
    return files.order_by("-number").first()


def _has_file_of(connection: Connection, on: date, *, but: OutboundFile) -> bool:
    files = OutboundFile.objects.filter(connection=connection, kind__in=SEQUENCE, business_date=on)
    return files.exclude(pk=but.pk).exists()


def _new_file(
    connection: Connection, kind: OutboundKind, previous: OutboundFile | None, *, on: date, reason: str
) -> OutboundFile:
    """The row that the ledger refers to; size and hash follow when the last line is written."""
    name = names.build(
        kind.value,
        vpd=connection.organisation.vpd,
        sub_type=connection.sub_type,
        business_date=on,
        number=connection.next_outbound,
    )
    return OutboundFile.objects.create(
        organisation_id=connection.organisation_id,
        connection=connection,
        kind=kind,
        name=str(name),
        number=connection.next_outbound,
        business_date=on,
        size=0,
        reason=reason[:200],
        created_at=_this_run(previous),
    )


def _this_run(previous: OutboundFile | None) -> datetime:
    """Now, to the second, as the header tells it; never before the previous run, whatever the clock says."""
    now = timezone.now().replace(microsecond=0)
    return now if previous is None else max(now, previous.created_at)


def _header(connection: Connection, file: OutboundFile, previous: OutboundFile | None) -> str:
    """Both run timestamps stand in the ledger: when this file was made, and when the one before it was."""
    return envelope.write_header(
        envelope.Header(
            file_name=file.name,
            created=file.created_at,
            vpd=connection.organisation.vpd,
            previous_run=previous.created_at if previous else None,
            this_run=file.created_at,
        )
    )


def _close(file: OutboundFile, draft: Draft, composer: Composer) -> None:
    file.sha256 = draft.sha256
    file.size = draft.size
    file.records = draft.lines - 2
    file.counts = dict(sorted(composer.counts.items()))
    file.warnings = draft.warnings
    file.save(update_fields=["sha256", "size", "records", "counts", "warnings"])

"""Judging: a received file is accepted, held or refused as a whole (F01 to F10), before its first record is applied.

The structure is judged by ``formats.structure``, from the bytes alone. Here come the checks that need state: whether
the connection is live (F09) and the sequence (F07, F08). Accepting a file takes its number in the same transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from functools import partial
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from interface.decision.codes import FileCode
from interface.folders import Folders
from interface.formats import moments, names, structure
from interface.formats.confirmations import fitted
from interface.formats.envelope import Header, ReseedRequest
from interface.models import Connection, InboundFile, InboundKind, InboundState
from interface.models.inbound import TAKES_NUMBER

# Refusals that hang on our own settings or on the file's name: the same bytes, delivered again, are judged again.
JUDGED_AGAIN = (
    FileCode.NOT_LIVE, FileCode.NAME_MISMATCH, FileCode.UNREADABLE, FileCode.OTHER_VPD, FileCode.TOO_LARGE,
)  # fmt: skip

# What judging decides. The rest of the row is others': a person may release the file meanwhile.
_JUDGED = (
    "name", "kind", "number", "state", "code", "message", "business_date", "previous_run", "this_run", "records",
    "answered_at", "attempts",
)  # fmt: skip


class ReceivedBytesGoneError(FileNotFoundError):
    """Under the file's name something else lies than was received: somebody changed it there.

    Sent again, the bytes that were received lie there again.
    """


class _Hashed:
    """A file that is read to its end, and the sha256 of what was read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        block = self._file.read(size)
        self._hash.update(block)
        return block

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


def in_number_order(files: Iterable[InboundFile]) -> list[InboundFile]:
    """As they are to be judged, so that those waiting together close each other's gaps."""
    return sorted(files, key=lambda file: (_number_in_name(file), file.pk))


def judge(file: InboundFile, *, on: date, path: Path | None = None) -> None:
    """The file is saved as accepted, held or refused, with code and message.

    Accepted, a completions file takes its number; a re-seed request makes the connection's next file a full one and
    is done with. ``path`` is where its bytes lie, if not in the archive.
    """
    found = _structure(file, path or Folders.of(file.connection).archived(file))
    file.business_date = on
    file.code = file.message = ""
    if isinstance(found, structure.Refusal):
        _keep_header(file, found.header)
        _settle(file, InboundState.REFUSED, found.code, _sentence(found))
        return
    if isinstance(found, structure.FileFacts):
        _keep_header(file, found.header)
        file.number, file.records = found.name.number, found.records
    if not file.connection.may_exchange(on=on):
        _settle(file, InboundState.REFUSED, FileCode.NOT_LIVE, file.connection.why_not_live(on=on))
    elif file.kind == InboundKind.BY_HAND:
        # Numbered by us: it is no place in the partner's sequence.
        _settle(file, InboundState.ACCEPTED, "", "")
    elif isinstance(found, structure.FileFacts):
        _place_in_sequence(file)
    else:
        _grant_full_file(file)


def _number_in_name(file: InboundFile) -> int:
    name = names.parse(file.name)
    return name.number if name else 0


def _structure(file: InboundFile, path: Path) -> structure.FileFacts | ReseedRequest | structure.Refusal:
    connection = file.connection
    is_reseed = file.kind == InboundKind.RESEED
    check = structure.check_reseed if is_reseed else partial(structure.check, kind=file.kind)
    with path.open("rb") as archived:
        reading = _Hashed(archived)
        found = check(
            reading,
            encoding=connection.encoding,
            file_name=file.name,
            vpd=connection.organisation.vpd,
            sub_type=connection.sub_type,
            size=file.size,
            limit=settings.INBOUND_MAX_BYTES,
        )
    # Of one that is too large, only the beginning was read.
    if file.size <= settings.INBOUND_MAX_BYTES and reading.sha256 != file.sha256:
        raise ReceivedBytesGoneError(f"{path} is not what was received: have the file sent again")
    return found


def _keep_header(file: InboundFile, header: Header | None) -> None:
    """The answer repeats the header's two run timestamps, zeros where there are none to repeat."""
    file.previous_run = moments.write_run(header.previous_run if header else None)
    file.this_run = moments.write_run(header.this_run if header else None)


def _sentence(refusal: structure.Refusal) -> str:
    where = f"Line {refusal.line_number}: " if refusal.line_number else ""
    return f"{where}{refusal.message}."


def _settle(file: InboundFile, state: InboundState, code: str, message: str) -> None:
    file.state, file.code, file.message, file.attempts = state, code, fitted(message), 0
    file.save(update_fields=_JUDGED)


def _place_in_sequence(file: InboundFile) -> None:
    """Last + 1 is accepted; a used number is refused (F07), a higher one held (F08) unless it was let through."""
    assert file.number is not None
    with transaction.atomic():
        connection = Connection.objects.select_for_update().get(pk=file.connection_id)
        expected = connection.next_inbound
        if file.number < expected:
            message = f"Number {file.number} was already accepted or passed over; the next is {expected}."
            _settle(file, InboundState.REFUSED, FileCode.NUMBER_USED, message)
        elif _has_namesake(file):
            # The connection's next number was set back below it.
            message = f"Number {file.number} was already accepted."
            _settle(file, InboundState.REFUSED, FileCode.NUMBER_USED, message)
        elif file.number > expected and not _is_let_through(file):
            message = (
                f"Number {expected} is missing: the file waits for it, or for an operator to pass over it."
            )
            _settle(file, InboundState.HELD, FileCode.GAP, message)
        else:
            connection.next_inbound = file.number + 1
            connection.save(update_fields=["next_inbound"])
            _settle(file, InboundState.ACCEPTED, "", "")


def _has_namesake(file: InboundFile) -> bool:
    """Whether another file was accepted under this number."""
    others = InboundFile.objects.filter(connection=file.connection_id, number=file.number).exclude(pk=file.pk)
    return others.filter(kind=InboundKind.COMPLETIONS, state__in=TAKES_NUMBER).exists()


def _is_let_through(file: InboundFile) -> bool:
    """Whether a person released it, or one after it: what is here is not missing, so it is not passed over."""
    released = InboundFile.objects.filter(
        connection=file.connection_id, state=InboundState.HELD, released_at__isnull=False
    )
    return file.released_at is not None or released.filter(number__gt=file.number).exists()


def _grant_full_file(file: InboundFile) -> None:
    with transaction.atomic():
        Connection.objects.filter(pk=file.connection_id).update(
            full_file_wanted=f"Re-seed request {file.name}"[:200]
        )
        file.answered_at = timezone.now()
        _settle(file, InboundState.ANSWERED, "", "")

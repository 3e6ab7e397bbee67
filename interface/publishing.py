"""Files for the partner: rendered once into the archive, then published whole (promises P6 and P7).

A file is *drafted* inside the transaction that writes its ledger row: bytes under a temporary name, flushed, renamed
in the archive. Before the commit a crash leaves at most an archive file that no ledger row names, which the next
draft of that name replaces. After the commit the archive holds the bytes whose hash the row carries, and *publishing*
copies them to Out (temporary name, flush, rename, flush the folder), as often as a crash makes it necessary.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from django.db import transaction
from django.utils import timezone

from interface.folders import Folders, sync_folder
from interface.formats.text import Encoder
from interface.models import Connection, OutboundFile

PART = ".part"

_CONTROLS = bytes([*range(0x20), *range(0x7F, 0xA0)])


class PublishedBytesDifferError(RuntimeError):
    """The archive no longer holds what the ledger says was rendered: somebody changed or lost the file."""


class Draft:
    """A file being rendered: write its lines; leaving the block without an error puts it whole into the archive."""

    def __init__(self, connection: Connection, name: str) -> None:
        self.path = Folders.of(connection).archive_out / name
        self.encoder = Encoder(connection.encoding)
        self.lines = 0
        self.size = 0
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """Of the bytes written so far."""
        return self._hash.hexdigest()

    @property
    def warnings(self) -> dict[str, int]:
        """Characters replaced and values cleaned, where there were any (wire format §1)."""
        counts = {"replaced": self.encoder.replaced, "cleaned": self.encoder.cleaned}
        return {what: count for what, count in counts.items() if count}

    def write(self, line: str) -> None:
        """One line, without its end."""
        self.write_many((line,))

    def write_many(self, lines: Iterable[str]) -> None:
        """Lines, without their ends."""
        lines = list(lines)
        if not lines:
            return
        block = self._encoded(lines)
        self.lines += len(lines)
        self.size += len(block)
        self._hash.update(block)
        self._file.write(block)

    def _encoded(self, lines: Sequence[str]) -> bytes:
        """All at once where nothing has to be replaced, as nearly always."""
        with suppress(UnicodeEncodeError):
            block = ("\n".join(lines) + "\n").encode(self.encoder.encoding)
            # Beyond ASCII a byte of UTF-8 is no character.
            is_plain = self.encoder.encoding != "utf-8" or block.isascii()
            if is_plain and len(block.translate(None, _CONTROLS)) == len(block) - len(lines):
                return block
        return b"".join(map(self.encoder.encode_line, lines))

    def __enter__(self) -> Self:
        """Open under the temporary name."""
        self._part = self.path.with_name(self.path.name + PART)
        self._file: BinaryIO = self._part.open("wb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Flush and rename, or after an error leave nothing."""
        try:
            if kind is None:
                self._file.flush()
                os.fsync(self._file.fileno())
        finally:
            self._file.close()
            if kind is not None:
                self._part.unlink(missing_ok=True)
        if kind is None:
            self._part.replace(self.path)
            sync_folder(self.path.parent)


def publish_pending(connection: Connection) -> list[OutboundFile]:
    """Publish what was rendered and is not yet published, oldest first; call it outside any transaction."""
    pending = OutboundFile.objects.filter(connection=connection, published_at__isnull=True).order_by("id")
    return [file for file in list(pending) if _publish(file)]


def publish(file: OutboundFile) -> None:
    """Put the archived bytes whole into Out under their name. Again: the same bytes under the same name.

    A file that was published before counts as not yet published while this lasts, so that a crash is made good.
    Raises PublishedBytesDifferError where the archive's bytes are not those of the ledger, and OSError where Out
    cannot be written: then nothing is visible to the partner.
    """
    publish_once_more(file)
    _publish(file)


@transaction.atomic
def _publish(file: OutboundFile) -> bool:
    """Whether it was done here: not where another worker has published the file meanwhile.

    One at a time, by the lock on its row: two would write the same temporary file, and one would show the partner what
    the other has just begun.
    """
    locked = OutboundFile.objects.select_for_update(no_key=True).get(pk=file.pk)
    file.published_at = locked.published_at
    if file.published_at is not None:
        return False
    folders = Folders.of(file.connection)
    source, target = folders.archive_out / file.name, folders.outbox / file.name
    part = target.with_name(target.name + PART)
    try:
        _check(source, _copy(source, part), file)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(target.parent)
    _set_published(file, timezone.now())
    return True


def publish_once_more(file: OutboundFile) -> None:
    """The file counts as not yet published: whoever publishes what is pending puts it into Out again.

    Raises PublishedBytesDifferError, and OSError, where the archive does not have its bytes: nothing has changed.
    """
    if file.published_at is None:
        return
    source = Folders.of(file.connection).archive_out / file.name
    with source.open("rb") as reading:
        _check(source, hashlib.file_digest(reading, "sha256").hexdigest(), file)
    _set_published(file, None)


def _check(source: Path, sha256: str, file: OutboundFile) -> None:
    if sha256 != file.sha256:
        raise PublishedBytesDifferError(
            f"{source} is not the file that was rendered: restore it from a backup"
        )


def _set_published(file: OutboundFile, at: datetime | None) -> None:
    file.published_at = at
    file.save(update_fields=["published_at"])


def _copy(source: Path, target: Path) -> str:
    """Copy and flush; the sha256 of the bytes read."""
    digest = hashlib.sha256()
    with source.open("rb") as reading, target.open("wb") as writing:
        while block := reading.read(1 << 20):
            digest.update(block)
            writing.write(block)
        writing.flush()
        os.fsync(writing.fileno())
    shutil.copymode(source, target)
    return digest.hexdigest()

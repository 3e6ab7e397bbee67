"""Receiving: what lies in the In folder is archived by its hash and registered in the ledger, before anything is read.

The In folder is the partner's: a file may be replaced while we read it, and may be delivered again. So the bytes are
copied first, and everything after works on that copy (architecture §4).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

from django.utils import timezone

from interface.folders import Folders, archive_name, sync_folder
from interface.formats import names
from interface.models import Connection, InboundFile, InboundKind
from interface.publishing import PART

# Is told, in a sentence, of a file in In that has to be mended there.
Trouble = Callable[[str], None]

# What partners' tools call a file that is still being written.
UNFINISHED_SUFFIXES = (PART, ".tmp", ".filepart", ".partial")

# File systems give a name 255 bytes; the archive adds a part of the hash to it.
_NAME_BYTES = 200


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file that was found in the In folder. ``is_new``: its bytes were not in the ledger before."""

    file: InboundFile
    name: str
    is_new: bool
    path: Path
    as_read: os.stat_result


def receive(connection: Connection, *, on: date, trouble: Trouble) -> list[Delivery]:
    """Everything in the In folder is archived and registered; deliveries in the order of their names.

    Each is gone from In with ``discard``, once it has been dealt with. One that cannot be opened is left there.
    """
    folders = Folders.of(connection)
    deliveries = []
    for path in lying_in(folders.inbox):
        reading = _opened(path, trouble)
        if reading is not None:
            with reading:
                deliveries.append(_receive_one(connection, path, reading, folders, on))
    return deliveries


def lying_in(inbox: Path) -> list[Path]:
    """The files in In that are whole, by name."""
    return sorted(
        path
        for path in inbox.iterdir()
        if path.is_file()
        and not path.is_symlink()
        and not path.name.startswith(".")
        and not path.name.lower().endswith(UNFINISHED_SUFFIXES)
    )


def _opened(path: Path, trouble: Trouble) -> BinaryIO | None:
    """None where the partner has taken the file away again, or does not let us read it."""
    try:
        return path.open("rb")
    except FileNotFoundError:
        return None
    except PermissionError:
        trouble(f"{_told(path)} cannot be read and was left there: mend its rights, or have it sent again.")
        return None


def _receive_one(
    connection: Connection, path: Path, reading: BinaryIO, folders: Folders, on: date
) -> Delivery:
    name = _storable(path.name)
    before = os.fstat(reading.fileno())
    sha256, size = _archive(reading, name, folders)
    file, is_new = InboundFile.objects.get_or_create(
        connection=connection,
        sha256=sha256,
        defaults={
            "organisation": connection.organisation,
            "kind": kind_of(name),
            "name": name,
            "size": size,
            "received_at": timezone.now(),
            "business_date": on,
        },
    )
    return Delivery(file, name, is_new, path, before)


def discard(delivery: Delivery, *, trouble: Trouble) -> None:
    """What was read is gone from In. If the partner wrote meanwhile, its new file stays for the next run.

    A file that we may not remove stays too: every run will answer it again, and change nothing.
    """
    if not _is_as_read(delivery):
        return
    try:
        delivery.path.unlink(missing_ok=True)
    except PermissionError:
        trouble(f"{_told(delivery.path)} was taken in and cannot be removed: mend the rights of its folder.")
        return
    sync_folder(delivery.path.parent)


def _is_as_read(delivery: Delivery) -> bool:
    before = delivery.as_read
    try:
        after = delivery.path.stat()
    except FileNotFoundError:
        return False
    return (before.st_mtime_ns, before.st_size, before.st_ino) == (
        after.st_mtime_ns,
        after.st_size,
        after.st_ino,
    )


def _archive(reading: BinaryIO, name: str, folders: Folders) -> tuple[str, int]:
    """Copy the bytes whole into the archive; their sha256 and size."""
    part = folders.archive_in / f"receiving{PART}"
    digest, size = hashlib.sha256(), 0
    with part.open("wb") as writing:
        while block := reading.read(1 << 20):
            digest.update(block)
            writing.write(block)
            size += len(block)
        writing.flush()
        os.fsync(writing.fileno())
    part.replace(folders.archive_in / archive_name(name, digest.hexdigest()))
    sync_folder(folders.archive_in)
    return digest.hexdigest(), size


def _storable(name: str) -> str:
    """A file name as text that any database takes: bytes that are no text, and controls, become ``_``."""
    text = os.fsencode(name).decode("utf-8", "replace")
    safe = "".join(c if c.isprintable() and c != "\N{REPLACEMENT CHARACTER}" else "_" for c in text)
    return safe.encode()[:_NAME_BYTES].decode("utf-8", "ignore")


def _told(path: Path) -> str:
    return str(path.with_name(_storable(path.name)))


def kind_of(name: str) -> InboundKind:
    """What a file is by its name: completions, unless the name is that of a re-seed request."""
    parsed = names.parse(name)
    is_reseed = parsed is not None and parsed.kind == InboundKind.RESEED
    return InboundKind.RESEED if is_reseed else InboundKind.COMPLETIONS

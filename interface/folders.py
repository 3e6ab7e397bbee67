"""The folders of a connection: In and Out are the partner's, Archive is ours (commands document).

``<EXCHANGE_ROOT>/<VPD>/<CONNECTION CODE>/In``, ``/Out``, ``/Archive``; in the archive ``in/`` keeps what was read and
``out/`` what was rendered, whether or not it has been published yet.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from interface.models import Connection, InboundFile


@dataclass(frozen=True, slots=True)
class Folders:
    """Where one connection's files lie."""

    root: Path

    @classmethod
    def of(cls, connection: Connection) -> Folders:
        """The folders, made where they are missing."""
        folders = cls(Path(settings.EXCHANGE_ROOT) / connection.organisation.vpd / connection.code)
        for folder in (folders.inbox, folders.outbox, folders.archive_in, folders.archive_out):
            folder.mkdir(parents=True, exist_ok=True)
        return folders

    @property
    def inbox(self) -> Path:
        """What the partner sends us."""
        return self.root / "In"

    @property
    def outbox(self) -> Path:
        """What we send the partner."""
        return self.root / "Out"

    @property
    def archive_in(self) -> Path:
        """Every content that was received, by name and hash."""
        return self.root / "Archive" / "in"

    @property
    def archive_out(self) -> Path:
        """Every file that was rendered."""
        return self.root / "Archive" / "out"

    def archived(self, file: InboundFile) -> Path:
        """Where the bytes of a received file lie."""
        return self.archive_in / archive_name(file.name, file.sha256)


def archive_name(name: str, sha256: str) -> str:
    """Name and start of the hash: the mended file of a refused one comes under the same name."""
    return f"{name}.{sha256[:16]}"


def sync_folder(folder: Path) -> None:
    """Make a rename in this folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

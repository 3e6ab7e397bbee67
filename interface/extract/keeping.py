"""The bytes of GO files that wait: a copy in a private folder, under organisation and hash, until it is decided."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Container
from pathlib import Path
from typing import Final

from django.conf import settings

# A copy without a row is a crash's, or of a load that has not committed yet.
_SETTLES_WITHIN: Final = 24 * 3600


def _folder() -> Path:
    folder = Path(settings.UPLOAD_ROOT) / "held"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def place(organisation: int, sha256: str) -> Path:
    """Where the bytes of this hash lie, if they are kept."""
    return _folder() / f"{organisation}-{sha256}"


def keep(path: Path, organisation: int, sha256: str) -> None:
    """The bytes are there, whole, for the application alone. Kept already: nothing happens."""
    target = place(organisation, sha256)
    if target.exists():
        return
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as copy, path.open("rb") as original:
        shutil.copyfileobj(original, copy)
        copy.flush()
        os.fsync(copy.fileno())
    part.replace(target)


def forget(organisation: int, sha256: str) -> None:
    """Nothing is kept of it."""
    place(organisation, sha256).unlink(missing_ok=True)


def forget_strays(known: Container[str]) -> int:
    """Copies that no row names (``known``: by their file names) are gone, once they are a day old; how many."""
    gone = 0
    for path in _folder().iterdir():
        if path.name not in known and time.time() - path.stat().st_mtime > _SETTLES_WITHIN:
            path.unlink(missing_ok=True)
            gone += 1
    return gone

"""The private folder of uploads: bytes of one account under a random name, readable by nobody but the application."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from django.conf import settings

from interface.progress import Progress

_OURS: Final = re.compile(r"[0-9a-f]{32}(\.[a-z]+)?\Z")


def new_token() -> str:
    """A name that nobody guesses."""
    return secrets.token_hex(16)


def _root() -> Path:
    root = Path(settings.UPLOAD_ROOT)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return root


def place(token: str, part: str = "") -> Path:
    """Where an upload's bytes lie, or a ``part`` that was made of them."""
    return _root() / (f"{token}.{part}" if part else token)


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """The file, empty, for its owner's eyes alone."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w+b") as file:
        yield file


def keep(token: str, blocks: Iterable[bytes]) -> tuple[str, int]:
    """The bytes are kept; their sha256 and size."""
    digest, size = hashlib.sha256(), 0
    with writing(place(token)) as file:
        for block in blocks:
            digest.update(block)
            size += len(block)
            file.write(block)
    return digest.hexdigest(), size


def digest_of(token: str) -> str:
    """The sha256 of what lies there. FileNotFoundError where nothing does."""
    with place(token).open("rb") as reading:
        return hashlib.file_digest(reading, "sha256").hexdigest()


def forget(token: str, *parts: str) -> None:
    """These parts are gone ("" is the upload itself); without any, all that there is of it."""
    paths = [place(token, part) for part in parts] if parts else [place(token), *_root().glob(f"{token}.*")]
    for path in paths:
        path.unlink(missing_ok=True)


def forget_strays(*, older_than: float, known: set[str]) -> int:
    """Files and folders that no upload names any more, older than so many seconds, are gone; how many there were."""
    gone = 0
    for path in _root().iterdir():
        if not _OURS.match(path.name) or path.name[:32] in known:
            continue
        if time.time() - path.stat().st_mtime > older_than:
            if path.is_dir():
                # Of a process that was killed while it made a file.
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
            gone += 1
    return gone


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for what is laid aside while a file is made; gone with all that is in it when the block is left."""
    folder = place(new_token())
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def say_progress(token: str, rows: int, total: int) -> None:
    """So many rows of all are done. Beside the transaction, which shows nothing before it ends."""
    part = place(token, "part")
    with writing(part) as file:
        file.write(f"{rows} {total}".encode())
    part.replace(place(token, "progress"))


def progress(token: str) -> tuple[Progress | None, float | None]:
    """Rows done of all, and seconds since that was said; None where nothing was said yet."""
    path = place(token, "progress")
    try:
        text, at = path.read_text(), path.stat().st_mtime
    except FileNotFoundError:
        return None, None
    return Progress.told(text), max(time.time() - at, 0.0)

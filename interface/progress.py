"""How far long work has come, told beside its transaction, which shows nothing before it ends.

A small file for each run in the private folder of uploads, which all hosts of the queue share. Nobody relies on it:
without one, a page says that the work is under way and no more.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from people.models import NightlyRun

# Done, and all that there is to do.
Tell = Callable[[int, int], None]


class Progress(NamedTuple):
    """So much of all is done; ``total`` is 0 while nobody has counted yet."""

    done: int
    total: int

    @classmethod
    def told(cls, text: str) -> Progress | None:
        """Read from the small file; None where it holds something else."""
        done, _, total = text.partition(" ")
        return cls(int(done), int(total)) if done.isdecimal() and total.isdecimal() else None

    @property
    def percent(self) -> int | None:
        """Whole per cent, or None where the end is not known. 100 only when all is done."""
        return min(self.done * 100 // self.total, 100) if self.total > 0 else None


@contextmanager
def telling(run: NightlyRun) -> Iterator[Tell]:
    """Inside, the run's progress is told by calling what is given; afterwards nothing is left of it."""
    path = _place(run)
    tell = _writer(path)
    tell(0, 0)
    try:
        yield tell
    finally:
        path.unlink(missing_ok=True)


def progress_of(run: NightlyRun | None) -> Progress | None:
    """What the run's worker told last; None before it begins and after it has ended."""
    if run is None:
        return None
    try:
        return Progress.told(_place(run).read_text())
    except FileNotFoundError:
        return None


def is_heard_of(run: NightlyRun | None, *, lately: timedelta) -> bool:
    """Whether the run's worker has told anything lately. One that was killed leaves its last word, which grows old."""
    if run is None:
        return False
    try:
        age = time.time() - _place(run).stat().st_mtime
    except FileNotFoundError:
        return False
    return age < lately.total_seconds()


def forget_strays(*, older_than: timedelta) -> int:
    """Last words of workers that were killed, older than this, are gone; how many there were."""
    gone = 0
    for path in _folder().iterdir():
        if time.time() - path.stat().st_mtime > older_than.total_seconds():
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def counted(tell: Tell, total: int) -> Callable[[int], None]:
    """For work that says how much more is done: adds up, and tells it of all."""
    done = 0

    def further(more: int) -> None:
        nonlocal done
        done += more
        tell(done, total)

    return further


def _folder() -> Path:
    folder = Path(settings.UPLOAD_ROOT) / "progress"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _place(run: NightlyRun) -> Path:
    return _folder() / str(run.pk)


def _writer(path: Path) -> Tell:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")

    def tell(done: int, total: int) -> None:
        part.write_text(f"{done} {total}")
        part.replace(path)

    return tell

"""Attempts: a file that fails whenever it is touched is set aside, so that the night goes on without it (promises P9).

An attempt is counted before it is made: a worker that the file kills can count nothing afterwards.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.db import InterfaceError, OperationalError

from interface.inbound.apply import FileTakenError
from interface.models import InboundFile, InboundState
from interface.models.inbound import TAKES_NUMBER

logger = logging.getLogger(__name__)

# What could not be done to a file in this state.
_UNDONE: Final = {
    InboundState.RECEIVED: "could not be checked",
    InboundState.HELD: "could not be checked",
    InboundState.ACCEPTED: "could not be decided from line {line} on",
    InboundState.APPLIED: "could not be answered",
    InboundState.REFUSED: "could not be answered",
}


def attempt(file: InboundFile, step: Callable[[], None]) -> None:
    """Do one step of a file; where the last of its attempts fails, the file is set aside instead.

    Earlier failures are raised: the run fails, and its next attempt is the file's next. So is whatever is not the
    file's fault (the database is gone, the disk is full), however often it happens.
    """
    before = InboundState(file.state)
    if file.attempts >= settings.FILE_MAX_ATTEMPTS:
        _set_aside(file, before, why="the worker was stopped each time")
        return
    count = file.attempts + 1
    _count(file, count)
    try:
        step()
    except Exception as error:  # the boundary between files: promises P9
        if _is_not_its_fault(error):
            _count(file, count - 1)
            raise
        if count < settings.FILE_MAX_ATTEMPTS:
            raise
        logger.exception("%s of %s is set aside", file.name, file.connection)
        _set_aside(file, before, why=type(error).__name__)


def _is_not_its_fault(error: Exception) -> bool:
    if isinstance(error, FileNotFoundError):
        return False  # its own bytes, or its own answer's, are gone from the archive
    return isinstance(error, OSError | OperationalError | InterfaceError | FileTakenError)


def _count(file: InboundFile, attempts: int) -> None:
    InboundFile.objects.filter(pk=file.pk).update(attempts=attempts)
    file.attempts = attempts


def _set_aside(file: InboundFile, before: InboundState, *, why: str) -> None:
    """Unless somebody else has moved it on. Its number stays taken if it was; the reason names no person."""
    undone = _UNDONE[before].format(line=file.next_line)
    most = settings.FILE_MAX_ATTEMPTS
    times = f"{most} attempts" if most > 1 else "its one attempt"
    file.message = f"It {undone}: {times} failed ({why})."
    number = file.number if before in TAKES_NUMBER else None
    InboundFile.objects.filter(pk=file.pk, state=before).update(
        state=InboundState.QUARANTINED, code="", message=file.message, number=number
    )

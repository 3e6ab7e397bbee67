"""Who acts, from where and by which way: said once where a request, a command or a run begins.

Verbs take ``by=``; everything else about an event is the same for all that happens inside, and comes from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from django.db import models


class Channel(models.TextChoices):
    """By which way something was done."""

    CONSOLE = "console", "Console"
    COMMAND = "command", "Command line"
    RUN = "run", "Run"
    UPLOAD = "upload", "Upload"


@dataclass(frozen=True, slots=True)
class Acting:
    """``by``: the account, command or run; ``key``: which page, command, run or file it is."""

    by: str = ""
    address: str = ""
    channel: str = ""
    key: str = ""
    reason: str = ""


_acting: ContextVar[Acting | None] = ContextVar("acting", default=None)


def current() -> Acting:
    """Who acts now; outside of everything, nobody that is known."""
    return _acting.get() or Acting()


@contextmanager
def acting(
    *,
    by: str | None = None,
    address: str | None = None,
    channel: str | None = None,
    key: str | None = None,
    reason: str | None = None,
) -> Iterator[None]:
    """Inside, events carry these; what is not named stays as it was outside."""
    named = {"by": by, "address": address, "channel": channel, "key": key, "reason": reason}
    token = _acting.set(replace(current(), **{name: one for name, one in named.items() if one is not None}))
    try:
        yield
    finally:
        _acting.reset(token)

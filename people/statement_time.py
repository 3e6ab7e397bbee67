"""How long the database may work at one statement.

Whoever waits for a page gives up at some time, and the database would go on: for them so many seconds, for everything
else (the worker, commands, migrations) as long as it takes. PostgreSQL holds it, statement by statement: what is
fetched or written in pieces may take longer in all (people/postgresql/cursors.py). SQLite knows nothing of the kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from django.db import OperationalError

# PostgreSQL's SQLSTATE of a statement that it was told to give up.
_CANCELED: Final = "57014"
_seconds: ContextVar[int] = ContextVar("seconds_for_a_statement", default=0)


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """Inside, no statement takes longer; 0: none is hurried."""
    before = _seconds.set(seconds)
    try:
        yield
    finally:
        _seconds.reset(before)


def seconds_allowed() -> int:
    """For one statement, as things are; 0: as long as it takes."""
    return _seconds.get()


def took_too_long(error: BaseException) -> bool:
    """Whether this is of a statement that was given up."""
    return isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", None) == _CANCELED

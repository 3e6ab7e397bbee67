"""Cursors that say, with every statement, for which organisations it is, and how long it may take.

The scope of ``people.tenancy`` lives in Python, the policies of row security in the server. What carries it over is the
setting ``cstf.organisations``, always local to one transaction: it ends with it, so that no connection, pooled or kept
open, takes a scope from one request into the next. Outside any scope it is empty, and the policies show nothing.
The time of ``people.statement_time`` goes the same way, as ``statement_timeout``.

Settings travel in front of the statement they are for, in the same message: that costs no round trip. They are sent
again when they have changed, when a transaction begins, and after a rollback, which takes settings back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from typing import Any, Final, NamedTuple, Self
from weakref import WeakKeyDictionary

import psycopg
from psycopg.client_cursor import ClientCursorMixin
from psycopg.pq import PipelineStatus, TransactionStatus

from people.statement_time import seconds_allowed
from people.tenancy import EVERYWHERE, Scope, current_scope

SETTING = "cstf.organisations"
ALL = "*"


class _Told(NamedTuple):
    """What a transaction has been told: its scope, and the seconds for a statement."""

    scope: str
    seconds: int


_NOTHING: Final = _Told("", 0)
# Of each connection. Nothing is known of one that is not here.
_told: WeakKeyDictionary[psycopg.Connection[Any], _Told] = WeakKeyDictionary()


@lru_cache(maxsize=512)
def as_text(scope: Scope | None) -> str:
    """A scope as the policies read it: keys divided by commas, ``*`` for everywhere, nothing for none."""
    if scope is None:
        return ""
    if scope is EVERYWHERE:
        return ALL
    assert isinstance(scope, frozenset)
    return ",".join(str(int(one)) for one in sorted(scope))


def _announcements(connection: psycopg.Connection[Any]) -> list[str]:
    """The statements that have to come before the next one; none where the transaction knows."""
    status = connection.pgconn.transaction_status
    if status == TransactionStatus.INERROR:
        return []
    told = _NOTHING if status == TransactionStatus.IDLE else _told.get(connection)
    wanted = _told[connection] = _Told(as_text(current_scope()), seconds_allowed())
    if told == wanted:
        return []
    statements = []
    if told is None or told.scope != wanted.scope:
        statements.append(f"SET LOCAL {SETTING} = '{wanted.scope}'")
    if told is None or told.seconds != wanted.seconds:
        # What is not hurried by us is left to what the role or the server has been given.
        time = f"= '{wanted.seconds}s'" if wanted.seconds else "TO DEFAULT"
        statements.append(f"SET LOCAL statement_timeout {time}")
    return statements


def _note_rollback(connection: psycopg.Connection[Any], query: Any) -> None:
    """A rollback to a savepoint takes the setting back to what it was there."""
    if isinstance(query, str) and query.lstrip()[:8].upper() == "ROLLBACK":
        _told.pop(connection, None)


@contextmanager
def _announced(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """For what is more than one statement, or no plain one: inside, both hold, in a transaction in any case."""
    alone = connection.autocommit and connection.pgconn.transaction_status == TransactionStatus.IDLE
    announcements = _announcements(connection)
    if not announcements:
        yield
        return
    with connection.transaction() if alone else nullcontext():
        psycopg.ClientCursor(connection).execute("; ".join(announcements))
        yield


class Cursor(psycopg.ClientCursor[Any]):
    """The cursor of every ordinary statement."""

    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> Self:
        connection = self.connection
        announcements = _announcements(connection)
        if not announcements:
            super().execute(query, params, **kwargs)
        elif connection.pgconn.pipeline_status != PipelineStatus.OFF:
            for announcement in announcements:
                # By a cursor of its own: what it answers may come in at any time, and is not what was asked here.
                psycopg.ClientCursor(connection).execute(announcement)
            super().execute(query, params, **kwargs)
        else:
            super().execute("; ".join([*announcements, self.mogrify(query, params)]), **kwargs)
            for _ in announcements:
                self.nextset()
        _note_rollback(connection, query)
        return self

    def executemany(self, query: Any, params_seq: Iterable[Any], *, returning: bool = False) -> None:
        with _announced(self.connection):
            super().executemany(query, params_seq, returning=returning)

    def stream(self, query: Any, params: Any = None, **kwargs: Any) -> Iterator[Any]:
        with _announced(self.connection):
            yield from super().stream(query, params, **kwargs)

    @contextmanager
    def copy(self, statement: Any, params: Any = None, **kwargs: Any) -> Iterator[psycopg.Copy]:
        with _announced(self.connection), super().copy(statement, params, **kwargs) as copy:
            yield copy


class ServerSideCursor(ClientCursorMixin["psycopg.Connection[Any]", Any], psycopg.ServerCursor[Any]):
    """The cursor of ``iterator()``: a named one in the server, which runs under the scope of its declaration."""

    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> Self:
        with _announced(self.connection):
            super().execute(query, params, **kwargs)
        return self

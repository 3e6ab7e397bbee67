"""Cursors that say, with every statement, for which organisations it is: what the policies of row security ask.

The scope of ``people.tenancy`` lives in Python, the policies in the server. What carries it over is the setting
``cstf.organisations``, always local to one transaction: it ends with it, so that no connection, pooled or kept open,
takes a scope from one request into the next. Outside any scope it is empty, and the policies show nothing.

The setting travels in front of the statement it is for, in the same message: that costs no round trip. It is sent
again when the scope has changed, when a transaction begins, and after a rollback, which takes settings back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from typing import Any, Self
from weakref import WeakKeyDictionary

import psycopg
from psycopg.client_cursor import ClientCursorMixin
from psycopg.pq import PipelineStatus, TransactionStatus

from people.tenancy import EVERYWHERE, Scope, current_scope

SETTING = "cstf.organisations"
ALL = "*"

# What the transaction of each connection has been told. Nothing is known of a connection that is not here.
_told: WeakKeyDictionary[psycopg.Connection[Any], str] = WeakKeyDictionary()


@lru_cache(maxsize=512)
def as_text(scope: Scope | None) -> str:
    """A scope as the policies read it: keys divided by commas, ``*`` for everywhere, nothing for none."""
    if scope is None:
        return ""
    if scope is EVERYWHERE:
        return ALL
    assert isinstance(scope, frozenset)
    return ",".join(str(int(one)) for one in sorted(scope))


def _announcement(connection: psycopg.Connection[Any]) -> str | None:
    """The statement that has to come before the next one; None where the transaction knows the scope."""
    status = connection.pgconn.transaction_status
    if status == TransactionStatus.INERROR:
        return None
    if status == TransactionStatus.IDLE:
        _told[connection] = ""
    wanted = as_text(current_scope())
    if _told.get(connection) == wanted:
        return None
    _told[connection] = wanted
    return f"SET LOCAL {SETTING} = '{wanted}'"


def _note_rollback(connection: psycopg.Connection[Any], query: Any) -> None:
    """A rollback to a savepoint takes the setting back to what it was there."""
    if isinstance(query, str) and query.lstrip()[:8].upper() == "ROLLBACK":
        _told.pop(connection, None)


@contextmanager
def _announced(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """For what is more than one statement, or no plain one: inside, the scope holds, in a transaction in any case."""
    alone = connection.autocommit and connection.pgconn.transaction_status == TransactionStatus.IDLE
    announcement = _announcement(connection)
    if announcement is None:
        yield
        return
    with connection.transaction() if alone else nullcontext():
        psycopg.ClientCursor(connection).execute(announcement)
        yield


class Cursor(psycopg.ClientCursor[Any]):
    """The cursor of every ordinary statement."""

    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> Self:
        connection = self.connection
        announcement = _announcement(connection)
        if announcement is None:
            super().execute(query, params, **kwargs)
        elif connection.pgconn.pipeline_status != PipelineStatus.OFF:
            super().execute(announcement)
            super().execute(query, params, **kwargs)
        else:
            super().execute(f"{announcement}; {self.mogrify(query, params)}", **kwargs)
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

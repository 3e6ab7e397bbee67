"""What only the owner of the tables may do, on whichever database this installation has."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from django.db import DEFAULT_DB_ALIAS, connections

from people.postgresql.base import DatabaseWrapper


def as_owner(using: str = DEFAULT_DB_ALIAS) -> AbstractContextManager[None]:
    """Inside, the connection may change tables: on PostgreSQL it is the owner's, on SQLite every one may."""
    connection = connections[using]
    return connection.as_owner() if isinstance(connection, DatabaseWrapper) else nullcontext()

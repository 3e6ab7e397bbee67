"""``ENGINE = "people.postgresql"``: two roles, and every statement under the scope in force.

The application works as a role that owns no table (DATABASE_URL). What changes tables (``migrate``, making a test
database) is done ``as_owner``, in a connection of its own as the role of DATABASE_OWNER_URL.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from django.utils.functional import cached_property

from people.postgresql.cursors import ALL, SETTING, Cursor, ServerSideCursor


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, with cursors that announce the scope."""

    is_owner = False

    @cached_property
    def application_role(self) -> str:
        """The role in which the application works."""
        with self.cursor() as cursor:
            cursor.execute("SELECT current_user")
            return str(cursor.fetchone()[0])

    def get_connection_params(self) -> dict[str, Any]:
        """The owner's cursors, and those to no database, are Django's own: some of their statements stand alone."""
        params = super().get_connection_params()
        if not self._is_administrative:
            params["cursor_factory"] = Cursor
        return params

    def init_connection_state(self) -> None:
        """A role's or a database's own default for the setting counts for nothing; the owner sees everything."""
        super().init_connection_state()
        scope = ALL if self.is_owner else ""
        # Compiling a statement, as the server does with those it takes for long, takes longer than ours take.
        psycopg.ClientCursor(self.connection).execute(f"SET {SETTING} = '{scope}'; SET jit = off")
        if not self.connection.autocommit:
            self.connection.commit()

    def create_cursor(self, name: str | None = None) -> Any:
        """A named cursor is the one of ``iterator()``."""
        if name is None or self._is_administrative:
            return super().create_cursor(name)
        return ServerSideCursor(self.connection, name, scrollable=False, withhold=self.connection.autocommit)

    @property
    def _is_administrative(self) -> bool:
        return self.is_owner or self.alias == NO_DB_ALIAS

    @contextmanager
    def _nodb_cursor(self) -> Iterator[Any]:
        """Databases are made and dropped by the owner."""
        owner = type(self)({**self.settings_dict, **self.owner_settings}, alias=self.alias)
        with super(DatabaseWrapper, owner)._nodb_cursor() as cursor:
            yield cursor

    @property
    def owner_settings(self) -> dict[str, Any]:
        """Where the owner logs in, as settings of a connection; empty where it is the role of DATABASE_URL."""
        return self.settings_dict.get("OWNER") or {}

    @contextmanager
    def as_owner(self) -> Iterator[None]:
        """Inside, this connection is the owner's, and sees every organisation. Not inside a transaction."""
        if self.is_owner:
            yield
            return
        self.validate_no_atomic_block()
        _ = self.application_role
        application = {key: self.settings_dict[key] for key in self.owner_settings}
        self._reconnect(self.owner_settings, is_owner=True)
        try:
            yield
        finally:
            self._reconnect(application, is_owner=False)

    def _reconnect(self, settings: dict[str, Any], *, is_owner: bool) -> None:
        """The next statement opens a connection with these settings."""
        self.close()
        self.settings_dict.update(settings)
        self.is_owner = is_owner

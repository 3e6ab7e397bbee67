"""Verbs on a connection itself."""

from __future__ import annotations

from interface.models import Connection


def want_full_file(connection: Connection, *, by: str) -> None:
    """The connection's next outbound file will be a full one."""
    connection.full_file_wanted = f"asked for by {by}"[:200]
    connection.save(update_fields=["full_file_wanted"])

"""Verbs on a connection itself."""

from __future__ import annotations

from django.db import transaction

from interface.models import Connection
from people.audit.actions import record


def want_full_file(connection: Connection, *, by: str) -> None:
    """The connection's next outbound file will be a full one."""
    before = connection.full_file_wanted
    connection.full_file_wanted = f"asked for by {by}"[:200]
    with transaction.atomic():
        connection.save(update_fields=["full_file_wanted"])
        record(
            verb="full file asked for",
            about=connection,
            before={"full_file_wanted": before},
            after={"full_file_wanted": connection.full_file_wanted},
            by=by,
        )

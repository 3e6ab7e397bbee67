"""``manage.py migrate``: Django's, done by the owner of the tables, and ended by securing them."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from people.postgresql.base import DatabaseWrapper
from people.postgresql.owner import as_owner
from people.rowsecurity import secure


class Command(migrate.Command):
    help = f"{migrate.Command.help} On PostgreSQL it does so as the role of DATABASE_OWNER_URL."

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        with as_owner(connection.alias):
            super().handle(*args, **options)
            if isinstance(connection, DatabaseWrapper) and not (
                options["plan"] or options["check_unapplied"]
            ):
                secure(connection)

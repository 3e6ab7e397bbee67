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

    def execute(self, *args: Any, **options: Any) -> Any:
        """The checks too are the owner's: whether it may give away the matching's function is one of them."""
        with as_owner(options["database"]):
            return super().execute(*args, **options)

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        connection = connections[options["database"]]
        if isinstance(connection, DatabaseWrapper) and not (options["plan"] or options["check_unapplied"]):
            secure(connection)

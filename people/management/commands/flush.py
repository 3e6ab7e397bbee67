"""``manage.py flush``: Django's, done by the owner of the tables; nobody else may empty them."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import flush

from people.postgresql.owner import as_owner


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        with as_owner(options["database"]):
            super().handle(**options)

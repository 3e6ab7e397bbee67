"""For an account whose person at the provider has changed: a new tenant, a marriage of two directories."""

from __future__ import annotations

import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from login.events import account_named
from login.single_sign_on.accounts import disconnect


class Command(BaseCommand):
    help = (
        "Forgets which person at a provider an account is; the next log-in from there connects anew, by name."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        user = account_named(options["username"])
        if user is None:
            raise CommandError(f"There is no account {options['username']!r}.")
        count = disconnect(user=user, by=getpass.getuser())
        self.stdout.write(f"{user.get_username()}: {count} connections removed.")

"""For somebody who lost the telephone, the key and the recovery codes: the second factor is set up anew."""

from __future__ import annotations

import getpass
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from login.actions import reset_second_factor


class Command(BaseCommand):
    help = "Removes an account's second factor and ends its sessions; the next log-in sets up a new one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username__iexact=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no account {options['username']!r}.")
        count = reset_second_factor(user=user, by=getpass.getuser())
        self.stdout.write(
            f"{user.get_username()}: {count} factors removed; the next log-in sets up a new one."
        )

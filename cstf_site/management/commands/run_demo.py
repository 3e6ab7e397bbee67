"""`make run`: from an empty folder to a working demo, and from a full one to the same demo again."""

import os
import socket
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cstf_site.children import run_together
from cstf_site.demo.accounts import ACCOUNTS, ensure_accounts

HOST = "127.0.0.1"
LOGIN = "admin"
PASSWORD = "cstf-demo"  # noqa: S105  (a demo's, on this machine alone; printed at every start)


class Command(BaseCommand):
    help = "Builds the demo, runs one whole exchange, then serves the console and the worker until Ctrl-C."
    # The database does not exist yet at the first start.
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", default=os.environ.get("PORT", "8000"), help="default: PORT, or 8000")
        parser.add_argument("--prepare-only", action="store_true", help="build the demo, serve nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("run_demo makes a login that everybody knows: it runs with DEBUG=on alone.")
        port = _port(options["port"])
        self._prepare()
        if not options["prepare_only"]:
            self._serve(port)

    def _prepare(self) -> None:
        call_command("migrate", verbosity=0, interactive=False, stdout=self.stdout)
        for step in ("demo", "exchange", "schedules"):
            call_command(step, stdout=self.stdout)
        ensure_accounts(password=PASSWORD, by=ensure_login())

    def _serve(self, port: int) -> None:
        python = sys.executable
        web = [python, "-m", "gunicorn", "cstf_site.wsgi", "--bind", f"{HOST}:{port}"]
        commands = {
            "web console": [
                *web,
                "--workers",
                "1",
                "--threads",
                "4",
                "--log-level",
                "warning",
                "--no-control-socket",
            ],
            "worker": [python, "manage.py", "qcluster"],
        }
        self._as_an_installation()
        os.environ["LOG_LEVEL"] = os.environ.get("LOG_LEVEL") or "WARNING"
        # The demo's people are invented; REQUIRE_MFA=on shows what a real installation asks for.
        os.environ["REQUIRE_MFA"] = os.environ.get("REQUIRE_MFA") or "off"
        os.chdir(settings.BASE_DIR)
        ended = run_together(commands, ready=lambda: _answers(port), announce=lambda: self._announce(port))
        self.stdout.write("Stopped.")
        if ended:
            raise CommandError(f"The {ended} ended by itself; see above.")

    def _as_an_installation(self) -> None:
        """Served as everywhere: what goes wrong is told on the console's own pages, not on Django's for developers."""
        os.environ["SECRET_KEY"] = settings.SECRET_KEY
        os.environ["DEBUG"], os.environ["HTTPS"] = "off", os.environ.get("HTTPS") or "off"
        collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
        subprocess.run(collect, check=True, cwd=settings.BASE_DIR)

    def _announce(self, port: int) -> None:
        self.stdout.write(f"\nConsole   http://{HOST}:{port}/\nLog-in    {LOGIN} / {PASSWORD}")
        self.stdout.write("As one of the roles, with the same password:")
        for account in ACCOUNTS:
            self.stdout.write(f"  {account.username:<11} {account.held}")
        self.stdout.write("The worker runs beside it. Ctrl-C stops both.\n")
        self.stdout.flush()


def ensure_login() -> User:
    """The demo's administrator exists; a password changed since is left as it is."""
    found = User.objects.filter(username=LOGIN).first()
    return found or User.objects.create_superuser(username=LOGIN, password=PASSWORD)


def _port(value: str) -> int:
    """A port that is free now: said before minutes of work, not after."""
    if not (value.isascii() and value.isdecimal() and len(value) <= 5 and 0 < int(value) < 65536):
        raise CommandError(f"PORT must be a whole number from 1 to 65535, not {value!r}.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(value)))
        except OSError as problem:
            why = problem.strerror.lower() if problem.strerror else "unusable"
            raise CommandError(f"PORT {value}: {why}. Choose another: make run PORT=8001") from problem
    return int(value)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((HOST, port)) == 0

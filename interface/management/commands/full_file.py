"""``manage.py full_file``: publish the whole population to an organisation's partners now."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from interface.folders import Folders
from interface.management.arguments import business_date
from interface.models import Connection
from interface.nightly import connections_to_exchange
from interface.outbound.actions import NotLiveError, Sending, send_full_file
from interface.publishing import PublishedBytesDifferError
from interface.report import console_for
from people.dates import london_today
from people.tenancy import everywhere, within

BY = "command line"
REASON = "asked for by an operator"


@dataclass
class Published:
    """What came of one connection's full file; ``refused`` says why there is none."""

    connection: str
    name: str = ""
    path: str = ""
    records: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    warnings: dict[str, int] = field(default_factory=dict)
    refused: str = ""

    def __str__(self) -> str:
        counts = ", ".join(f"{count:,} {record_type}" for record_type, count in self.counts.items())
        warnings = "".join(f"; {what} {count:,}" for what, count in self.warnings.items())
        return f"{self.connection}: {self.name}, {self.records:,} records ({counts}){warnings}\n  {self.path}"


class Command(BaseCommand):
    help = "Publishes a full file now: everybody in scope, from which the next night's difference starts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--vpd", required=True, help="the organisation, e.g. 277")
        parser.add_argument("--connection", metavar="CODE", help="only the connection of this code")
        parser.add_argument(
            "--date",
            type=business_date,
            metavar="YYYY-MM-DD",
            help="the business date (default: London's today)",
        )
        parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        with everywhere("the connections of one organisation are looked up by its VPD"):
            connections = list(connections_to_exchange(vpd=options["vpd"], code=options["connection"]))
        if not connections:
            named = f" with code {options['connection']}" if options["connection"] else ""
            raise CommandError(f"There is no connection of VPD {options['vpd']}{named}.")
        console = console_for(self.stdout._out)
        on = options["date"] or london_today()
        quiet = options["json"] or not console.is_terminal
        done = [_one(connection, on, console, quiet=quiet) for connection in connections]
        if options["json"]:
            self.stdout.write(json.dumps({"date": on.isoformat(), "files": [asdict(one) for one in done]}))
        else:
            for one in done:
                if one.name:
                    self.stdout.write(str(one))
        if refused := [f"{one.connection}: {one.refused}" for one in done if one.refused]:
            raise CommandError("\n".join(refused))


def _one(connection: Connection, on: date, console: Console, *, quiet: bool) -> Published:
    """One connection's file; the next connection has its own even where this one has none."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with (
        within(connection.organisation_id),
        Progress(*columns, console=console, transient=True, disable=quiet) as bar,
    ):
        task = bar.add_task(str(connection), total=None)

        def draw(rows: int) -> None:
            bar.advance(task, rows)
            bar.update(task, description=f"{connection}: {bar.tasks[task].completed:,.0f} records written")

        try:
            sending = send_full_file(connection, on=on, by=BY, reason=REASON, progress=draw)
        except (NotLiveError, PublishedBytesDifferError) as reason:
            return Published(str(connection), refused=str(reason))
        except OSError as problem:
            return Published(
                str(connection), refused=f"{problem.filename}: {problem.strerror}. Run it again."
            )
        return _published(connection, sending)


def _published(connection: Connection, sending: Sending) -> Published:
    file, hold = sending.file, sending.hold
    if file is None:
        assert hold is not None
        return Published(
            str(connection),
            refused=(
                f"Held for a person's yes: of {hold.population:,} people the partner holds, "
                f"{hold.changed:,} would be changed and {hold.deleted:,} deleted."
            ),
        )
    path = str(Folders.of(connection).outbox / file.name)
    return Published(str(connection), file.name, path, file.records, file.counts, file.warnings)

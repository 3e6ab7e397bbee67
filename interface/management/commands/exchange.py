"""``manage.py exchange``: one night now, for every connection or for some."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

from interface.management.arguments import business_date
from interface.models import Connection
from interface.nightly import Progress, connections_to_exchange, exchange
from interface.report import ConnectionReport, as_json, console_for, plain, show
from people.dates import london_today
from people.runs import RunNotClaimedError, end_dead_runs
from people.tenancy import everywhere

logger = logging.getLogger(__name__)
BY = "command line"
STEPS = {"in": "lines decided", "out": "records compared"}


class Command(BaseCommand):
    help = (
        "Exchanges files now: collects, decides, answers, sends what changed. May be run again at any time. "
        "Exits with 1, and a line for each cause on stderr, where a connection's exchange failed, a file was set "
        "aside, or a file in In cannot be read; all else was done. Refused and held files are no failure: the "
        "summary has them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--vpd", help="only this organisation's connections")
        parser.add_argument("--connection", metavar="CODE", help="only the connection of this code")
        parser.add_argument(
            "--date",
            type=business_date,
            metavar="YYYY-MM-DD",
            help="the business date (default: London's today)",
        )
        parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        with everywhere("the operator's exchange may serve every connection"):
            end_dead_runs()
            connections = list(connections_to_exchange(vpd=options["vpd"], code=options["connection"]))
        if not connections:
            raise CommandError(_none_found(options["vpd"], options["connection"]))
        console = console_for(self.stdout._out)
        on = options["date"] or london_today()
        with Bar(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal or options["json"],
        ) as bar:
            reports = [_one(connection, on, _drawing(bar, connection)) for connection in connections]
        with everywhere("the report names every connection"):
            if options["json"]:
                self.stdout.write(as_json(reports))
            else:
                show(reports, console)
        undone = [
            f"{report.connection}: {plain(cause)}" for report in reports for cause in report.left_undone
        ]
        if undone:
            raise CommandError("\n".join(undone))


def _none_found(vpd: str | None, code: str | None) -> str:
    named = " ".join([f"of VPD {vpd}"] * bool(vpd) + [f"with code {code}"] * bool(code))
    return f"There is no connection {named}".rstrip() + ": see `manage.py load_setup --help`."


def _one(connection: Connection, on: date, progress: Progress) -> ConnectionReport:
    """One connection's report; its failure is written down, so that the others have their night."""
    try:
        return exchange(connection, on=on, by=BY, by_hand=True, progress=progress)
    except RunNotClaimedError as reason:
        return ConnectionReport(str(connection), on, "skipped", error=f"{reason}. Nothing was done.")
    except Exception as error:  # the boundary between connections: promises P9
        logger.exception("The exchange of %s failed", connection)
        return ConnectionReport(str(connection), on, "failed", error=f"{type(error).__name__}: {error}")


def _drawing(bar: Bar, connection: Connection) -> Progress:
    task = bar.add_task(str(connection), total=None)
    counts: dict[str, int] = {}

    def draw(step: str, done: int) -> None:
        counts[step] = counts.get(step, 0) + done
        shown = ", ".join(f"{count:,} {STEPS[one]}" for one, count in counts.items())
        bar.update(task, description=f"{connection}: {shown}")

    return draw

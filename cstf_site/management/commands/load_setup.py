"""`manage.py load_setup DIR`: an installation's reference data from CSV files."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from cstf_site.setup import Progress, SetupReport, load_setup

SHOWN_PROBLEMS = 100


class Command(BaseCommand):
    help = (
        "Loads organisations.csv, competences.csv, connections.csv, mappings.csv and requirements.csv, those "
        "that are there: all rows, or none where one is wrong. Loading the same files again changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="the folder that holds the files")
        parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        if not folder.is_dir():
            raise CommandError(f"{folder} is not a folder.")
        try:
            with _progress_bar() as progress:
                report = load_setup(folder, by="command line", progress=progress)
        except OSError as problem:
            raise CommandError(f"{problem}.") from problem
        if report.problems:
            raise CommandError(_refusal(report))
        self.stdout.write(_as_json(report) if options["json"] else _in_words(report))


@contextmanager
def _progress_bar() -> Iterator[Progress]:
    """On a terminal alone, and on stderr: stdout belongs to what the command answers."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Bar(
        *columns, TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("", total=None)
        yield lambda file, done, total: bar.update(task, description=file, completed=done, total=total)


def _refusal(report: SetupReport) -> str:
    sentences = report.sentences()
    more = len(sentences) - SHOWN_PROBLEMS
    tail = [f"… and {more} more"] if more > 0 else []
    return "\n".join([*sentences[:SHOWN_PROBLEMS], *tail, "Nothing was loaded."])


def _as_json(report: SetupReport) -> str:
    return json.dumps(
        {
            loaded.file: {"added": loaded.added, "changed": loaded.changed, "unchanged": loaded.unchanged}
            for loaded in report.loaded
        }
    )


def _in_words(report: SetupReport) -> str:
    return "\n".join(
        f"{one.file:<18} {one.added:>5} added {one.changed:>5} changed {one.unchanged:>5} unchanged"
        for one in report.loaded
    )

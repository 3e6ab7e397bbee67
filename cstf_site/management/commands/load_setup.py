"""`manage.py load_setup DIR`: an installation's reference data from CSV files."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cstf_site.setup import SetupReport, load_setup

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
            report = load_setup(folder, by="command line")
        except OSError as problem:
            raise CommandError(f"{problem}.") from problem
        if report.problems:
            raise CommandError(_refusal(report))
        self.stdout.write(_as_json(report) if options["json"] else _in_words(report))


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

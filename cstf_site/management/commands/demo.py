"""`manage.py demo`: two invented organisations with their people, and their LMSs' first files waiting in In."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cstf_site.demo.build import DemoReport, load_demo
from people.dates import london_today


class Command(BaseCommand):
    help = (
        "Loads the demo: organisations 901 and 902, their invented people, competences and mappings, and puts "
        "files from their LMSs into the In folders. Loading it again duplicates nothing and changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = settings.VAR / "demo"
        try:
            report = load_demo(by="demo", on=london_today(), folder=folder)
        except (OSError, ValueError) as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(_as_json(report) if options["json"] else _in_words(report))


def _as_json(report: DemoReport) -> str:
    files = [str(path) for path in report.files]
    return json.dumps({"setup": report.setup, "people": report.people, "files": files})


def _in_words(report: DemoReport) -> str:
    lines = [f"VPD {vpd}: {count} invented people loaded" for vpd, count in report.people.items()]
    lines += [f"Waiting in In: {path.name}" for path in report.files]
    return "\n".join(lines) or "The demo is loaded already."

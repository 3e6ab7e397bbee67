"""`manage.py check_file FILE`: for LMS suppliers, who have a file and no installation around it."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from interface.formats.text import ENCODINGS
from interface.lint import Finding, findings
from interface.report import plain


class Command(BaseCommand):
    help = (
        "Validates an inbound completions file, or a re-seed request, against the format alone: every "
        "problem with its line, column and code. Needs no database. Whether persons and competences are "
        "known is not looked at."
    )
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, metavar="FILE", help="the file, under the name it is sent with"
        )
        parser.add_argument(
            "--encoding", choices=ENCODINGS, default=ENCODINGS[0], help="default: %(default)s"
        )
        parser.add_argument("--json", action="store_true", help="print the findings as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"{path} is not a file.")
        found = findings(path, encoding=options["encoding"], limit=settings.INBOUND_MAX_BYTES)
        try:
            count = self._print_json(path, found) if options["json"] else self._print(path, found)
        except OSError as problem:
            raise CommandError(f"{problem}.") from problem
        if count:
            sys.exit(1)

    def _print(self, path: Path, found: Iterator[Finding]) -> int:
        count = 0
        for finding in found:
            count += 1
            place = f"line {finding.line}" if finding.line else "file"
            column = f", {finding.column}" if finding.column else ""
            self.stdout.write(f"{place}{column}: {finding.code} {plain(finding.text)}")
        if count:
            self.stderr.write(f"{plain(path.name)}: {count:,} problem{'s' if count > 1 else ''}")
        else:
            self.stdout.write(f"{plain(path.name)}: no problem found")
        return count

    def _print_json(self, path: Path, found: Iterator[Finding]) -> int:
        """Written piece by piece: a hostile file may have a problem on each of millions of lines."""
        count = 0
        self.stdout.write(f'{{"file": {json.dumps(path.name)}, "problems": [', ending="")
        for count, finding in enumerate(found, start=1):
            row = {"line": finding.line, "column": finding.column, "code": finding.code, "text": finding.text}
            self.stdout.write((", " if count > 1 else "") + json.dumps(row), ending="")
        self.stdout.write(f'], "count": {count}}}')
        return count

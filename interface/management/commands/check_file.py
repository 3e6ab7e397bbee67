"""`manage.py check_file FILE`: for LMS suppliers, who have a file and no installation around it."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from interface.formats import lint, names, structure
from interface.formats.lint import Problem
from interface.formats.text import ENCODINGS
from interface.report import console_for, plain


class _Watched:
    """A file that tells how many of its bytes have been read."""

    def __init__(self, file: BinaryIO, progress: Callable[[int], None]) -> None:
        self._file, self._progress = file, progress

    def read(self, size: int, /) -> bytes:
        block = self._file.read(size)
        self._progress(len(block))
        return block


def problems(path: Path, *, encoding: str, limit: int, progress: Callable[[int], None]) -> Iterator[Problem]:
    """What is wrong with a completions file or, by its name, a re-seed request; sizes are in bytes."""
    size = path.stat().st_size
    if size > limit:
        yield Problem(None, "", "F10", f"the file has {size} bytes, more than the limit of {limit}")
    name = names.parse(path.name)
    with path.open("rb") as file:
        if name is None or name.kind != "GDR":
            yield from lint.problems(_Watched(file, progress), encoding=encoding, file_name=path.name)
            return
        found = structure.check_reseed(
            file,
            encoding=encoding,
            file_name=path.name,
            vpd=name.vpd,
            sub_type=name.sub_type,
            size=size,
            limit=max(size, limit),
        )
    if isinstance(found, structure.Refusal):
        yield Problem(found.line_number, "", found.code, found.message)


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
        console = console_for(self.stdout._out)
        with Bar(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=options["json"] or not console.is_terminal,
        ) as bar:
            task = bar.add_task(plain(path.name), total=path.stat().st_size)
            found = problems(
                path,
                encoding=options["encoding"],
                limit=settings.INBOUND_MAX_BYTES,
                progress=lambda size: bar.advance(task, size),
            )
            try:
                count = self._print_json(path, found) if options["json"] else self._print(found, bar)
            except OSError as problem:
                raise CommandError(f"{problem}.") from problem
        if not options["json"]:
            self._conclude(path, count)
        if count:
            sys.exit(1)

    def _print(self, found: Iterator[Problem], bar: Bar) -> int:
        count = 0
        for finding in found:
            count += 1
            place = f"line {finding.line_number}" if finding.line_number else "file"
            column = f", {finding.column}" if finding.column else ""
            # Above the bar, where there is one.
            told = f"{place}{column}: {finding.code} {plain(finding.text)}"
            bar.console.print(told, markup=False, soft_wrap=True)
        return count

    def _conclude(self, path: Path, count: int) -> None:
        if count:
            self.stderr.write(f"{plain(path.name)}: {count:,} problem{'s' if count > 1 else ''}")
        else:
            self.stdout.write(f"{plain(path.name)}: no problem found")

    def _print_json(self, path: Path, found: Iterator[Problem]) -> int:
        """Written piece by piece: a hostile file may have a problem on each of millions of lines."""
        count = 0
        self.stdout.write(f'{{"file": {json.dumps(path.name)}, "problems": [', ending="")
        for count, finding in enumerate(found, start=1):
            row = {
                "line": finding.line_number,
                "column": finding.column,
                "code": finding.code,
                "text": finding.text,
            }
            self.stdout.write((", " if count > 1 else "") + json.dumps(row), ending="")
        self.stdout.write(f'], "count": {count}}}')
        return count

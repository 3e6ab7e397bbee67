"""`manage.py read_go FILE…`: an organisation's people, assignments, competences and elements from GO files."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from interface.extract.actions import Progress as Tell
from interface.extract.actions import load_extract
from interface.extract.report import ExtractHeldError, ExtractRefusedError, ExtractReport, Outcome
from interface.formats.text import ENCODINGS
from interface.report import plain

# On a terminal a person reads; --json has every line.
_SHOWN_LINES = 20


class Command(BaseCommand):
    help = (
        "Loads GO files: every organisation is the one that the file's header names. A file is loaded as a "
        "whole or not at all; lines that cannot be loaded are listed and left out. Loading it again changes "
        "nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="GO files, in their order")
        parser.add_argument(
            "--encoding", choices=ENCODINGS, default=ENCODINGS[0], help="default: %(default)s"
        )
        parser.add_argument(
            "--accept-mass-change",
            action="store_true",
            help="load a file also where it changes or deletes so many people that it looks like an accident",
        )
        parser.add_argument(
            "--reason", default="", help="why a mass change is accepted: it stands in the audit"
        )
        parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        reports: list[ExtractReport] = []
        refused: list[tuple[Path, ExtractRefusedError]] = []
        for path in options["files"]:
            try:
                reports.append(_load(path, options))
            except ExtractRefusedError as refusal:
                refused.append((path, refusal))
            else:
                if not options["json"]:
                    self.stdout.write(_in_words(reports[-1]))
        if options["json"]:
            self.stdout.write(_as_json(reports, refused))
        if refused:
            sentences = [
                f"{plain(str(path))}: {plain(str(refusal))}. Nothing of it was loaded."
                for path, refusal in refused
            ]
            raise CommandError("\n".join(sentences))


def _load(path: Path, options: dict[str, Any]) -> ExtractReport:
    with progress_bar(path.name) as progress:
        return load_extract(
            path,
            by="command line",
            encoding=options["encoding"],
            accept_mass_change=options["accept_mass_change"],
            reason=options["reason"],
            progress=progress,
        )


@contextmanager
def progress_bar(name: str) -> Iterator[Tell | None]:
    """On a terminal alone, and on stderr: stdout belongs to what the command answers."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(plain(name), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _in_words(report: ExtractReport) -> str:
    lines = [
        f"{plain(report.file)}: {report.vpd} {report.organisation}, {report.lines:,} records",
        *_counts(report),
        *(f"  note: {finding} ({count:,} times)" for finding, count in sorted(report.findings.items())),
    ]
    if report.rejected:
        lines += [f"  {report.rejected:,} rejected lines:", *_rejections(report)]
    return "\n".join(lines)


def _counts(report: ExtractReport) -> Iterator[str]:
    """A table without the columns that are empty throughout."""
    used = [outcome for outcome in Outcome if report.total(outcome)]
    if used:
        yield "  " + " " * 5 + "".join(f"{outcome.value:>11}" for outcome in used)
    for record_type, counts in sorted(report.counts.items()):
        cells = "".join(f"{counts[outcome]:>11,}" if counts[outcome] else " " * 11 for outcome in used)
        yield f"  {record_type:<5}{cells}".rstrip()


def _rejections(report: ExtractReport) -> Iterator[str]:
    """Reason by reason, in the order of their first lines, with the first of their line numbers."""
    for fault, numbers in sorted(report.faults.items(), key=lambda item: item[1][0]):
        column = f"{fault.column}: " if fault.column and not fault.reason.startswith(fault.column) else ""
        shown = ", ".join(str(number) for number in numbers[:_SHOWN_LINES])
        more = len(numbers) - _SHOWN_LINES
        tail = f" and {more:,} more (--json lists all)" if more > 0 else ""
        word = "line" if len(numbers) == 1 else "lines"
        yield f"    {word} {shown}{tail}: {fault.record_type}: {column}{fault.reason}"


def _as_json(reports: list[ExtractReport], refused: list[tuple[Path, ExtractRefusedError]]) -> str:
    return json.dumps(
        {
            "loaded": [report.as_json() for report in reports],
            "refused": [_refusal(path, refusal) for path, refusal in refused],
        }
    )


def _refusal(path: Path, refusal: ExtractRefusedError) -> dict[str, Any]:
    held = {"held": refusal.key} if isinstance(refusal, ExtractHeldError) else {}
    return {"file": str(path), "reason": str(refusal), **held}

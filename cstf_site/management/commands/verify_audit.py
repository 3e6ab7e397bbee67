"""`manage.py verify_audit`: reads the audit chains again and tells where one is not as it was written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

from people.audit.verification import ChainReport, End, verify
from people.models import Organisation
from people.models.audit import INSTALLATION
from people.tenancy import everywhere


class Command(BaseCommand):
    help = (
        "Reads every audit event again and checks it against its hash and its place in its organisation's chain. "
        "Names the first event of each chain that was changed, is missing or was put in, and ends with 1 then. "
        "Keep what --json prints outside the database, and give it to a later run with --known: a chain that was "
        "rewritten as a whole is found by that alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--vpd", help="this organisation's chain alone")
        parser.add_argument(
            "--known", type=Path, metavar="FILE", help="what an earlier run printed with --json"
        )
        parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        with everywhere("every organisation's chain has its name"):
            names = {organisation.pk: organisation.vpd for organisation in Organisation.objects.all()}
        chosen = _chosen(names, options["vpd"])
        known = _known(options["known"], names) if options["known"] else {}
        reports = _verified(chosen, known)
        if options["json"]:
            self.stdout.write(json.dumps([_as_json(report, names) for report in reports]))
        else:
            self.stdout.write("\n".join(_in_words(report, names) for report in reports) or "No events yet.")
        faults = [f"{_name(one, names)}: {one.fault.text}" for one in reports if one.fault]
        if faults:
            raise CommandError("\n".join(faults))


def _chosen(names: dict[int, str], vpd: str | None) -> list[int] | None:
    if vpd is None:
        return None
    chosen = [key for key, one in names.items() if one == vpd]
    if not chosen:
        raise CommandError(f"VPD {vpd[:10]!a} is no organisation here.")
    return chosen


def _known(file: Path, names: dict[int, str]) -> dict[int, End]:
    """The ends of chains as an earlier run printed them."""
    keys = {vpd: key for key, vpd in names.items()} | {"": INSTALLATION}
    try:
        noted = json.loads(file.read_text("utf-8"))
        return {keys[one["vpd"]]: End(int(one["events"]), str(one["hash"])) for one in noted if one["sound"]}
    except OSError as problem:
        raise CommandError(f"{problem}.") from problem
    except (ValueError, KeyError, TypeError) as problem:
        raise CommandError(f"{file} is not what verify_audit --json prints.") from problem


def _verified(chosen: list[int] | None, known: dict[int, End]) -> list[ChainReport]:
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.completed:,} events"), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        return list(
            verify(organisation_ids=chosen, known=known, progress=lambda events: bar.advance(task, events))
        )


def _name(report: ChainReport, names: dict[int, str]) -> str:
    if report.organisation_id == INSTALLATION:
        return "Installation"
    return f"VPD {names.get(report.organisation_id, f'with key {report.organisation_id}')}"


def _in_words(report: ChainReport, names: dict[int, str]) -> str:
    state = "broken" if report.fault else "sound"
    blanked = f", {report.blanked} of them blanked" if report.blanked else ""
    return f"{_name(report, names)}: {report.events} events{blanked}, {state}"


def _as_json(report: ChainReport, names: dict[int, str]) -> dict[str, Any]:
    fault = report.fault
    return {
        "vpd": names.get(report.organisation_id, ""),
        "events": report.events,
        "blanked": report.blanked,
        "hash": report.end.chain_hash,
        "sound": fault is None,
        "fault": {"event": fault.sequence, "kind": fault.kind, "text": fault.text} if fault else None,
    }

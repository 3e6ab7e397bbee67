"""``manage.py held_loads``: GO files that wait for a person, and a person's yes or no to one of them."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from interface.extract import tasks
from interface.extract.guard import reasons
from interface.extract.holding import HoldDecidedError, accept_hold, dismiss_hold
from interface.extract.kinds import kinds
from interface.management.commands.read_go import progress_bar
from interface.models import ExtractHold, HoldState
from interface.report import plain
from people.tenancy import everywhere, within

BY = "command line"


class Command(BaseCommand):
    help = (
        "Lists the GO files that were held because they would change or delete too many people, and those that "
        "wait behind them; or loads or dismisses one of them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        decision = parser.add_mutually_exclusive_group()
        decision.add_argument("--accept", type=int, metavar="N", help="load held load N as it is, now")
        decision.add_argument("--dismiss", type=int, metavar="N", help="never load held load N")
        parser.add_argument("--reason", default="", help="why: it stands in the audit")
        parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        key = options["dismiss"] if options["accept"] is None else options["accept"]
        if key is None:
            self._list(as_json=options["json"])
            return
        if not options["reason"].strip():
            raise CommandError("Say why, with --reason.", returncode=2)
        with everywhere("a held load is named by its key"):
            hold = ExtractHold.objects.select_related("organisation").filter(pk=key).first()
        if hold is None:
            raise CommandError(f"There is no held load {key}.")
        try:
            self._accept(hold, options) if options["dismiss"] is None else self._dismiss(hold, options)
        except HoldDecidedError as refused:
            raise CommandError(plain(str(refused))) from refused

    def _list(self, *, as_json: bool) -> None:
        with everywhere("the held loads of every organisation are listed"):
            open_holds = ExtractHold.objects.filter(settled_at__isnull=True).select_related("organisation")
            rows = [_row(hold) for hold in open_holds.order_by("organisation__vpd", "extracted_at", "pk")]
        if as_json:
            self.stdout.write(json.dumps({"held": rows}))
            return
        for row in rows:
            why = "; ".join(row["reasons"]) or "nothing is known of it before its turn"
            self.stdout.write(
                plain(f"{row['id']}: {row['vpd']} {row['file']}, {row['state'].lower()}: {why}")
            )
            for told in row["would_do"]:
                self.stdout.write(f"   {told}")
        if not rows:
            self.stdout.write("Nothing is held.")

    def _accept(self, hold: ExtractHold, options: dict[str, Any]) -> None:
        # One that was accepted and then interrupted is carried out.
        if hold.state != HoldState.LOADING:
            with within(hold.organisation):
                accept_hold(hold, by=BY, reason=options["reason"])
        with progress_bar(hold.file_name) as bar:
            told = tasks.load_accepted(hold.pk, watch=bar)
        self._settled(hold, HoldState.LOADED, told, options)

    def _dismiss(self, hold: ExtractHold, options: dict[str, Any]) -> None:
        with within(hold.organisation):
            dismiss_hold(hold, by=BY, reason=options["reason"])
        tasks.try_next(hold.organisation.vpd)
        self._settled(hold, HoldState.DISMISSED, f"{hold.file_name}: dismissed", options)

    def _settled(self, hold: ExtractHold, wanted: str, told: str, options: dict[str, Any]) -> None:
        with within(hold.organisation):
            hold.refresh_from_db()
        if hold.state != wanted:
            raise CommandError(plain(told))
        self.stdout.write(json.dumps({"held": [], "done": _row(hold)}) if options["json"] else plain(told))


def _row(hold: ExtractHold) -> dict[str, Any]:
    return {
        "id": hold.pk,
        "vpd": hold.organisation.vpd,
        "file": hold.file_name,
        "sha256": hold.sha256,
        "extracted_at": hold.extracted_at.isoformat(),
        "state": hold.get_state_display(),
        "population": hold.population,
        "changed": hold.changed,
        "deleted": hold.deleted,
        "added": hold.added,
        "would_do": [str(kind) for kind in kinds(hold.counts)],
        "reasons": reasons(hold.population, changed=hold.changed, deleted=hold.deleted),
    }

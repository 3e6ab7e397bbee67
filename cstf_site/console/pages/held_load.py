"""A load of the staff record that is held back (promises P12): what it would do, and a person's yes or no."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from cstf_site.console.in_background import foreseen
from cstf_site.console.mass import shares
from cstf_site.console.of_rows import OfExtractHold
from cstf_site.console.page import address, console_page
from interface.background import SILENT, latest
from interface.extract import tasks
from interface.extract.holding import HoldDecidedError, accept_hold, dismiss_hold
from interface.extract.report import Outcome
from interface.extract_admin import STATE_TONES
from interface.models import ExtractHold, ForeseenChange, HoldState
from interface.progress import is_heard_of, progress_of
from people.tenancy import within

RELEASE: Final = "interface.release_extracthold"
# Of the first two letters of a record type, in the order in which people think of them.
KINDS: Final = {
    "PR": "Persons", "AS": "Assignments", "PO": "Positions", "OR": "Organisation units", "CD": "Competences",
    "CM": "Competency elements",
}  # fmt: skip
COLUMNS: Final = (
    (Outcome.ADDED,), (Outcome.AMENDED,), (Outcome.REMOVED,), (Outcome.UNCHANGED, Outcome.OURS),
    (Outcome.STALE, Outcome.NOT_HELD, Outcome.SKIPPED, Outcome.REJECTED),
)  # fmt: skip


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label="Why", max_length=200, help_text="It stands in the audit.")


@console_page(
    name="held_load", path="exchange/held-load/<int:extracthold>/", title="A load held back",
    permission="interface.view_extracthold",
)  # fmt: skip
class HeldLoadView(OfExtractHold):
    """What the file came to when it was tried; of people whom the user may see, a sample before and after."""

    template_name = "console/held_load.html"
    in_one_transaction = False
    form: ReasonForm | None = None

    def title(self) -> str:
        return f"Held back: {self.hold.file_name}"

    def crumbs(self) -> list[tuple[str, str]]:
        return [("Held loads", reverse("admin:interface_extracthold_changelist"))]

    def content(self) -> dict[str, Any]:
        hold = self.hold
        return {
            "hold": hold,
            "tone": STATE_TONES.get(hold.state, "calm"),
            "shares": shares(hold.population, changed=hold.changed, gone=hold.deleted),
            "standing": list(_standing(hold.standing)),
            "kinds": kinds(hold.counts),
            "touched": hold.changed + hold.deleted,
            "form": self.form or ReasonForm(),
            "may_release": self.request.user.has_perm(RELEASE, hold),
            **(self._progress() if hold.state == HoldState.LOADING else {}),
            # While it is loaded, nothing is written down of a look at it: where there is one writer, that would wait.
            **(self._people() if hold.state == HoldState.WAITING else {}),
        }

    def _progress(self) -> dict[str, Any]:
        """Of a load that was accepted: how far it is, or that nobody is at it."""
        hold = self.hold
        # The run ledger is not for everybody who decides here; how far their load is, is.
        with within(hold.organisation):
            run = latest(tasks.JOB, subject=str(hold.pk), organisation=hold.organisation_id)
        has_failed = run is not None and run.state == "failed"
        assert hold.decided_at is not None, "a person said yes"
        is_silent = timezone.now() - hold.decided_at > SILENT and not is_heard_of(run, lately=SILENT)
        return {
            "run": run,
            "progress": progress_of(run),
            "is_running": not has_failed,
            "is_stuck": has_failed or is_silent,
        }

    def _people(self) -> dict[str, Any]:
        """Names are personal data; counts are not."""
        if not self.request.user.has_perm("people.view_person", self.hold):
            return {"may_see_people": False}
        told = ForeseenChange.objects.filter(hold=self.hold.pk)
        return {"may_see_people": True, **foreseen(self.request, told)}

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """A person's yes or no, with its reason; or a load that was interrupted, started again."""
        hold, asked = self.hold, request.POST.get("do")
        if not request.user.has_perm(RELEASE, hold):
            raise PermissionDenied
        if asked == "again":
            tasks.load_soon(hold)
            return self._here()
        self.form = ReasonForm(request.POST)
        if not self.form.is_valid():
            return self.get(request, **kwargs)
        said = {"by": request.user.get_username(), "reason": self.form.cleaned_data["reason"]}
        try:
            with within(hold.organisation):
                self._decide(hold, dismissed=asked == "dismiss", **said)
        except HoldDecidedError as refused:
            messages.error(request, str(refused))
        return self._here()

    def _decide(self, hold: ExtractHold, *, dismissed: bool, by: str, reason: str) -> None:
        if dismissed:
            dismiss_hold(hold, by=by, reason=reason)
            tasks.load_next_soon(hold)
            messages.success(self.request, "It was dismissed. Nothing of it was loaded.")
            return
        accept_hold(hold, by=by, reason=reason)
        tasks.load_soon(hold)
        hold.refresh_from_db()
        if hold.state == HoldState.LOADED:
            messages.success(self.request, "It was loaded as it is.")

    def _here(self) -> HttpResponse:
        return redirect(address("held_load", extracthold=self.hold.pk))


def kinds(counts: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    """Lines by what they are about and what would become of them, in the order of ``COLUMNS``."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for record_type, outcomes in counts.items():
        for outcome, count in outcomes.items() if isinstance(outcomes, dict) else ():
            found[KINDS.get(record_type[:2], "Others")][outcome] += count
    return [
        {"name": name, "counts": [sum(found[name][one] for one in column) for column in COLUMNS]}
        for name in (*KINDS.values(), "Others")
        if name in found
    ]


def _standing(standing: Mapping[str, list[int]]) -> Iterable[tuple[str, int, int, str]]:
    """What the record holds before and after, and by how much that differs."""
    for what, pair in standing.items():
        if isinstance(pair, list):
            before, after = pair
            yield what, before, after, f"{after - before:+,}" if after != before else "–"

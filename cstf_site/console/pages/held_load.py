"""A load of the staff record that is held back (promises P12): what it would do, and a person's yes or no."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from cstf_site.console.held import HeldView
from cstf_site.console.in_background import foreseen
from cstf_site.console.of_rows import InPath
from cstf_site.console.page import console_page
from interface.background import SILENT, latest
from interface.extract import tasks
from interface.extract.holding import accept_hold, dismiss_hold
from interface.extract.kinds import OUTCOMES, kinds
from interface.extract_admin import STATE_TONES
from interface.models import ExtractHold, ForeseenChange, HoldState
from interface.progress import is_heard_of, progress_of
from people.tenancy import within


@console_page(
    name="held_load", path="exchange/held-load/<int:extracthold>/", title="A load held back",
    permission="interface.view_extracthold",
)  # fmt: skip
class HeldLoadView(HeldView[ExtractHold]):
    """What the file came to when it was tried; of people whom the user may see, a sample before and after."""

    template_name = "console/held_load.html"
    in_one_transaction = False
    release = "interface.release_extracthold"
    hold = InPath(ExtractHold, beside="organisation")

    def title(self) -> str:
        return f"Held back: {self.hold.file_name}"

    def content(self) -> dict[str, Any]:
        hold = self.hold
        return {
            **super().content(),
            "tone": STATE_TONES.get(hold.state, "calm"),
            "standing": list(_standing(hold.standing)),
            "kinds": kinds(hold.counts),
            "outcomes": list(OUTCOMES),
            "touched": hold.changed + hold.deleted,
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
        if not self.may_see_people:
            return {"may_see_people": False}
        told = ForeseenChange.objects.filter(hold=self.hold.pk)
        return {"may_see_people": True, **foreseen(self.request, told)}

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """A person's yes or no, with its reason; or a load that was interrupted, started again."""
        if request.POST.get("do") != "again":
            return super().post(request, **kwargs)
        if not self.may_release:
            raise PermissionDenied
        tasks.load_soon(self.hold)
        return self.here()

    def decide(self, *, by: str, reason: str) -> None:
        hold = self.hold
        if self.request.POST.get("do") == "dismiss":
            dismiss_hold(hold, by=by, reason=reason)
            tasks.load_next_soon(hold)
            messages.success(self.request, "It was dismissed. Nothing of it was loaded.")
            return
        accept_hold(hold, by=by, reason=reason)
        tasks.load_soon(hold)
        hold.refresh_from_db()
        if hold.state == HoldState.LOADED:
            messages.success(self.request, "It was loaded as it is.")


def _standing(standing: Mapping[str, list[int]]) -> Iterable[tuple[str, int, int, str]]:
    """What the record holds before and after, and by how much that differs."""
    for what, pair in standing.items():
        if isinstance(pair, list):
            before, after = pair
            yield what, before, after, f"{after - before:+,}" if after != before else "–"

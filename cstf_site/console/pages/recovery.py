"""One inbound file: what applying it would do, and taking back what it did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from cstf_site.console.in_background import asked_at, back_to, foreseen
from cstf_site.console.of_rows import PER_PAGE, InPath
from cstf_site.console.page import ConsoleView, address, console_page
from cstf_site.console.reason import ReasonForm
from interface.background import PREVIEW, ask_for_preview, latest, previews_slowly, progress_of
from interface.decision.codes import MEANING
from interface.models import ForeseenChange, InboundFile, InboundState
from interface.questions.changes import PersonChange, people_and_changes
from interface.questions.dependants import MOST_SHOWN, Dependant, dependants
from interface.recovery.actions import UndoRefusedError, preview, undo
from people.audit.watching import note_views
from people.dates import london_today
from people.names import names_of
from people.tenancy import within

WHY_UNDONE: Final = "Why the file is to be undone"


class OfFile(ConsoleView):
    """A page under the file's own."""

    file = InPath(InboundFile, beside="connection__organisation")

    def crumbs(self) -> list[tuple[str, str]]:
        files = reverse("admin:interface_inboundfile_changelist")
        return [("Inbound files", files), (self.file.name, self._of_file())]

    def _of_file(self) -> str:
        return address("inbound_file", inboundfile=self.file.pk)

    def number(self) -> int:
        """Of the page of people that was asked for."""
        asked = self.request.GET.get("page", "")
        return max(int(asked), 1) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 1


@console_page(
    name="preview_file", path="inbound/<int:inboundfile>/preview/", title="What the file would do",
    permission="interface.preview_inboundfile",
)  # fmt: skip
class PreviewView(OfFile):
    """Decided as at night, and nothing kept: totals by code, and the people whose record would change."""

    template_name = "console/preview_file.html"
    # A look at how far it is must not wait for the one writer of a small database.
    in_one_transaction = False

    def content(self) -> dict[str, Any]:
        number, file = self.number(), self.file
        if previews_slowly(file):
            return self._from_the_queue()
        try:
            with within(file.connection.organisation):
                offset = (number - 1) * PER_PAGE
                seen = preview(file.connection, file=file, on=london_today(), offset=offset, limit=PER_PAGE)
        except OSError:
            return {"file": file, "unreadable": True}
        named = _named(file, seen.people, self.request.user)
        return {
            "file": file,
            "seen": seen,
            "people": named,
            "counts": _counts(seen.counts),
            "number": number,
            "before": number - 1,
            "after": number + 1 if number * PER_PAGE < seen.people_changed else 0,
        }

    def _from_the_queue(self) -> dict[str, Any]:
        """What the queue found when it was last asked, with people before and after as far as they are kept."""
        file = self.file
        run = latest(PREVIEW, subject=str(file.pk), organisation=file.organisation_id)
        content = {"file": file, "is_slow": True, **progress_of(run, asked_at=asked_at(self.request))}
        if run is None or not content["is_done"]:
            return content
        return {
            **content,
            "seen": run.summary,
            "counts": _counts(run.summary["counts"]),
            **foreseen(self.request, ForeseenChange.objects.filter(file=file)),
        }

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Has the queue look ahead at a large file."""
        here = address("preview_file", inboundfile=self.file.pk)
        if not previews_slowly(self.file):
            return redirect(here)
        ask_for_preview(self.file, on=london_today())
        return back_to(here)


def _named(file: InboundFile, changes: list[PersonChange], user: Any) -> list[tuple[str, PersonChange]]:
    """Each with the person's name, which is a look at their record."""
    persons = [change.person for change in changes]
    note_views(persons, user)
    with within(file.connection.organisation):
        names = names_of(persons, on=london_today())
    return [(names[change.person.pk], change) for change in changes]


def _counts(counts: Mapping[str, int]) -> list[tuple[str, str, int]]:
    return [(code, MEANING.get(code, ""), count) for code, count in sorted(counts.items())]


@console_page(
    name="undo_file", path="inbound/<int:inboundfile>/undo/", title="Undo the file",
    permission="interface.undo_inboundfile",
)  # fmt: skip
class UndoView(OfFile):
    """What the file changed, what stands in the way of taking it back, and the button that does."""

    template_name = "console/undo_file.html"
    in_one_transaction = False
    form: ReasonForm | None = None

    def content(self) -> dict[str, Any]:
        number, file = self.number(), self.file
        with within(file.connection.organisation):
            offset = (number - 1) * PER_PAGE
            changed, people = people_and_changes(file, offset=offset, limit=PER_PAGE)
            in_the_way = dependants(file) if file.added is not None else []
        named = _named(file, people, self.request.user)
        return {
            "file": file,
            "form": self.form or ReasonForm(why=WHY_UNDONE),
            "undone": getattr(file, "undo", None),
            "in_the_way": in_the_way,
            "is_more": len(in_the_way) == MOST_SHOWN,
            "later": self._later(in_the_way),
            "people_changed": changed,
            "people": named,
            "number": number,
            "before": number - 1,
            "after": number + 1 if number * PER_PAGE < changed else 0,
        }

    def _later(self, in_the_way: list[Dependant]) -> list[tuple[str, str]]:
        """The files that stand in the way, the latest first, each with where it is undone."""
        names = {one.file for one in in_the_way}
        files = InboundFile.objects.filter(organisation=self.file.organisation_id, name__in=names)
        files = files.exclude(state__in=(InboundState.REFUSED, InboundState.HELD))
        return [(one.name, address("undo_file", inboundfile=one.pk)) for one in files.order_by("-pk")]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Takes the file back, or says what stands in the way."""
        self.form = ReasonForm(request.POST, why=WHY_UNDONE)
        if not self.form.is_valid():
            return self.get(request, **kwargs)
        try:
            with within(self.file.connection.organisation):
                made = undo(
                    self.file, by=request.user.get_username(), reason=self.form.cleaned_data["reason"]
                )
        except UndoRefusedError as refused:
            self.form.add_error(None, str(refused))
            return self.get(request, **kwargs)
        text = f"{self.file.name} was undone: {made.withdrawn} elements withdrawn, {made.restored} restored."
        messages.success(request, f"{text} The LMS is told in the next changes file.")
        return redirect(self._of_file())

"""One inbound file: what applying it would do, and taking back what it did."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from cstf_site.console.of_rows import PER_PAGE, OfInboundFile
from cstf_site.console.page import address, console_page
from interface.decision.codes import MEANING
from interface.questions.changes import changes_of, people_changed
from interface.questions.dependants import dependants
from interface.recovery.actions import UndoRefusedError, preview, undo
from people.audit.watching import note_views
from people.dates import london_today
from people.tenancy import within


class OfFile(OfInboundFile):
    """A page under the file's own."""

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

    def content(self) -> dict[str, Any]:
        number, file = self.number(), self.file
        try:
            with within(file.connection.organisation):
                offset = (number - 1) * PER_PAGE
                seen = preview(file.connection, file=file, on=london_today(), offset=offset, limit=PER_PAGE)
        except OSError:
            return {"file": file, "unreadable": True}
        note_views([change.person for change in seen.people], self.request.user)
        return {
            "file": file,
            "seen": seen,
            "counts": [(code, MEANING.get(code, ""), count) for code, count in sorted(seen.counts.items())],
            "number": number,
            "before": number - 1,
            "after": number + 1 if number * PER_PAGE < seen.people_changed else 0,
        }


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label="Why the file is to be undone", max_length=200)


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
            changed = people_changed(file)
            people = changes_of(file, offset=(number - 1) * PER_PAGE, limit=PER_PAGE)
            in_the_way = dependants(file) if file.added is not None else []
        note_views([change.person for change in people], self.request.user)
        return {
            "file": file,
            "form": self.form or ReasonForm(),
            "undone": getattr(file, "undo", None),
            "in_the_way": in_the_way,
            "people_changed": changed,
            "people": people,
            "number": number,
            "before": number - 1,
            "after": number + 1 if number * PER_PAGE < changed else 0,
        }

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Takes the file back, or says what stands in the way."""
        self.form = ReasonForm(request.POST)
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

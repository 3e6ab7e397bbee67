"""A list taken away as a file, as it is shown: its columns, its rows as they were narrowed, searched and ordered."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from typing import IO, Any, Final

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst, slugify

from cstf_site.console.exporting import make_soon
from cstf_site.console.groups import Group
from cstf_site.console.listed import (
    Listed,
    NarrowedWronglyError,
    NotOfferedError,
    list_of,
    offered,
    without,
)
from cstf_site.console.narrowing import for_the_audit, in_words
from cstf_site.console.page import ConsoleView, address, console_page
from cstf_site.console.pages.downloads import KINDS
from interface.by_hand import kept_exports
from interface.by_hand.downloads import NothingToTakeError, TooManyRowsError
from interface.by_hand.exports import counted, export_list
from interface.by_hand.list_columns import columns_of
from interface.by_hand.sheets.row import Kind
from interface.by_hand.sheets.writing import CONTENT_TYPES
from people.console_admin import EXPORT
from people.tenancy import narrowed_to

# Stands in the address beside what narrows the list.
LIST_VAR: Final = "list"
_TOO_MANY: Final = (
    "One file has {:,} rows at most: narrow the list by its filters or a search, then export it."
)
_NOTHING: Final = "The list, as it is narrowed, shows no row that you may take away."
_RECENT: Final = 20


class ExportForm(forms.Form):
    """As which kind of file."""

    kind = forms.ChoiceField(label="As", choices=KINDS, widget=forms.RadioSelect, initial=Kind.XLSX.value)


@console_page(
    name="export_list", path="lists/export/", title="Exports", permission=EXPORT, group=Group.PEOPLE, order=61,
)  # fmt: skip
class ExportView(ConsoleView):
    """With ``?list=`` and the list's own parameters: what would be in the file, and the file."""

    template_name = "console/export.html"
    form: ExportForm | None = None

    @cached_property
    def listed(self) -> Listed | None:
        """Which one; one that the user may not take away is not there."""
        label = self.request.GET.get(LIST_VAR)
        if label is None:
            return None
        try:
            return list_of(self.request, label, narrowed=self._narrowed())
        except NotOfferedError as refusal:
            raise Http404(str(refusal)) from None
        except NarrowedWronglyError as refusal:
            raise BadRequest(str(refusal)) from None

    def _narrowed(self) -> Any:
        return without(self.request.GET, LIST_VAR)

    def title(self) -> str:
        return f"Export {self.listed.name}" if self.listed else self.page.title

    def crumbs(self) -> list[tuple[str, str]]:
        if self.listed is None:
            return []
        url = list_address(self.listed.label, self._narrowed().urlencode())
        return [(str(capfirst(self.listed.name)), url)]

    def content(self) -> dict[str, Any]:
        listed = self.listed
        if listed is None:
            mine = kept_exports.exports_of(self.request.user)
            kept_exports.end_stopped(mine)
            return {
                "offered": offered(self.request),
                "variable": LIST_VAR,
                "recent": mine[:_RECENT],
                "hours": settings.UPLOAD_KEEP_HOURS,
            }
        count, most, columns = self._count(listed), settings.EXPORT_MAX_ROWS, columns_of(listed.changelist)
        return {
            "listed": listed,
            "form": self.form or ExportForm(),
            "list_address": list_address(listed.label, self._narrowed().urlencode()),
            "facts": [
                ("Rows", f"more than {most:,}" if count > most else f"{count:,}"),
                ("Narrowed by", in_words(listed.changelist) or "nothing: it is the whole list"),
                ("Columns", ", ".join(column.header for column in columns)),
            ],
            "refusal": _TOO_MANY.format(most) if count > most else "" if count else _NOTHING,
            "is_long": _is_long(count),
            "hours": settings.UPLOAD_KEEP_HOURS,
            "is_left_out": listed.seen != listed.taken,
        }

    def _count(self, listed: Listed) -> int:
        with narrowed_to(listed.taken):
            return counted(listed.rows())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """The file, or of a long list the page that shows how far it is; or the page again, which says why neither."""
        listed = self.listed
        if listed is None:
            raise Http404("Which list is to be taken away is not said.")
        self.form = form = ExportForm(request.POST)
        if not form.is_valid():
            return self.get(request, **kwargs)
        kind, count = Kind(form.cleaned_data["kind"]), self._count(listed)
        if _is_long(count):
            return self._in_background(listed, kind, count)
        try:
            file = _written(listed, kind)
        except (NothingToTakeError, TooManyRowsError):
            return self.get(request, **kwargs)
        return as_file(file, listed.name, kind)

    def _in_background(self, listed: Listed, kind: Kind, count: int) -> HttpResponseBase:
        try:
            export = kept_exports.ask(
                listed=listed.label,
                narrowed=self._narrowed().urlencode(),
                kind=kind,
                rows=count,
                by=self.request.user,
            )
        except kept_exports.TooManyExportsError as refusal:
            text = f"{refusal.args[0]} of your exports are being made already: wait for one of them, or discard it."
            messages.error(self.request, text)
            return redirect(address("export_list"))
        make_soon(export)
        return redirect(address("export", export=export.pk))


def _is_long(count: int) -> bool:
    """Whether so many rows take longer than a page may."""
    return settings.EXPORT_BACKGROUND_ROWS < count <= settings.EXPORT_MAX_ROWS


def list_address(label: str, narrowed: str) -> str:
    """Of the list itself, narrowed as it is taken away."""
    url = reverse(f"admin:{label.replace('.', '_')}_changelist")
    return f"{url}?{narrowed}" if narrowed else url


def as_file(file: IO[bytes], name: str, kind: Kind) -> FileResponse:
    """The answer, which closes the file when it has been sent."""
    return FileResponse(
        file, as_attachment=True, filename=f"{slugify(name)}.{kind}", content_type=CONTENT_TYPES[kind]
    )


def _written(listed: Listed, kind: Kind) -> IO[bytes]:
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile())
        with narrowed_to(listed.taken):
            columns, told = columns_of(listed.changelist), for_the_audit(listed.changelist)
            export_list(listed.rows(), columns, narrowed=told, kind=kind, file=file)
        stack.pop_all()
    file.seek(0)
    return file

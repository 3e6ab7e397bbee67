"""A list taken away as a file, as it is shown: its columns, its rows as they were narrowed, searched and ordered."""

from __future__ import annotations

import copy
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO, Any, Final

from django import forms
from django.conf import settings
from django.contrib.admin import site
from django.contrib.admin.options import IS_FACETS_VAR, IncorrectLookupParameters
from django.contrib.admin.views.main import ALL_VAR, ChangeList
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst, slugify

from cstf_site.console.narrowing import for_the_audit, in_words
from cstf_site.console.page import ConsoleView, console_page
from cstf_site.console.pages.downloads import KINDS
from interface.by_hand.downloads import NothingToTakeError, TooManyRowsError
from interface.by_hand.exports import counted, export_list
from interface.by_hand.list_columns import columns_of
from interface.by_hand.sheets.row import Kind
from interface.by_hand.sheets.writing import CONTENT_TYPES
from people.console_admin import EXPORT, ConsoleAdmin
from people.lists import whole
from people.scoped_admin import of_organisations
from people.tenancy import Scope, narrowed_to

# Stands in the address beside what narrows the list.
LIST_VAR: Final = "list"
_TOO_MANY: Final = (
    "One file has {:,} rows at most: narrow the list by its filters or a search, then export it."
)
_NOTHING: Final = "The list, as it is narrowed, shows no row that you may take away."
# Whoever asks for more rows is told that it takes a while.
_LONG: Final = 20_000


class ExportForm(forms.Form):
    """As which kind of file."""

    kind = forms.ChoiceField(label="As", choices=KINDS, widget=forms.RadioSelect, initial=Kind.XLSX.value)


@dataclass(frozen=True, slots=True)
class Listed:
    """A list as its page shows it to somebody, and the organisations of which they may take its rows away."""

    changelist: ChangeList
    seen: Scope
    taken: Scope

    @property
    def name(self) -> str:
        return str(self.changelist.opts.verbose_name_plural)

    def rows(self) -> QuerySet[Any]:
        """Of all its pages. To be read within ``narrowed_to(taken)``, which holds what names no organisation, too."""
        return of_organisations(self.changelist.queryset, self.taken)


def offered(request: HttpRequest) -> list[ConsoleAdmin]:
    """The lists that this user may take away, by their names."""
    pages = [page for page in site._registry.values() if isinstance(page, ConsoleAdmin)]
    theirs = [page for page in pages if page.organisations(request, "view", "export")]
    return sorted(theirs, key=lambda page: str(page.opts.verbose_name_plural))


@console_page(name="export_list", path="lists/export/", title="Export a list", permission=EXPORT)
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
        page = next((one for one in offered(self.request) if one.opts.label_lower == label), None)
        if page is None:
            raise Http404("There is no such list, or it is not yours to take away.")
        seen, taken = (page.organisations(self.request, *verbs) for verbs in (["view"], ["view", "export"]))
        return Listed(self._changelist(page), seen, taken)

    def _changelist(self, page: ConsoleAdmin) -> ChangeList:
        asked = copy.copy(self.request)
        asked.GET = self._narrowed()
        try:
            with whole():
                changelist = page.get_changelist_instance(asked)
        except IncorrectLookupParameters:
            raise BadRequest("The list was asked for with a filter that it lacks.") from None
        if any(getattr(spec, "is_wrong", False) for spec in changelist.filter_specs):
            raise BadRequest("The list was asked for with a date that is none.")
        return changelist

    def _narrowed(self) -> Any:
        """What the list is narrowed and ordered by."""
        given = self.request.GET.copy()
        for name in (LIST_VAR, IS_FACETS_VAR, ALL_VAR):
            given.pop(name, None)
        return given

    def title(self) -> str:
        return f"Export {self.listed.name}" if self.listed else self.page.title

    def crumbs(self) -> list[tuple[str, str]]:
        return [(str(capfirst(self.listed.name)), self._list_address(self.listed))] if self.listed else []

    def _list_address(self, listed: Listed) -> str:
        opts, narrowed = listed.changelist.opts, self._narrowed().urlencode()
        address = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
        return f"{address}?{narrowed}" if narrowed else address

    def content(self) -> dict[str, Any]:
        listed = self.listed
        if listed is None:
            return {"offered": offered(self.request), "variable": LIST_VAR}
        with narrowed_to(listed.taken):
            count = counted(listed.rows())
        most, columns = settings.EXPORT_MAX_ROWS, columns_of(listed.changelist)
        return {
            "listed": listed,
            "form": self.form or ExportForm(),
            "list_address": self._list_address(listed),
            "facts": [
                ("Rows", f"more than {most:,}" if count > most else f"{count:,}"),
                ("Narrowed by", in_words(listed.changelist) or "nothing: it is the whole list"),
                ("Columns", ", ".join(column.header for column in columns)),
            ],
            "refusal": _TOO_MANY.format(most) if count > most else "" if count else _NOTHING,
            "is_long": count > _LONG,
            "is_left_out": listed.seen != listed.taken,
        }

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """The file; or the page again, which says why there is none."""
        listed = self.listed
        if listed is None:
            raise Http404("Which list is to be taken away is not said.")
        self.form = form = ExportForm(request.POST)
        if not form.is_valid():
            return self.get(request, **kwargs)
        kind = Kind(form.cleaned_data["kind"])
        try:
            file = _written(listed, kind)
        except (NothingToTakeError, TooManyRowsError):
            return self.get(request, **kwargs)
        name = f"{slugify(listed.name)}.{kind}"
        return FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPES[kind])


def _written(listed: Listed, kind: Kind) -> IO[bytes]:
    """The file, which the answer closes when it has been sent."""
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile())
        with narrowed_to(listed.taken):
            columns, told = columns_of(listed.changelist), for_the_audit(listed.changelist)
            export_list(listed.rows(), columns, narrowed=told, kind=kind, file=file)
        stack.pop_all()
    file.seek(0)
    return file

"""A list taken away as a file in the columns of its upload, narrowed as the list was."""

from __future__ import annotations

import copy
import tempfile
from contextlib import ExitStack
from typing import Any, Final

from django import forms
from django.contrib.admin import site
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property

from competencies.models import Competence
from cstf_site.console.page import ConsoleView, console_page
from interface.by_hand.downloads import DOWNLOADS, NothingToTakeError, TooManyRowsError, take_away
from interface.by_hand.opening import limits
from interface.by_hand.sheets.row import Kind
from interface.by_hand.sheets.writing import CONTENT_TYPES
from interface.by_hand.tables import VIEW, Table
from interface.models import Connection
from people.audit.refusals import note_forged_choices
from people.lists import whole
from people.models import Organisation

# Stands in the address beside what narrows the list.
TABLE_VAR: Final = "table"
KINDS: Final = [
    (Kind.XLSX.value, "Excel workbook (.xlsx): keeps leading zeros"),
    (Kind.CSV.value, "CSV (UTF-8)"),
]
_TOO_MANY: Final = (
    "There are more than {:,} rows, which no upload may have: narrow the list, then download it."
)


class DownloadForm(forms.Form):
    """Of which organisation (completions: for which connection), and as which kind of file."""

    organisation: forms.ModelChoiceField[Organisation] = forms.ModelChoiceField(
        None,  # those that it may be of are said with the request
        empty_label=None,
        help_text="An upload is for one organisation, and so is what is to be uploaded again.",
    )
    connection: forms.ModelChoiceField[Connection] = forms.ModelChoiceField(
        None, empty_label=None, help_text="What was uploaded by hand for it, and is held."
    )
    kind = forms.ChoiceField(label="As", choices=KINDS, widget=forms.RadioSelect, initial=Kind.XLSX.value)

    def __init__(
        self, table: Table, organisations: QuerySet[Organisation], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        kept, left_out = ("connection", "organisation")[:: 1 if table.is_of_connection else -1]
        del self.fields[left_out]
        connections = Connection.objects.filter(organisation__in=organisations).select_related("organisation")
        choice = self.fields[kept]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = connections if table.is_of_connection else organisations
        if table.model is Competence:
            choice.required, choice.empty_label = False, "National, which are not uploaded here"


@console_page(
    name="download", path="files/download/", title="Download", permission="people.view_organisation"
)
class DownloadView(ConsoleView):
    """With ``?table=`` and the list's own parameters: how the rows that it shows are taken away."""

    template_name = "console/download.html"
    form: DownloadForm | None = None

    @cached_property
    def table(self) -> Table | None:
        """Which one; one that the user may not take away is not there."""
        slug = self.request.GET.get(TABLE_VAR)
        if slug is None:
            return None
        table = DOWNLOADS.get(slug)
        if table is None or not table.may_be_taken_by(self.request.user, None):
            raise Http404("There is no such table, or it is not yours to take away.")
        return table

    def title(self) -> str:
        return f"Download {self.table.title.lower()}" if self.table else self.page.title

    def crumbs(self) -> list[tuple[str, str]]:
        return [(self.table.title, self._list_address())] if self.table else []

    def _list_address(self) -> str:
        assert self.table is not None
        narrowed = self._narrowed().urlencode()
        return reverse(f"admin:{self.table.listed}_changelist") + (f"?{narrowed}" if narrowed else "")

    def _narrowed(self) -> Any:
        """What the list is narrowed by."""
        given = self.request.GET.copy()
        del given[TABLE_VAR]
        return given

    def organisations(self, table: Table) -> QuerySet[Organisation]:
        """Of which this user may take the table away."""
        organisations = Organisation.objects.in_scope()
        theirs = [one.pk for one in organisations if table.may_be_taken_by(self.request.user, one)]
        return organisations.filter(pk__in=theirs)

    def listed(self, table: Table) -> QuerySet[Any]:
        """The rows of the list, all of its pages: narrowed, searched and scoped by the list itself."""
        page = site._registry[table.model]
        asked = copy.copy(self.request)
        asked.GET = self._narrowed()
        try:
            with whole():
                rows: QuerySet[Any] = page.get_changelist_instance(asked).get_queryset(asked)
        except IncorrectLookupParameters:
            raise BadRequest("The download was asked for with a filter that the list lacks.") from None
        return rows.prefetch_related(None)

    def content(self) -> dict[str, Any]:
        table, user = self.table, self.request.user
        if table is None:
            return {"offered": [one for one in DOWNLOADS.values() if one.may_be_taken_by(user, None)]}
        return {
            "table": table,
            "form": self.form or self._blank(table),
            "is_narrowed": bool(self._narrowed()),
            "list_address": self._list_address(),
            "most": limits().rows,
            "may_upload": user.has_perm(VIEW)
            and bool(table.permissions)
            and all(map(user.has_perm, table.permissions)),
        }

    def _blank(self, table: Table) -> DownloadForm:
        """Of the organisation by which the list is narrowed, if it is."""
        organisations = self.organisations(table)
        chosen = organisations.filter(vpd=self.request.GET.get("organisation", "")).first()
        return DownloadForm(table, organisations, initial={"organisation": chosen} if chosen else None)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """The file; or the page again, which says why there is none."""
        table = self.table
        if table is None:
            raise Http404("Which table is to be taken away is not said.")
        self.form = form = DownloadForm(table, self.organisations(table), request.POST)
        if not form.is_valid():
            note_forged_choices(form)
            return self.get(request, **kwargs)
        kind = Kind(form.cleaned_data["kind"])
        of = form.cleaned_data["connection" if table.is_of_connection else "organisation"]
        try:
            with ExitStack() as stack:
                file = stack.enter_context(tempfile.TemporaryFile())
                take_away(table, self.listed(table), of=of, kind=kind, file=file)
                # The answer closes it, when it has been sent.
                stack.pop_all()
        except NothingToTakeError:
            form.add_error(None, "The list, as it is narrowed, shows no row that would be in this file.")
            return self.get(request, **kwargs)
        except TooManyRowsError as refusal:
            form.add_error(None, _TOO_MANY.format(refusal.args[0]))
            return self.get(request, **kwargs)
        file.seek(0)
        name = f"{table.slug}.{kind}"
        return FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPES[kind])

"""What the console's pages on models are built of: ledgers for reading, reference data that is kept, long lists.

What the staff record or the exchange wrote is for reading: it changes in ESR, or through verbs. Reference data
can be edited, uploaded and downloaded. No page asks the database once a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from people.audit.pages import AuditedAdmin
from people.lists import CappedPaginator, is_whole
from people.models import Organisation
from people.scoped_admin import ByOrganisation, ScopedAdmin, of_organisations
from people.search import MOST_PERSONS, PersonKeys, all_keys, person_keys
from people.tables import quoted

if TYPE_CHECKING:
    TabularInline = admin.TabularInline[Any, Any]
else:
    TabularInline = admin.TabularInline

# To take any list away as a file, as far as one sees it.
EXPORT: Final = "people.export_list"


class RowsWithPages(ChangeList):
    """Where rows have a page of the console's own, their names lead there rather than to the form."""

    def url_for_result(self, result: Any) -> str:
        assert isinstance(self.model_admin, ConsoleAdmin), "who asks for this list"
        page = self.model_admin.row_page
        if not page or self.is_popup:
            return super().url_for_result(result)
        return reverse(f"admin:{page}", kwargs={str(self.opts.model_name): result.pk})


class ConsoleAdmin(AuditedAdmin, ScopedAdmin):
    """What every page of the console has in common."""

    # The page of a row, where it has one of the console's own: its parameter is called like the model.
    row_page = ""

    list_per_page = 50
    show_full_result_count = False
    paginator = CappedPaginator
    # What an empty list says to whoever waits for something to appear in it.
    nothing_yet = "They appear here as soon as there are any."

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Of rows that may have pages."""
        return RowsWithPages

    def has_export_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One permission for every list: of each, whoever holds it takes away what they see of it."""
        return request.user.has_perm(EXPORT, obj)

    @admin.display(description="VPD", ordering="organisation__vpd")
    def in_vpd(self, row: Any) -> str:
        """Whose it is, in three digits; the name for whoever points at them."""
        one = row.organisation
        return format_html('<span title="{}">{}</span>', one.name, one.vpd) if one else "–"


class ReadOnly:
    """Nothing is added, changed or deleted here; actions with their own permissions may still be offered."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LedgerAdmin(ReadOnly, ConsoleAdmin):
    """Rows that are written by verbs alone: there may be millions of them."""

    # A count beside each choice of each filter: whoever added that to an address kept a database busy for minutes.
    show_facets = admin.ShowFacets.NEVER


class ReferenceAdmin(ConsoleAdmin):
    """Rows that operators keep by hand; uploaded and downloaded as every table is (interface/by_hand)."""


class SearchedAdmin(LedgerAdmin):
    """A long list whose search is a question of its own: across tables, with an index for each thing sought."""

    # Their names are not used: that there are any makes the admin show the search.
    search_fields = ("pk",)

    def found(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        """Those of the rows that the text finds."""
        raise NotImplementedError

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """None twice: what is found is found by key."""
        return (self.found(queryset, search_term) if search_term.strip() else queryset), False


class SearchedByPerson(SearchedAdmin):
    """A long list of what belongs to persons: they are looked for first, and where they are too many, it says so."""

    def found_of(self, rows: QuerySet[Any], text: str, persons: list[int] | PersonKeys) -> QuerySet[Any]:
        """Those of the rows that the text finds, or that belong to these persons, whom it finds."""
        return rows.filter(person__in=persons)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Of the persons found, the first; of all, where the list is taken away."""
        if not search_term.strip():
            return queryset, False
        if is_whole():
            return self.found_of(queryset, search_term, all_keys(search_term)), False
        persons = person_keys(search_term)
        if len(persons) > MOST_PERSONS:
            _tell_of_namesakes(request, search_term)
        return self.found_of(queryset, search_term, persons[:MOST_PERSONS]), False


def _tell_of_namesakes(request: HttpRequest, text: str) -> None:
    """On the list: whatever else asks for its rows has no place for it."""
    match = request.resolver_match
    if request.method == "GET" and match is not None and str(match.url_name).endswith("_changelist"):
        many = f"More than {MOST_PERSONS} people match {quoted(text.strip())}"
        looked = f"only the first {MOST_PERSONS} are looked at"
        messages.warning(request, f"{many}: {looked}. Give more of the name, or a number.")


class KeptAdmin(ReferenceAdmin):
    """Reference data that others refer to: it is ended, never deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody may: what was exchanged under it must stay explainable."""
        return False


class OrganisationFilter(admin.SimpleListFilter):
    """By organisation, of those whose rows the page shows."""

    title = "organisation"
    parameter_name = "organisation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        theirs = of_organisations(Organisation.objects.in_scope(), model_admin.organisations(request, "view"))
        return [(organisation.vpd, str(organisation)) for organisation in theirs]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(organisation__vpd=self.value()) if self.value() else queryset


class ReadOnlyInline(ReadOnly, ByOrganisation, TabularInline):
    """Rows of another table on a page that is for reading."""

    extra = 0
    show_change_link = False

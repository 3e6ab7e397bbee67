"""The console's pages on what went out: files, what is held back, and what each partner has of whom.

Ledgers are for reading. What an operator may do to them are verbs, each with a permission of its own.
"""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from interface.filters import CarriedByFilter, ConnectionFilter
from interface.models import CarriedPerson, Connection, OutboundFile, OutboundHold, SentPicture
from interface.outbound.actions import release_hold, republish
from interface.outbound.packing import unpack
from interface.outbound.questions import Carried, Sent, carried_by, records_of
from interface.row_actions import each, each_with_reason, tally
from people.audit.pages import ReasonForm
from people.console_admin import LedgerAdmin, OrganisationFilter, SearchedByPerson
from people.lists import DateRangeFilter, LargePaginator, by_presence
from people.person_column import OfPerson, name_of, person_link
from people.search import HELP, PersonKeys

# Of whom a file carried.
CARRIED: Final = "interface.view_carriedperson"
# What a line of each type is about, or says is gone.
RECORD_TYPES: Final = {
    "PRA": "people", "ASA": "assignments", "CMA": "competency elements", "CDA": "competences",
    "PRD": "people deleted", "ASD": "assignments deleted", "CMD": "elements deleted", "CDD": "competences deleted",
}  # fmt: skip


@admin.register(OutboundFile)
class OutboundFileAdmin(LedgerAdmin):
    list_display = ("name", "connection", "kind", "number", "records", "lines_by_type", "published_at")
    list_filter = (
        "kind",
        OrganisationFilter,
        ConnectionFilter,
        ("published_at", DateRangeFilter),
        ("published_at", by_presence("In Out", empty="Not yet", filled="Published")),
    )
    list_select_related = ("connection__organisation",)
    search_fields = ("name", "=sha256")
    search_help_text = "a part of its name, or its SHA-256"
    nothing_yet = "A connection's first file goes out on its go-live date."
    readonly_fields = ("lines_by_type", "cleaned")
    exclude = ("counts", "warnings")
    actions = ("publish_again",)

    @admin.display(description="lines by type")
    def lines_by_type(self, file: OutboundFile) -> str:
        return tally(file.counts, RECORD_TYPES)

    @admin.display(description="characters replaced and values cleaned")
    def cleaned(self, file: OutboundFile) -> str:
        return tally(file.warnings)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Whom it carried, for whoever may see that; an answer is about the lines of the file that it answers."""
        if obj is None or obj.number is None or not request.user.has_perm(CARRIED, obj):
            return self.readonly_fields
        return ("whom_it_carried", *self.readonly_fields)

    @admin.display(description="whom it carried")
    def whom_it_carried(self, file: OutboundFile) -> SafeString:
        found = carried_by(file)
        url = f"{reverse('admin:interface_carriedperson_changelist')}?file={file.pk}"
        people = format_html('<a href="{}">{}</a>', url, people_carried(found)) if found.people else "Nobody"
        return format_html("<div>{}</div><div>{}</div>", people, not_known(found))

    def has_republish_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Its own permission: the partner gets the same file once more."""
        return request.user.has_perm("interface.republish_outboundfile", obj)

    @admin.action(description="Put the same file into Out again", permissions=["republish"])
    def publish_again(self, request: HttpRequest, queryset: QuerySet[OutboundFile]) -> None:
        each(request, queryset.select_related("connection__organisation"), republish, "published again")


@admin.register(OutboundHold)
class OutboundHoldAdmin(LedgerAdmin):
    row_page = "hold"
    list_display = (
        "connection",
        "kind",
        "business_date",
        "population",
        "changed",
        "deleted",
        "held_at",
        "released_by",
        "settled_at",
    )
    list_filter = (
        OrganisationFilter,
        ConnectionFilter,
        ("settled_at", by_presence("Decision", empty="Waits for a person", filled="Settled")),
    )
    nothing_yet = "A file that would change or delete too many people waits here for a person."
    list_select_related = ("connection__organisation",)
    action_form = ReasonForm
    actions = ("let_it_go_out",)

    def has_release_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Its own permission: this is the guard against a mass accident."""
        return request.user.has_perm("interface.release_outboundhold", obj)

    @admin.action(description="Let the file go out at the next exchange", permissions=["release"])
    def let_it_go_out(self, request: HttpRequest, queryset: QuerySet[OutboundHold]) -> None:
        each_with_reason(request, queryset, release_hold, "will go out at the next exchange")


@admin.register(SentPicture)
class SentPictureAdmin(OfPerson, SearchedByPerson):
    """Person by person; the records, which are packed, on the page of each."""

    list_display = ("of_whom", "connection", "how_many", "last_file", "records_of_whom")
    list_display_links = ("records_of_whom",)
    nothing_yet = "With a connection's first file, what its LMS has of each person stands here."
    list_filter = (OrganisationFilter, ConnectionFilter)
    list_select_related = ("connection__organisation", "person", "last_file")
    search_help_text = HELP
    paginator = LargePaginator
    sortable_by = ()
    ordering = ("-pk",)
    fields = ("organisation", "connection", "of_whom", "last_file", "unpacked")
    readonly_fields = ("of_whom", "how_many", "unpacked")

    def found_of(
        self, rows: QuerySet[SentPicture], text: str, persons: list[int] | PersonKeys
    ) -> QuerySet[SentPicture]:
        """By connection and person, as the table's key is."""
        return rows.filter(connection__in=Connection.objects.order_by().values("pk"), person__in=persons)

    @admin.display(description="person", ordering="person__person_id")
    def of_whom(self, row: SentPicture) -> str:
        """The catalogue's row has no person."""
        return person_link(row.person) if row.person else "The catalogue"

    @admin.display(description="what the LMS has")
    def records_of_whom(self, row: SentPicture) -> str:
        what = name_of(row.person) if row.person else "The catalogue"
        return format_html('Each record<span class="visually-hidden"> of {}</span>', what)

    @admin.display(description="records")
    def how_many(self, row: SentPicture) -> int:
        """How many records the partner holds of this person."""
        return len(unpack(row.records))

    @admin.display(description="records")
    def unpacked(self, row: SentPicture) -> SafeString:
        """Each record, and the file since which the partner holds it as it is."""
        lines = [(f"{one.record_type} {one.key}", self._since(one)) for one in records_of(row)]
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}: {}</li>", lines))

    @staticmethod
    def _since(one: Sent) -> str:
        if one.outbound_file:
            return f"sent in {one.outbound_file}"
        return f"the partner told us in {one.inbound_file}" if one.inbound_file else "the file is not known"


@admin.register(CarriedPerson)
class CarriedPersonAdmin(OfPerson, SearchedByPerson):
    """Whom each full and changes file carried, and with how many lines; a link from a file narrows it to that file."""

    list_display = ("named", "person_number", "records", "deletes", "sent_in")
    # The name leads to the person.
    list_display_links = None
    nothing_yet = "With a connection's first file, everybody whom it carries stands here."
    list_filter = (CarriedByFilter, OrganisationFilter)
    list_select_related = ("file", "person")
    search_help_text = HELP
    paginator = LargePaginator
    sortable_by = ()
    fields = ("organisation", "sent_in", "named", "person_number", "records", "deletes")
    readonly_fields = ("sent_in", "named", "person_number")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """The latest file first, each in the order of its people: either way along the index of files and people."""
        return ("person_id",) if "file" in request.GET else ("-file_id", "-person_id")

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Of one file without its name in every row."""
        return self.list_display[:-1] if "file" in request.GET else self.list_display

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Of one file with what is known of it as a whole."""
        file, more = CarriedByFilter.file_of(request), {}
        if file is not None and request.user.has_perm(CARRIED, file):
            found = carried_by(file)
            more = {"file": file, "people": people_carried(found), "not_known": not_known(found)}
        return super().changelist_view(request, {**more, **(extra_context or {})})

    @admin.display(description="person ID")
    def person_number(self, row: CarriedPerson) -> str:
        return row.person.person_id

    @admin.display(description="file")
    def sent_in(self, row: CarriedPerson) -> SafeString:
        url = reverse("admin:interface_outboundfile_change", args=[row.file_id])
        return format_html('<a href="{}">{}</a>', url, row.file)


def people_carried(found: Carried) -> str:
    """How many, in words."""
    return f"{found.people:,} {'person' if found.people == 1 else 'people'}"


def not_known(found: Carried) -> str:
    """Of a file that is older than the record of whom files carried: for how much of it that is not known."""
    if found.is_whole:
        return ""
    return (
        f"This file is from before it was kept whom a file carries. Of its {found.of:,} lines about people it is known "
        f"of {found.lines:,} whom they are about; the others have been overtaken by later files since."
    )

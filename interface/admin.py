"""The console's pages on connections and exchanges, with the few things that a person decides.

Ledgers are for reading. What an operator may do to them are verbs, each with a permission of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

import interface.mending_admin  # noqa: F401  (its pages register themselves)
from competencies.admin import LMS_KEYS
from interface.actions import want_full_file
from interface.decision.codes import MEANING
from interface.filters import (
    CodeFilter,
    ConnectionFilter,
    FileConnectionFilter,
    InForceFilter,
    InScopeFilter,
    LiveFilter,
    NightFilter,
)
from interface.inbound.actions import release_file, retry_quarantined
from interface.models import (
    Connection,
    FileCalendar,
    InboundFile,
    InboundRecord,
    Mapping,
    OutboundFile,
    OutboundHold,
    SentPicture,
)
from interface.outbound.actions import release_hold, republish
from interface.outbound.guard import HoldSettledError
from interface.outbound.packing import unpack
from interface.outbound.questions import Sent, records_of
from interface.publishing import PublishedBytesDifferError
from interface.questions.records import records_found
from interface.resources import ConnectionResource, MappingResource
from people.admin import (
    ConsoleAdmin,
    KeptAdmin,
    LedgerAdmin,
    OrganisationFilter,
    PersonAdmin,
    ReferenceAdmin,
    SearchedAdmin,
)
from people.audit.actions import gathering
from people.audit.pages import NO_REASON, ReasonForm, reason_given
from people.lists import DateRangeFilter
from people.marks import Tone, chip, code
from people.search import HELP, person_keys
from people.tenancy import within

FILE_TONES: dict[str, Tone] = {
    "answered": "good",
    "held": "warn",
    "refused": "bad",
    "quarantined": "bad",
}
# What a verb says when it will not: told to whoever asked, nothing else has happened.
REFUSALS = (ValueError, OSError, HoldSettledError, PublishedBytesDifferError)


def _each(request: HttpRequest, queryset: QuerySet[Any], verb: Callable[..., object], done: str) -> None:
    """One verb on every row chosen; what it refuses is told, the others go on.

    A verb serves the row's organisation, whatever else of it the user may see.
    """
    count = 0
    with gathering():
        for row in queryset:
            try:
                with within(row.organisation_id):
                    verb(row, by=request.user.get_username())
            except REFUSALS as refused:
                messages.error(request, f"{row}: {refused}")
            else:
                count += 1
    if count:
        messages.success(request, f"{count} {done}.")


def _each_with_reason(
    request: HttpRequest, queryset: QuerySet[Any], verb: Callable[..., object], done: str
) -> None:
    """As ``_each``, for what cannot be taken back: nothing is done before somebody says why."""
    reason = reason_given(request)
    if not reason:
        messages.error(request, NO_REASON)
        return
    _each(request, queryset, partial(verb, reason=reason), done)


def _tally(counts: dict[str, int]) -> str:
    return ", ".join(f"{code} {count:,}" for code, count in sorted(counts.items())) or "–"


PersonAdmin.further_filters.append(InScopeFilter)
LMS_KEYS.append(lambda: Connection.objects.order_by().values_list("pk", flat=True))


# --- Agreed with the partner --------------------------------------------------------------------------


@admin.register(Connection)
class ConnectionAdmin(KeptAdmin):
    resource_classes = [ConnectionResource]
    list_display = (
        "__str__",
        "lms_name",
        "supplier",
        "restriction",
        "live_on",
        "next_inbound",
        "next_outbound",
        "full_file_wanted",
    )
    list_filter = (LiveFilter, OrganisationFilter, "restriction", "encoding")
    search_fields = ("organisation__vpd", "organisation__name", "code", "lms_name", "supplier")
    autocomplete_fields = ("organisation",)
    actions = ("ask_for_full_file",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        """With the organisation, which a connection's name begins with, for choices too."""
        connections: QuerySet[Connection] = super().get_queryset(request)
        return connections.select_related("organisation")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Whose it is and its code name its folders; the outbound number is the ledger's."""
        always = ("next_outbound", "full_file_wanted")
        return ("organisation", "code", *always) if obj else always

    def has_want_full_file_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Its own permission: a full file is the whole population once more."""
        return request.user.has_perm("interface.want_full_file_connection", obj)

    @admin.action(description="Send a full file at the next exchange", permissions=["want_full_file"])
    def ask_for_full_file(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        _each(request, queryset, want_full_file, "will get a full file at the next exchange")


@admin.register(FileCalendar)
class FileCalendarAdmin(ConsoleAdmin):
    list_display = (
        "connection",
        "weekdays",
        "by_time",
        "grace_minutes",
        "pick_up_hours",
        "silent_days",
        "since",
    )
    list_filter = (OrganisationFilter,)
    list_select_related = ("connection__organisation",)
    autocomplete_fields = ("organisation", "connection")
    nothing_yet = "With a calendar, a file that does not come is noticed."


@admin.register(Mapping)
class MappingAdmin(ReferenceAdmin):
    resource_classes = [MappingResource]
    list_display = ("course_code", "course_version", "competence", "expiry", "direction", "connection")
    list_filter = (InForceFilter, OrganisationFilter, ConnectionFilter, "expiry", "direction")
    list_select_related = ("competence", "connection__organisation")
    search_fields = ("course_code", "competence__name")
    autocomplete_fields = ("organisation", "connection", "competence")


# --- What came in -------------------------------------------------------------------------------------


@admin.register(InboundFile)
class InboundFileAdmin(LedgerAdmin):
    list_display = (
        "name",
        "whole",
        "connection",
        "state_chip",
        "code_badge",
        "records",
        "succeeded",
        "warned",
        "failed",
        "business_date",
    )
    list_filter = ("state", OrganisationFilter, ConnectionFilter, ("business_date", DateRangeFilter), "kind")
    list_select_related = ("connection__organisation",)
    search_fields = ("name", "=sha256")
    search_help_text = "a part of its name, or its SHA-256"
    nothing_yet = "The first exchange takes in what the LMS has put into the In folder."
    readonly_fields = ("answers_by_code", "lines_of_it", "succeeded", "warned", "failed")
    exclude = ("counts",)
    action_form = ReasonForm
    actions = ("pass_over_the_gap", "try_again")

    @admin.display(description="answers and downloads")
    def whole(self, file: InboundFile) -> str:
        address = reverse("admin:inbound_file", kwargs={"inboundfile": file.pk})
        return format_html('<a href="{}">Open<span class="visually-hidden"> {}</span></a>', address, file)

    @admin.display(description="state", ordering="state")
    def state_chip(self, file: InboundFile) -> str:
        return chip(file.get_state_display(), FILE_TONES.get(file.state, "note"))

    @admin.display(description="code", ordering="code")
    def code_badge(self, file: InboundFile) -> str:
        return code(file.code, MEANING.get(file.code, ""))

    @admin.display(description="answers by code")
    def answers_by_code(self, file: InboundFile) -> str:
        return _tally(file.counts)

    @admin.display(description="lines")
    def lines_of_it(self, file: InboundFile) -> str:
        address = reverse("admin:interface_inboundrecord_changelist")
        return format_html('<a href="{}?file__id__exact={}">every line and its answer</a>', address, file.pk)

    def has_release_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Its own permission: numbers passed over are never taken again."""
        return request.user.has_perm("interface.release_inboundfile", obj)

    @admin.action(description="Held: pass over the missing numbers before it", permissions=["release"])
    def pass_over_the_gap(self, request: HttpRequest, queryset: QuerySet[InboundFile]) -> None:
        _each_with_reason(request, queryset, release_file, "will be taken in at the next exchange")

    @admin.action(description="Set aside: try again from where it stands", permissions=["release"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[InboundFile]) -> None:
        _each(request, queryset, retry_quarantined, "will be tried again at the next exchange")


@admin.register(InboundRecord)
class InboundRecordAdmin(SearchedAdmin):
    list_display = (
        "line",
        "whole",
        "file",
        "code_badge",
        "message",
        "source_reference",
        "person",
        "element_ids",
    )
    list_filter = (CodeFilter, NightFilter, FileConnectionFilter, OrganisationFilter)
    list_select_related = ("file", "person")
    search_help_text = f"the LMS's reference, or of the person: {HELP}"
    sortable_by = ()
    nothing_yet = "Every line of an accepted file stands here with its answer."

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """The latest first, one file from its beginning: either way along the index of files and lines."""
        return ("line_number",) if "file__id__exact" in request.GET else ("-file_id", "-line_number")

    def found(self, rows: QuerySet[InboundRecord], text: str) -> QuerySet[InboundRecord]:
        return records_found(rows, text)

    @admin.display(description="line")
    def line(self, record: InboundRecord) -> str:
        return f"{record.line_number:,}"

    @admin.display(description="what to do")
    def whole(self, record: InboundRecord) -> str:
        address = reverse("admin:inbound_record", kwargs={"inboundrecord": record.pk})
        return format_html('<a href="{}">Open<span class="visually-hidden"> {}</span></a>', address, record)

    @admin.display(description="answer")
    def code_badge(self, record: InboundRecord) -> str:
        return code(record.code, MEANING.get(record.code, ""))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """The link from a file to its lines."""
        return lookup == "file__id__exact" or super().lookup_allowed(lookup, value, request)


# --- What went out ------------------------------------------------------------------------------------


@admin.register(OutboundFile)
class OutboundFileAdmin(LedgerAdmin):
    list_display = ("name", "connection", "kind", "number", "records", "lines_by_type", "published_at")
    list_filter = (
        "kind",
        OrganisationFilter,
        ConnectionFilter,
        ("published_at", DateRangeFilter),
        ("published_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("connection__organisation",)
    search_fields = ("name", "=sha256")
    search_help_text = "a part of its name, or its SHA-256"
    nothing_yet = "A connection's first file goes out on its go-live date."
    actions = ("publish_again",)

    @admin.display(description="lines by type")
    def lines_by_type(self, file: OutboundFile) -> str:
        return _tally(file.counts)

    def has_republish_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Its own permission: the partner gets the same file once more."""
        return request.user.has_perm("interface.republish_outboundfile", obj)

    @admin.action(description="Put the same file into Out again", permissions=["republish"])
    def publish_again(self, request: HttpRequest, queryset: QuerySet[OutboundFile]) -> None:
        _each(request, queryset.select_related("connection__organisation"), republish, "published again")


@admin.register(OutboundHold)
class OutboundHoldAdmin(LedgerAdmin):
    list_display = (
        "connection",
        "whole",
        "kind",
        "business_date",
        "population",
        "changed",
        "deleted",
        "held_at",
        "released_by",
        "settled_at",
    )
    list_filter = (OrganisationFilter, ConnectionFilter, ("settled_at", admin.EmptyFieldListFilter))
    list_select_related = ("connection__organisation",)
    action_form = ReasonForm
    actions = ("let_it_go_out",)

    @admin.display(description="what it would do")
    def whole(self, hold: OutboundHold) -> str:
        address = reverse("admin:hold", kwargs={"outboundhold": hold.pk})
        return format_html('<a href="{}">Open<span class="visually-hidden"> {}</span></a>', address, hold)

    def has_release_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Its own permission: this is the guard against a mass accident."""
        return request.user.has_perm("interface.release_outboundhold", obj)

    @admin.action(description="Let the file go out at the next exchange", permissions=["release"])
    def let_it_go_out(self, request: HttpRequest, queryset: QuerySet[OutboundHold]) -> None:
        _each_with_reason(request, queryset, release_hold, "will go out at the next exchange")


@admin.register(SentPicture)
class SentPictureAdmin(SearchedAdmin):
    """Person by person; the records, which are packed, on the page of each."""

    list_display = ("connection", "of_whom", "how_many", "last_file")
    list_filter = (OrganisationFilter, ConnectionFilter)
    list_select_related = ("connection__organisation", "person", "last_file")
    search_help_text = HELP
    sortable_by = ()
    ordering = ("-pk",)
    fields = ("organisation", "connection", "of_whom", "last_file", "unpacked")
    readonly_fields = ("of_whom", "how_many", "unpacked")

    def found(self, rows: QuerySet[SentPicture], text: str) -> QuerySet[SentPicture]:
        """By connection and person, as the table's key is."""
        return rows.filter(
            connection__in=Connection.objects.order_by().values("pk"), person__in=person_keys(text)
        )

    @admin.display(description="person", ordering="person__person_id")
    def of_whom(self, row: SentPicture) -> str:
        """The catalogue's row has no person."""
        return str(row.person or "The catalogue")

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

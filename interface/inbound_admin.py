"""The console's pages on what came in: files, and every line of them with its answer.

Ledgers are for reading. What an operator may do to them are verbs, each with a permission of its own.
"""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from interface.decision.codes import MEANING
from interface.filters import (
    UNDONE,
    CodeFilter,
    ConnectionFilter,
    FileConnectionFilter,
    NightFilter,
    SinceFilter,
    StateFilter,
    asked_for,
)
from interface.inbound.actions import release_file, retry_quarantined
from interface.models import InboundFile, InboundRecord
from interface.questions.records import records_found
from interface.questions.rejected import with_right_since
from interface.row_actions import each, each_with_reason, tally
from people.audit.pages import ReasonForm
from people.console_admin import LedgerAdmin, OrganisationFilter, SearchedByPerson
from people.lists import DateRangeFilter, LargePaginator
from people.marks import Tone, chip, code
from people.person_column import OfPerson
from people.search import HELP, PersonKeys

# By which a link from a file narrows the list of lines.
_FILE: Final = "file__id__exact"
FILE_TONES: dict[str, Tone] = {
    "answered": "good",
    "held": "warn",
    "refused": "bad",
    "quarantined": "bad",
}


def state_chip(file: InboundFile) -> SafeString:
    """Of a file whose ``undo`` was selected with it: one that was undone says so, whatever it was before."""
    if hasattr(file, "undo"):
        return chip(UNDONE, "note")
    return chip(file.get_state_display(), FILE_TONES.get(file.state, "note"))


@admin.register(InboundFile)
class InboundFileAdmin(LedgerAdmin):
    row_page = "inbound_file"
    list_display = (
        "name",
        "connection",
        "state_chip",
        "code_badge",
        "records",
        "succeeded",
        "warned",
        "failed",
        "business_date",
    )
    list_filter = (
        StateFilter,
        OrganisationFilter,
        ConnectionFilter,
        ("business_date", DateRangeFilter),
        "kind",
    )
    list_select_related = ("connection__organisation", "undo")
    search_fields = ("name", "=sha256")
    search_help_text = "a part of its name, or its SHA-256"
    nothing_yet = "The first exchange takes in what the LMS has put into the In folder."
    readonly_fields = ("answers_by_code", "lines_of_it", "succeeded", "warned", "failed")
    exclude = ("counts",)
    action_form = ReasonForm
    actions = ("pass_over_the_gap", "try_again")

    @admin.display(description="state", ordering="state")
    def state_chip(self, file: InboundFile) -> str:
        return state_chip(file)

    @admin.display(description="code", ordering="code")
    def code_badge(self, file: InboundFile) -> str:
        return code(file.code, MEANING.get(file.code, ""))

    @admin.display(description="answers by code")
    def answers_by_code(self, file: InboundFile) -> str:
        return tally(file.counts)

    @admin.display(description="lines")
    def lines_of_it(self, file: InboundFile) -> str:
        address = reverse("admin:interface_inboundrecord_changelist")
        return format_html('<a href="{}?file__id__exact={}">every line and its answer</a>', address, file.pk)

    def has_release_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Its own permission: numbers passed over are never taken again."""
        return request.user.has_perm("interface.release_inboundfile", obj)

    @admin.action(description="Held: pass over the missing numbers before it", permissions=["release"])
    def pass_over_the_gap(self, request: HttpRequest, queryset: QuerySet[InboundFile]) -> None:
        each_with_reason(request, queryset, release_file, "will be taken in at the next exchange")

    @admin.action(description="Set aside: try again from where it stands", permissions=["release"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[InboundFile]) -> None:
        each(request, queryset, retry_quarantined, "will be tried again at the next exchange")


@admin.register(InboundRecord)
class InboundRecordAdmin(OfPerson, SearchedByPerson):
    row_page = "inbound_record"
    list_display = (
        "line",
        "file",
        "code_badge",
        "told",
        "source_reference",
        "named",
        "elements",
    )
    list_filter = (CodeFilter, NightFilter, FileConnectionFilter, OrganisationFilter, SinceFilter)
    list_select_related = ("file", "person")
    paginator = LargePaginator
    search_help_text = f"the LMS's reference, or of the person: {HELP}"
    sortable_by = ()
    nothing_yet = "Every line of an accepted file stands here with its answer."

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundRecord]:
        """With what made a rejected one right since."""
        return with_right_since(super().get_queryset(request))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Of one file with its name, which stands in no filter."""
        file = asked_for(InboundFile, request.GET.get(_FILE, ""))
        return super().changelist_view(request, {"file": file, **(extra_context or {})})

    @admin.display(description="message")
    def told(self, record: InboundRecord) -> str:
        right_in = record.right_in  # type: ignore[attr-defined]  # by the list's annotation
        if right_in is None:
            return record.message
        return format_html("{} {}", record.message, chip(f"Came right in {right_in}", "good"))

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """The latest first, one file from its beginning: either way along the index of files and lines."""
        return ("line_number",) if _FILE in request.GET else ("-file_id", "-line_number")

    def found_of(
        self, rows: QuerySet[InboundRecord], text: str, persons: list[int] | PersonKeys
    ) -> QuerySet[InboundRecord]:
        return records_found(rows, text, persons=persons)

    @admin.display(description="line")
    def line(self, record: InboundRecord) -> str:
        return f"Line {record.line_number:,}"

    @admin.display(description="elements")
    def elements(self, record: InboundRecord) -> str:
        return record.element_ids.replace("|", ", ")

    @admin.display(description="answer")
    def code_badge(self, record: InboundRecord) -> str:
        return code(record.code, MEANING.get(record.code, ""))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """The link from a file to its lines."""
        return lookup == _FILE or super().lookup_allowed(lookup, value, request)

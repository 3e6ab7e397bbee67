"""The console's pages on what goes wrong and is mended: who to turn to, what waits, replays and undone files.

Ledgers but for the first: they are written by the verbs of ``interface.recovery``.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from interface.background import ask_for_replay_of
from interface.decision.codes import MEANING, MENDABLE
from interface.filters import ConnectionFilter, FileConnectionFilter
from interface.forms import AdviceForm
from interface.models import Advice, ElementBefore, InboundRecord, OpenFailure, Replay, ReplayedRecord, Undo
from interface.row_actions import tally
from people.console_admin import (
    ConsoleAdmin,
    LedgerAdmin,
    OrganisationFilter,
    SearchedAdmin,
    SearchedByPerson,
)
from people.dates import london_today
from people.lists import DateRangeFilter
from people.marks import code, opens
from people.person_column import OfPerson
from people.search import HELP

# Of one click: the others stay, and are chosen with the next.
MOST_CHOSEN: Final = 20_000


@admin.register(Advice)
class AdviceAdmin(ConsoleAdmin):
    form = AdviceForm
    list_display = ("trouble", "turn_to", "about", "whose", "position")
    list_filter = (OrganisationFilter,)
    list_select_related = ("organisation",)
    search_fields = ("trouble", "turn_to", "text")
    autocomplete_fields = ("organisation",)
    fields = ("organisation", "position", "trouble", "turn_to", "text", "codes")
    nothing_yet = (
        "A line says of a trouble whom to ask, and stands beside every record with one of its codes."
    )

    @admin.display(description="codes")
    def about(self, advice: Advice) -> str:
        return ", ".join(map(str, advice.codes)) or "–"

    @admin.display(description="read by", ordering="organisation")
    def whose(self, advice: Advice) -> str:
        return str(advice.organisation or "Everybody")


class OfFile:
    """Rows that are about an inbound file, which each names."""

    @admin.display(description="file")
    def file_page(self, row: Any) -> str:
        url = reverse("admin:inbound_file", kwargs={"inboundfile": row.file_id})
        return format_html('<a href="{}">{}</a>', url, row.file.name)


class MendableFilter(admin.SimpleListFilter):
    """By the code with which a line failed; they are known, so the table is not asked for them."""

    title = "answer"
    parameter_name = "code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(one), f"{one} {MEANING[one]}") for one in sorted(MENDABLE)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(code=self.value()) if self.value() in MENDABLE else queryset


class OfLines(OfFile, OfPerson, SearchedByPerson):
    """Rows about lines of inbound files."""

    list_select_related: ClassVar[tuple[str, ...]] = ("file", "person")
    sortable_by = ()
    search_help_text = HELP

    @admin.display(description="answer")
    def code_badge(self, row: Any) -> str:
        return code(row.code, MEANING.get(row.code, ""))


@admin.register(OpenFailure)
class OpenFailureAdmin(OfLines):
    """The lines that a mapping, a newer extract or a wider scope would mend."""

    list_display = (
        "line_number",
        "whole",
        "file_page",
        "code_badge",
        "course_code",
        "course_version",
        "named",
    )
    list_filter = (MendableFilter, ConnectionFilter, OrganisationFilter)
    ordering = ("-pk",)
    nothing_yet = "Lines that failed for a reason that can be mended here wait until they are decided again."
    actions = ("decide_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[OpenFailure]:
        """With the key of the line that failed: along the index of files and lines."""
        failures: QuerySet[OpenFailure] = super().get_queryset(request)
        lines = InboundRecord.objects.filter(file=OuterRef("file"), line_number=OuterRef("line_number"))
        return failures.annotate(record_key=Subquery(lines.order_by().values("pk")[:1]))

    @admin.display(description="what to do")
    def whole(self, failure: OpenFailure) -> str:
        key = failure.record_key  # type: ignore[attr-defined]  # by the page's annotation
        if key is None:
            return "–"
        url = reverse("admin:inbound_record", kwargs={"inboundrecord": key})
        return opens(url, failure)

    def has_replay_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Its own permission: what is decided again changes people's records."""
        return request.user.has_perm("interface.replay_inboundrecord", obj)

    @admin.action(description="Decide again, as if they came today", permissions=["replay"])
    def decide_again(self, request: HttpRequest, queryset: QuerySet[OpenFailure]) -> None:
        """By the queue: each file's lines are committed for themselves, which a page of a list cannot do."""
        by, chosen = request.user.get_username(), list(queryset.order_by("pk")[:MOST_CHOSEN])
        ask_for_replay_of(chosen, on=london_today(), by=by)
        count = f"{len(chosen):,} record{'' if len(chosen) == 1 else 's'}"
        text = f"To be decided again in the background: {count}. What becomes of them stands under Replays."
        messages.success(request, text)


@admin.register(ReplayedRecord)
class ReplayedRecordAdmin(OfLines):
    list_display = (
        "line_number",
        "file_page",
        "replay",
        "code_badge",
        "message",
        "source_reference",
        "named",
    )
    list_filter = (FileConnectionFilter, OrganisationFilter)
    list_select_related = ("file", "person", "replay__file")
    ordering = ("-pk",)
    nothing_yet = "Lines that were decided again, with their new answers."


@admin.register(Replay)
class ReplayAdmin(OfFile, LedgerAdmin):
    list_display = ("replayed_at", "file_page", "ordinal", "replayed_by", "business_date", "new_answers")
    list_filter = (OrganisationFilter, ("business_date", DateRangeFilter))
    list_select_related = ("file",)
    search_fields = ("file__name", "=replayed_by")
    search_help_text = "a part of the file's name, or who replayed it"
    nothing_yet = "Once a course is mapped, have its records decided again under Courses and competences."
    readonly_fields = ("new_answers",)
    exclude = ("counts",)

    @admin.display(description="new answers")
    def new_answers(self, replay: Replay) -> str:
        return tally(replay.counts)


@admin.register(Undo)
class UndoAdmin(OfFile, LedgerAdmin):
    list_display = ("undone_at", "file_page", "undone_by", "reason", "withdrawn", "restored")
    list_filter = (OrganisationFilter, ("undone_at", DateRangeFilter))
    list_select_related = ("file",)
    search_fields = ("file__name", "=undone_by")
    search_help_text = "a part of the file's name, or who undid it"
    nothing_yet = "An applied file can be undone on its own page, where nothing later depends on it."


@admin.register(ElementBefore)
class ElementBeforeAdmin(OfFile, SearchedAdmin):
    """What an undo would bring back."""

    list_display = ("element_id", "file_page", "date_from", "date_to", "proficiency_level", "withdrawn_at")
    list_filter = (FileConnectionFilter, OrganisationFilter)
    list_select_related = ("file",)
    sortable_by = ()
    ordering = ("-pk",)
    search_help_text = "an element's ID"
    nothing_yet = "The values that elements had before a file changed them."

    def found(self, rows: QuerySet[ElementBefore], text: str) -> QuerySet[ElementBefore]:
        """By organisation and element, as the key is."""
        return rows.filter(element_id=text.strip())

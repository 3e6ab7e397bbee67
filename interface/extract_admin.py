"""The console's list of held loads: GO files that wait for a person."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from interface.extract.kinds import kinds
from interface.models import ExtractHold
from people.console_admin import LedgerAdmin, OrganisationFilter
from people.lists import DateRangeFilter, by_presence
from people.marks import Tone, chip

STATE_TONES: dict[str, Tone] = {"waiting": "warn", "behind": "warn", "loading": "note", "loaded": "good"}


@admin.register(ExtractHold)
class ExtractHoldAdmin(LedgerAdmin):
    row_page = "held_load"
    list_display = (
        "file_name",
        "state_chip",
        "changed",
        "deleted",
        "added",
        "population",
        "extracted_at",
        "decided_by",
        "vpd",
    )
    list_filter = (
        "state",
        OrganisationFilter,
        ("extracted_at", DateRangeFilter),
        ("settled_at", by_presence("Decision", empty="Waits for a person", filled="Settled")),
    )
    list_select_related = ("organisation",)
    search_fields = ("file_name", "=sha256")
    search_help_text = "a part of its name, or its SHA-256"
    nothing_yet = (
        "A file of the staff record that would change or delete too many people waits here for a person."
    )

    readonly_fields = ("lines_by_kind", "before_and_after")
    exclude = ("counts", "standing")

    @admin.display(description="its lines, by what would become of them")
    def lines_by_kind(self, hold: ExtractHold) -> str:
        return _lines(map(str, kinds(hold.counts)))

    @admin.display(description="the record before and after")
    def before_and_after(self, hold: ExtractHold) -> str:
        standing = [(what, *pair) for what, pair in hold.standing.items() if isinstance(pair, list)]
        return _lines(f"{what}: {before:,}, then {after:,}" for what, before, after in standing)

    @admin.display(description="VPD", ordering="organisation__vpd")
    def vpd(self, hold: ExtractHold) -> str:
        return hold.organisation.vpd

    @admin.display(description="state", ordering="state")
    def state_chip(self, hold: ExtractHold) -> str:
        return chip(hold.get_state_display(), STATE_TONES.get(hold.state, "calm"))


def _lines(told: Iterable[str]) -> SafeString | str:
    return format_html_join("", "{}<br>", ((one,) for one in told)) or "–"

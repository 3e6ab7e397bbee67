"""The console's list of held loads: GO files that wait for a person."""

from __future__ import annotations

from django.contrib import admin

from interface.models import ExtractHold
from people.console_admin import LedgerAdmin, OrganisationFilter
from people.lists import DateRangeFilter
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
        ("settled_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("organisation",)
    search_fields = ("file_name", "=sha256")
    search_help_text = "a part of its name, or its SHA-256"
    nothing_yet = (
        "A file of the staff record that would change or delete too many people waits here for a person."
    )

    @admin.display(description="VPD", ordering="organisation__vpd")
    def vpd(self, hold: ExtractHold) -> str:
        return hold.organisation.vpd

    @admin.display(description="state", ordering="state")
    def state_chip(self, hold: ExtractHold) -> str:
        return chip(hold.get_state_display(), STATE_TONES.get(hold.state, "calm"))

"""The console's pages on organisations, their structure, and the runs of nightly jobs."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

import people.staff_admin  # noqa: F401  (its pages register themselves)
from people.console_admin import KeptAdmin, LedgerAdmin, OrganisationFilter
from people.lists import DateRangeFilter, by_presence
from people.marks import Tone, chip
from people.models import NightlyRun, Organisation, OrganisationUnit, Position
from people.runs import end_dead_runs

RUN_TONES: dict[str, Tone] = {"done": "good", "failed": "bad", "running": "note"}


@admin.register(Organisation)
class OrganisationAdmin(KeptAdmin):
    list_display = ("vpd", "name", "ods_code", "region", "cstf_aligned_on", "auto_iat")
    list_filter = (
        "region",
        "auto_iat",
        ("cstf_aligned_on", by_presence("Aligned to the CSTF", empty="Not declared", filled="Declared")),
    )
    search_fields = ("vpd", "ods_code", "name")
    search_help_text = "VPD, ODS code, or a part of the name"
    nothing_yet = "Organisations come with the installation's tables (load_setup)."

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """The VPD names folders and files from the first day on."""
        return ("vpd",) if obj else ()


@admin.register(OrganisationUnit)
class OrganisationUnitAdmin(LedgerAdmin):
    list_display = ("name", "unit_id", "in_vpd")
    list_filter = (OrganisationFilter,)
    list_select_related = ("organisation",)
    search_fields = ("=unit_id", "name")
    search_help_text = "unit ID, or a part of the name"
    nothing_yet = "They come from ESR with the positions: load an extract (read_go)."


@admin.register(Position)
class PositionAdmin(LedgerAdmin):
    list_display = ("name", "position_id", "staff_group", "job_role", "unit", "in_vpd")
    nothing_yet = "They come from ESR: load an extract (read_go), or upload positions by hand."
    list_filter = (OrganisationFilter,)
    list_select_related = ("organisation", "unit")
    search_fields = ("=position_id", "name", "staff_group", "job_role")
    search_help_text = "position number, or a part of name, staff group or job role"


@admin.register(NightlyRun)
class NightlyRunAdmin(LedgerAdmin):
    row_page = "run"
    list_display = (
        "business_date",
        "organisation",
        "job",
        "subject",
        "state_chip",
        "attempts",
        "finished_at",
    )
    list_filter = ("state", OrganisationFilter, "job", ("business_date", DateRangeFilter))
    list_select_related = ("organisation",)
    search_fields = ("=subject",)
    search_help_text = "a connection's code"
    nothing_yet = "The first night writes the first one."
    # Stands on the run's page in words.
    exclude = ("summary",)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """A run whose worker is gone is shown as what it is: failed."""
        end_dead_runs()
        return super().changelist_view(request, extra_context)

    @admin.display(description="state", ordering="state")
    def state_chip(self, run: NightlyRun) -> str:
        return chip(run.get_state_display(), RUN_TONES.get(run.state, "calm"))

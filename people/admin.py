"""The console's pages on organisations, their structure, and the runs of nightly jobs."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

import people.staff_admin  # noqa: F401  (its pages register themselves)
from people.console_admin import KeptAdmin, LedgerAdmin, OrganisationFilter
from people.lists import DateRangeFilter
from people.marks import Tone, chip
from people.models import NightlyRun, Organisation, OrganisationUnit, Position
from people.runs import end_dead_runs

RUN_TONES: dict[str, Tone] = {"done": "good", "failed": "bad", "running": "note"}


@admin.register(Organisation)
class OrganisationAdmin(KeptAdmin):
    list_display = ("vpd", "name", "ods_code", "region", "cstf_aligned_on", "auto_iat")
    list_filter = ("region", "auto_iat", ("cstf_aligned_on", admin.EmptyFieldListFilter))
    search_fields = ("vpd", "ods_code", "name")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """The VPD names folders and files from the first day on."""
        return ("vpd",) if obj else ()


@admin.register(OrganisationUnit)
class OrganisationUnitAdmin(LedgerAdmin):
    list_display = ("unit_id", "name", "organisation")
    list_filter = (OrganisationFilter,)
    list_select_related = ("organisation",)
    search_fields = ("=unit_id", "name")


@admin.register(Position)
class PositionAdmin(LedgerAdmin):
    list_display = ("position_id", "name", "staff_group", "job_role", "unit", "organisation")
    list_filter = (OrganisationFilter,)
    list_select_related = ("organisation", "unit")
    search_fields = ("=position_id", "name", "staff_group", "job_role")


@admin.register(NightlyRun)
class NightlyRunAdmin(LedgerAdmin):
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

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """A run whose worker is gone is shown as what it is: failed."""
        end_dead_runs()
        return super().changelist_view(request, extra_context)

    @admin.display(description="state", ordering="state")
    def state_chip(self, run: NightlyRun) -> str:
        return chip(run.get_state_display(), RUN_TONES.get(run.state, "calm"))

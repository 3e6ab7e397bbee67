"""The console's pages on what is agreed with a partner: connections, when files are due, and the mapping."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

# Their pages register themselves.
import interface.extract_admin
import interface.inbound_admin
import interface.mending_admin
import interface.outbound_admin  # noqa: F401  (its pages register themselves)
from competencies.admin import LMS_KEYS
from interface.actions import want_full_file
from interface.filters import ConnectionFilter, InForceFilter, InScopeFilter, LiveFilter, MissedFilter
from interface.forms import DAYS, ConnectionForm, FileCalendarForm
from interface.models import Connection, FileCalendar, Mapping
from interface.row_actions import each
from people.console_admin import ConsoleAdmin, KeptAdmin, OrganisationFilter, ReferenceAdmin
from people.staff_admin import PersonAdmin

# Written by the verbs that pause and resume, with their reason.
PAUSE: Final = ("paused_at", "paused_by", "pause_reason")

PersonAdmin.further_filters.append(InScopeFilter)
LMS_KEYS.append(lambda: Connection.objects.order_by().values_list("pk", flat=True))


@admin.register(Connection)
class ConnectionAdmin(KeptAdmin):
    form = ConnectionForm
    row_page = "connection"
    fieldsets = (
        (None, {"fields": ("organisation", "code", "lms_name", "supplier")}),
        ("Its files", {"fields": ("sub_type", "encoding", "transport", "send_ni_number")}),
        ("Whom it carries", {"fields": ("restriction", "restriction_values")}),
        (
            "How it stands",
            {"fields": ("live_on", "next_inbound", "next_outbound", "full_file_wanted", *PAUSE)},
        ),
    )
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
    list_filter = (LiveFilter, MissedFilter, OrganisationFilter, "restriction", "encoding")
    search_fields = ("organisation__vpd", "organisation__name", "code", "lms_name", "supplier")
    search_help_text = "VPD, or a part of the organisation's name, the code, the LMS or its supplier"
    nothing_yet = "A connection is what was agreed with an LMS: add one, or upload a table of them."
    autocomplete_fields = ("organisation",)
    actions = ("ask_for_full_file",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        """With the organisation, which a connection's name begins with, for choices too."""
        connections: QuerySet[Connection] = super().get_queryset(request)
        return connections.select_related("organisation")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Whose it is and its code name its folders; the outbound number is the ledger's; pausing is a verb."""
        always = ("next_outbound", "full_file_wanted", *PAUSE)
        return ("organisation", "code", *always) if obj else always

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """What was changed on the page, and nothing else: nights move the numbers of a connection meanwhile."""
        if change:
            others = [one.attname for one in obj._meta.concrete_fields if one.name not in form.changed_data]
            stored = Connection.objects.select_for_update(no_key=True)
            obj.refresh_from_db(fields=others, from_queryset=stored)
        super().save_model(request, obj, form, change)

    def has_want_full_file_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Its own permission: a full file is the whole population once more."""
        return request.user.has_perm("interface.want_full_file_connection", obj)

    @admin.action(description="Send a full file at the next exchange", permissions=["want_full_file"])
    def ask_for_full_file(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        each(request, queryset, want_full_file, "will get a full file at the next exchange")


@admin.register(FileCalendar)
class FileCalendarAdmin(ConsoleAdmin):
    form = FileCalendarForm
    list_display = (
        "connection",
        "days",
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

    @admin.display(description="weekdays")
    def days(self, agreed: FileCalendar) -> str:
        """Short, as people say them."""
        return ", ".join(DAYS[day - 1][:3] for day in agreed.weekdays)


@admin.register(Mapping)
class MappingAdmin(ReferenceAdmin):
    list_display = ("course_code", "course_version", "competence", "expiry", "direction", "connection")
    list_filter = (InForceFilter, OrganisationFilter, ConnectionFilter, "expiry", "direction")
    list_select_related = ("competence", "connection__organisation")
    search_fields = ("course_code", "competence__name")
    search_help_text = "a part of the course's code, or of the competence"
    nothing_yet = "A mapping says which competence a course gives: map courses under Courses and competences."
    autocomplete_fields = ("organisation", "connection", "competence")

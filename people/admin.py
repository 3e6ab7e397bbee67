"""The console's base classes, and its pages on people.

What the staff record or the exchange wrote is for reading: it changes in ESR, or through verbs. Reference data
can be edited, uploaded and downloaded. No page asks the database once a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest
from django.db.models import Model, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from import_export.admin import ExportMixin

from people.audit.pages import AuditedAdmin
from people.dates import london_today
from people.formats import CSV, XLSX
from people.lists import CappedPaginator, DateRangeFilter
from people.marks import Tone, chip
from people.models import (
    Application,
    Assignment,
    AssignmentVersion,
    NightlyRun,
    Organisation,
    OrganisationUnit,
    Person,
    PersonVersion,
    Position,
)
from people.resources import OrganisationResource
from people.runs import end_dead_runs
from people.scoped_admin import ByOrganisation, ScopedAdmin, of_organisations
from people.search import HELP, person_keys, persons_found

if TYPE_CHECKING:
    TabularInline = admin.TabularInline[Any, Any]
else:
    TabularInline = admin.TabularInline


class ConsoleAdmin(AuditedAdmin, ScopedAdmin):
    """What every page of the console has in common."""

    list_per_page = 50
    show_full_result_count = False
    paginator = CappedPaginator
    # What an empty list says to whoever waits for something to appear in it.
    nothing_yet = "They appear here as soon as there are any."


class ReadOnly:
    """Nothing is added, changed or deleted here; actions with their own permissions may still be offered."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LedgerAdmin(ReadOnly, ConsoleAdmin):
    """Rows that are written by verbs alone."""


class ReferenceAdmin(ExportMixin, ConsoleAdmin):
    """Rows that operators keep by hand; downloaded here, and uploaded as every table is (interface/by_hand)."""

    formats = (CSV, XLSX)

    def export_action(self, request: HttpRequest) -> HttpResponse:
        """A filter that the list does not know is a bad request, as on the list itself, and no error of ours."""
        try:
            answer: HttpResponse = super().export_action(request)
        except IncorrectLookupParameters:
            raise BadRequest(
                "The download was asked for with a filter that the list does not have."
            ) from None
        return answer

    def get_valid_export_item_pks(self, request: HttpRequest) -> Any:
        """Of the rows chosen on the list, those that it shows."""
        return self.get_queryset(request).values_list("pk", flat=True)


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


# --- Organisations and their structure ----------------------------------------------------------------


@admin.register(Organisation)
class OrganisationAdmin(KeptAdmin):
    resource_classes = [OrganisationResource]
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


# --- People -------------------------------------------------------------------------------------------


class PersonVersionInline(ReadOnlyInline):
    model = PersonVersion
    verbose_name_plural = "what the record says, by date"
    fields = (
        "effective_start",
        "effective_end",
        "employee_number",
        "title",
        "last_name",
        "first_name",
        "previous_last_name",
        "date_of_birth",
        "person_type",
        "hired_on",
        "terminated_on",
    )


class AssignmentInline(ReadOnlyInline):
    model = Assignment
    fields = ("assignment_id", "removed_at")
    show_change_link = True


class AssignmentVersionInline(ReadOnlyInline):
    model = AssignmentVersion
    verbose_name_plural = "what the record says, by date"
    fields = (
        "effective_start",
        "effective_end",
        "assignment_type",
        "assignment_number",
        "status",
        "payroll_name",
        "position",
        "unit",
        "staff_group",
        "job_role",
        "is_primary",
        "ended_on",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[AssignmentVersion]:
        return super().get_queryset(request).select_related("position", "unit")


@admin.register(Person)
class PersonAdmin(SearchedAdmin):
    list_display = (
        "name",
        "whole",
        "person_id",
        "employee_number",
        "person_type",
        "email",
        "standing",
        "organisation",
    )
    # Names stand in versions: ordering thousands of people by them takes longer than searching for one.
    sortable_by = ("person_id",)
    list_filter = (OrganisationFilter, ("removed_at", admin.EmptyFieldListFilter))
    list_select_related = ("organisation",)
    search_help_text = HELP
    nothing_yet = "People come from ESR: load an extract (read_go)."
    inlines = (PersonVersionInline, AssignmentInline)
    # Of apps that stand above this one: they put theirs here.
    further_filters: ClassVar[list[Any]] = []

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Its own, then what apps above ask of a person."""
        return [*super().get_list_filter(request), *self.further_filters]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        """With today's version of each person on the page, in one query."""
        today = PersonVersion.objects.in_effect(on=london_today())
        persons: QuerySet[Person] = super().get_queryset(request)
        return persons.prefetch_related(Prefetch("versions", today, to_attr="today"))

    def found(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        return persons_found(rows, text)

    @admin.display(description="name today")
    def name(self, person: Person) -> str:
        version = _today(person)
        return f"{version.last_name}, {version.first_name}" if version else "–"

    @admin.display(description="employee number")
    def employee_number(self, person: Person) -> str:
        version = _today(person)
        return version.employee_number if version else ""

    @admin.display(description="person type")
    def person_type(self, person: Person) -> str:
        version = _today(person)
        return version.person_type or version.get_system_person_type_display() if version else ""

    @admin.display(description="e-mail")
    def email(self, person: Person) -> str:
        version = _today(person)
        return version.office_email if version else ""

    @admin.display(description="in the record")
    def standing(self, person: Person) -> str:
        """Whether the record still has this person, and until when they were employed."""
        version = _today(person)
        if person.removed_at is not None:
            return chip("Deleted or merged", "bad")
        if version is not None and version.terminated_on is not None:
            left = version.has_left(on=london_today())
            return chip(f"{'Left' if left else 'Leaves'} {version.terminated_on:%d %b %Y}", "warn")
        return chip("In the record", "good") if version else chip("Not in effect today", "calm")

    @admin.display(description="training and exchange")
    def whole(self, person: Person) -> str:
        """The page of everything that is known of this person."""
        return format_html(
            '<a href="{}">Open<span class="visually-hidden"> {}</span></a>',
            reverse("admin:person", kwargs={"person": person.pk}),
            self.name(person),
        )


def _today(person: Person) -> PersonVersion | None:
    versions: list[PersonVersion] = person.today  # type: ignore[attr-defined]  # by the page's prefetch
    return versions[0] if versions else None


class OfAssignment(SearchedAdmin):
    """Assignments and applications show the same columns, of today."""

    list_display = ("assignment_id", "person", "number", "status", "payroll", "position", "organisation")
    list_filter = (OrganisationFilter, ("removed_at", admin.EmptyFieldListFilter))
    list_select_related = ("organisation", "person")
    search_help_text = f"assignment ID, or of the person: {HELP}"
    sortable_by = ("assignment_id",)

    def found(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        return rows.filter(Q(assignment_id=text.strip()) | Q(person__in=person_keys(text)))

    inlines = (AssignmentVersionInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assignment]:
        """With today's version of each, in one query."""
        today = AssignmentVersion.objects.in_effect(on=london_today()).select_related("position")
        assignments: QuerySet[Assignment] = super().get_queryset(request)
        return assignments.prefetch_related(Prefetch("versions", today, to_attr="today"))

    @admin.display(description="assignment number")
    def number(self, assignment: Assignment) -> str:
        return _of_today(assignment, "assignment_number")

    @admin.display(description="status")
    def status(self, assignment: Assignment) -> str:
        return _of_today(assignment, "status")

    @admin.display(description="payroll")
    def payroll(self, assignment: Assignment) -> str:
        return _of_today(assignment, "payroll_name")

    @admin.display(description="position")
    def position(self, assignment: Assignment) -> str:
        return _of_today(assignment, "position")


def _of_today(assignment: Assignment, field: str) -> str:
    versions: list[AssignmentVersion] = assignment.today  # type: ignore[attr-defined]  # by the page's prefetch
    return str(getattr(versions[0], field) or "") if versions else ""


admin.site.register((Assignment, Application), OfAssignment)


# --- Runs ---------------------------------------------------------------------------------------------


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


RUN_TONES: dict[str, Tone] = {"done": "good", "failed": "bad", "running": "note"}

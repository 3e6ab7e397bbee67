"""The console's base classes, and its pages on people.

What the staff record or the exchange wrote is for reading: it changes in ESR, or through verbs. Reference data
can be edited, uploaded and downloaded. No page asks the database once a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from import_export.admin import ImportExportModelAdmin
from import_export.formats.base_formats import CSV, XLSX

from people.audit.context import Channel, acting
from people.audit.pages import AuditedAdmin
from people.dates import london_today
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
from people.tenancy import Scope, narrowed

if TYPE_CHECKING:
    TabularInline = admin.TabularInline[Any, Any]
else:
    TabularInline = admin.TabularInline


class ConsoleAdmin(AuditedAdmin, ScopedAdmin):
    """What every page of the console has in common."""

    list_per_page = 50
    show_full_result_count = False


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


class ReferenceAdmin(ImportExportModelAdmin, ConsoleAdmin):
    """Rows that operators keep by hand or by file."""

    formats = (CSV, XLSX)

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """An upload finds and writes rows of those organisations alone in which its user may add and change them."""
        with narrowed(self._uploaded_to(request)):
            answer: HttpResponse = super().import_action(request, **kwargs)
            return answer

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """As its preview."""
        with narrowed(self._uploaded_to(request)):
            answer: HttpResponse = super().process_import(request, **kwargs)
            return answer

    def _uploaded_to(self, request: HttpRequest) -> Scope:
        return self.organisations(request, "add", "change")

    def get_valid_export_item_pks(self, request: HttpRequest) -> Any:
        """Of the rows chosen on the list, those that it shows."""
        return self.get_queryset(request).values_list("pk", flat=True)

    def process_dataset(self, dataset: Any, form: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The audit names the file that was uploaded."""
        with acting(channel=Channel.UPLOAD, key=form.cleaned_data.get("original_file_name") or ""):
            return super().process_dataset(dataset, form, request, **kwargs)


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
class PersonAdmin(LedgerAdmin):
    list_display = (
        "person_id",
        "name",
        "employee_number",
        "person_type",
        "left_on",
        "organisation",
        "present",
    )
    list_filter = (OrganisationFilter, ("removed_at", admin.EmptyFieldListFilter))
    list_select_related = ("organisation",)
    search_fields = ("=person_id", "=versions__employee_number", "versions__last_name__istartswith")
    search_help_text = "Person ID, employee number, or how a last name begins"
    inlines = (PersonVersionInline, AssignmentInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        """With today's version of each person on the page, in one query."""
        today = PersonVersion.objects.in_effect(on=london_today())
        persons: QuerySet[Person] = super().get_queryset(request)
        return persons.prefetch_related(Prefetch("versions", today, to_attr="today"))

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

    @admin.display(description="left on")
    def left_on(self, person: Person) -> Any:
        version = _today(person)
        return version.terminated_on if version else None

    @admin.display(boolean=True, description="in the record")
    def present(self, person: Person) -> bool:
        return person.removed_at is None


def _today(person: Person) -> PersonVersion | None:
    versions: list[PersonVersion] = person.today  # type: ignore[attr-defined]  # by the page's prefetch
    return versions[0] if versions else None


class OfAssignment(LedgerAdmin):
    """Assignments and applications show the same columns, of today."""

    list_display = ("assignment_id", "person", "number", "status", "payroll", "position", "organisation")
    list_filter = (OrganisationFilter, ("removed_at", admin.EmptyFieldListFilter))
    list_select_related = ("organisation", "person")
    search_fields = ("=assignment_id", "=person__person_id", "=versions__assignment_number")
    search_help_text = "Assignment ID, person ID or assignment number"
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
    list_display = ("business_date", "organisation", "job", "subject", "state", "attempts", "finished_at")
    list_filter = ("state", OrganisationFilter, "job")
    list_select_related = ("organisation",)
    search_fields = ("=subject",)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """A run whose worker is gone is shown as what it is: failed."""
        end_dead_runs()
        return super().changelist_view(request, extra_context)

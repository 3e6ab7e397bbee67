"""The console's pages on people: persons, their assignments and applications, as the record has them today."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest

from people.console_admin import OrganisationFilter, ReadOnlyInline, SearchedAdmin, SearchedByPerson
from people.dates import london_today, written
from people.marks import chip
from people.models import Application, Assignment, AssignmentVersion, Person, PersonVersion
from people.person_column import OfPerson, name_of, today_of, with_names
from people.search import HELP, PersonKeys, persons_found
from people.staff_filters import STILL_IN_THE_RECORD, AssignmentTypeFilter, PersonTypeFilter, StatusFilter


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
    row_page = "person"
    list_display = (
        "name",
        "person_id",
        "employee_number",
        "person_type",
        "email",
        "standing",
        "in_vpd",
    )
    # Names stand in versions: ordering thousands of people by them takes longer than searching for one.
    sortable_by = ("person_id",)
    list_filter = (OrganisationFilter, PersonTypeFilter, STILL_IN_THE_RECORD)
    list_select_related = ("organisation",)
    search_help_text = HELP
    nothing_yet = "People come from ESR: load an extract (read_go), or upload persons by hand."
    inlines = (PersonVersionInline, AssignmentInline)
    # Of apps that stand above this one: they put theirs here.
    further_filters: ClassVar[list[Any]] = []

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Its own, then what apps above ask of a person."""
        return [*super().get_list_filter(request), *self.further_filters]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        """With today's version of each person on the page, in one query."""
        return with_names(super().get_queryset(request), "")

    def found(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        return persons_found(rows, text)

    @admin.display(description="name today")
    def name(self, person: Person) -> str:
        return name_of(person) if today_of(person) else "–"

    @admin.display(description="employee number")
    def employee_number(self, person: Person) -> str:
        version = today_of(person)
        return version.employee_number if version else ""

    @admin.display(description="person type")
    def person_type(self, person: Person) -> str:
        version = today_of(person)
        return version.person_type or version.get_system_person_type_display() if version else ""

    @admin.display(description="e-mail")
    def email(self, person: Person) -> str:
        version = today_of(person)
        return version.office_email if version else ""

    @admin.display(description="in the record")
    def standing(self, person: Person) -> str:
        """Whether the record still has this person, and until when they were employed."""
        version = today_of(person)
        if person.removed_at is not None:
            return chip("Deleted or merged", "bad")
        if version is not None and version.terminated_on is not None:
            left = version.has_left(on=london_today())
            return chip(f"{'Left' if left else 'Leaves'} {written(version.terminated_on)}", "warn")
        return chip("In the record", "good") if version else chip("Not in effect today", "calm")


class OfAssignment(OfPerson, SearchedByPerson):
    """Assignments and applications show the same columns, of today."""

    list_display = ("named", "number", "status", "position", "payroll", "in_vpd", "assignment_id")
    list_display_links = ("assignment_id",)
    list_filter = (
        OrganisationFilter, AssignmentTypeFilter, StatusFilter, STILL_IN_THE_RECORD,
    )  # fmt: skip
    nothing_yet = (
        "They come from ESR with the people: load an extract (read_go), or upload assignments by hand."
    )
    list_select_related = ("organisation", "person")
    search_help_text = f"assignment ID, or of the person: {HELP}"
    sortable_by = ("assignment_id",)

    def found_of(self, rows: QuerySet[Any], text: str, persons: list[int] | PersonKeys) -> QuerySet[Any]:
        return rows.filter(Q(assignment_id=text.strip()) | Q(person__in=persons))

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

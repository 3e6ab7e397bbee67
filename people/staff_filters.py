"""Filters of the lists of people and their assignments, by what holds today. Their choices are known, not asked for."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from people.dates import london_today
from people.lists import by_presence
from people.models import AssignmentVersion, PersonVersion, SystemPersonType
from people.models.assignment import IN_SCOPE_APPLICANT_STATUSES, AssignmentType

# As ESR spells them, of jobs and of applications.
STATUSES: Final = (
    "Active Assignment", "Acting Up", "Internal Secondment", "Career Break", "Maternity & Adoption", "Suspend",
    "Active Application", "Interview", *IN_SCOPE_APPLICANT_STATUSES, "Unsuccessful", "Withdrawn",
)  # fmt: skip

STILL_IN_THE_RECORD: Final = (
    "removed_at", by_presence("In the record", empty="Still there", filled="Removed"),
)  # fmt: skip


class TodayFilter(admin.SimpleListFilter):
    """Rows of which the version in effect today has the value chosen."""

    field: str

    def in_effect(self) -> QuerySet[Any]:
        """Today's version of the row outside."""
        raise NotImplementedError

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(Exists(self.in_effect().filter(**{self.field: value}))) if value else queryset


class PersonTypeFilter(TodayFilter):
    title = "person type"
    parameter_name = field = "system_person_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in SystemPersonType.choices]

    def in_effect(self) -> QuerySet[Any]:
        return PersonVersion.objects.in_effect(on=london_today()).filter(person=OuterRef("pk"))


class AssignmentFilter(TodayFilter):
    """What the filters of assignments share."""

    def in_effect(self) -> QuerySet[Any]:
        return AssignmentVersion.objects.in_effect(on=london_today()).filter(assignment=OuterRef("pk"))


class AssignmentTypeFilter(AssignmentFilter):
    title = "job or application"
    parameter_name = field = "assignment_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(AssignmentType.EMPLOYEE, "Job"), (AssignmentType.APPLICANT, "Application")]


class StatusFilter(AssignmentFilter):
    """Trusts have statuses of their own: one that an address names is offered, too."""

    title = "status"
    parameter_name = field = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        chosen = self.value()
        return [(one, one) for one in dict.fromkeys([*STATUSES, *([chosen] if chosen else [])])]

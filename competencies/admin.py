"""The console's pages on the catalogue, what is required, and what people hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from operator import or_
from typing import Final

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.http import HttpRequest

from competencies.models import (
    Competence,
    CompetencyElement,
    FrameworkVersion,
    Requirement,
    Source,
    Subject,
    SubjectLevel,
)
from competencies.models.element import ElementQuerySet
from people.bulk import among
from people.console_admin import (
    KeptAdmin,
    LedgerAdmin,
    OrganisationFilter,
    ReadOnlyInline,
    ReferenceAdmin,
    SearchedByPerson,
)
from people.lists import DateRangeFilter, by_presence, is_whole, keys_found
from people.person_column import OfPerson
from people.search import HELP, PersonKeys

# SQLite uses a partial index only where the query repeats its condition letter by letter, not as a parameter.
_LMS: Final = RawSQL("'LMS'", ())
# Each gives keys of the LMSs in sight, by which the index of their references begins: apps above add theirs.
LMS_KEYS: Final[list[Callable[[], Iterable[int]]]] = []

# --- The framework ------------------------------------------------------------------------------------


class SubjectLevelInline(ReadOnlyInline):
    model = SubjectLevel
    fields = ("level", "variant")


@admin.register(Subject)
class SubjectAdmin(LedgerAdmin):
    search_fields = ("name",)
    inlines = (SubjectLevelInline,)


@admin.register(SubjectLevel)
class SubjectLevelAdmin(LedgerAdmin):
    list_display = ("subject", "level", "variant")
    list_select_related = ("subject",)
    search_fields = ("subject__name", "level", "variant")

    def get_queryset(self, request: HttpRequest) -> QuerySet[SubjectLevel]:
        """With the subject, which the name of a level begins with, for choices too."""
        levels: QuerySet[SubjectLevel] = super().get_queryset(request)
        return levels.select_related("subject")


@admin.register(FrameworkVersion)
class FrameworkVersionAdmin(LedgerAdmin):
    list_display = ("name", "year")


# --- Competences --------------------------------------------------------------------------------------


@admin.register(Competence)
class CompetenceAdmin(KeptAdmin):
    list_display = ("name", "competence_id", "subject_level", "version", "renewal", "date_to", "owner")
    list_filter = (
        "subject_level__subject",
        ("organisation", by_presence("Defined by", empty="National", filled="One organisation")),
        ("subject_level", by_presence("Framework", empty="Not of the CSTF", filled="Of the CSTF")),
    )
    list_select_related = ("subject_level__subject", "organisation")
    search_fields = ("=competence_id", "name")
    search_help_text = "competence ID, or a part of the name"
    nothing_yet = "National ones come with load_setup; your organisation's own are added here, or uploaded."
    autocomplete_fields = ("organisation", "subject_level")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Competence]:
        """With what the list and the form of each show."""
        competences: QuerySet[Competence] = super().get_queryset(request)
        return competences.select_related("subject_level__subject", "organisation")

    @admin.display(description="renewal", ordering="renewal_frequency")
    def renewal(self, competence: Competence) -> str:
        if competence.renewal_frequency is None:
            return "none"
        plural = "s" if competence.renewal_frequency > 1 else ""
        return f"{competence.renewal_frequency} {competence.renewal_units.lower()}{plural}"

    @admin.display(description="defined by", ordering="organisation")
    def owner(self, competence: Competence) -> str:
        return str(competence.organisation) if competence.organisation else "national"


@admin.register(Requirement)
class RequirementAdmin(ReferenceAdmin):
    list_display = ("competence", "scope", "scope_value", "in_vpd")
    nothing_yet = (
        "A requirement says which competence is required of whom: add one, or upload a table of them."
    )
    list_filter = (OrganisationFilter, "scope")
    list_select_related = ("organisation", "competence")
    search_fields = ("scope_value", "competence__name")
    search_help_text = "a part of whom it is required of, or of the competence"
    autocomplete_fields = ("organisation", "competence")


# --- What people hold ---------------------------------------------------------------------------------


class HeldFilter(admin.SimpleListFilter):
    """Held, or withdrawn at the source."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("held", "Held"), ("withdrawn", "Withdrawn")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[CompetencyElement]
    ) -> QuerySet[CompetencyElement]:
        if self.value() is None:
            return queryset
        return queryset.filter(withdrawn_at__isnull=self.value() == "held")


class OriginFilter(admin.SimpleListFilter):
    """By where it comes from. What people uploaded is not counted among what an LMS sent."""

    title = "source"
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in Source.choices]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[CompetencyElement]
    ) -> QuerySet[CompetencyElement]:
        assert isinstance(queryset, ElementQuerySet), "what the manager gives"
        match self.value():
            case Source.HAND:
                return queryset.of_people()
            case Source.LMS:
                return queryset.of_lmss()
            case Source.GO | Source.IAT as source:
                return queryset.filter(source=source)
        return queryset


@admin.register(CompetencyElement)
class CompetencyElementAdmin(OfPerson, SearchedByPerson):
    list_display = (
        "named",
        "competence",
        "date_from",
        "date_to",
        "said_by",
        "source_reference",
        "withdrawn_at",
        "in_vpd",
        "element_id",
    )
    list_display_links = ("element_id",)
    nothing_yet = (
        "What people hold comes from ESR's extract, from an LMS's files, or from completions by hand."
    )
    list_filter = (OriginFilter, HeldFilter, ("date_to", DateRangeFilter), OrganisationFilter)
    list_select_related = ("person", "competence", "organisation")
    search_help_text = f"element ID, the LMS's reference, or of the person: {HELP}"
    sortable_by = ()
    # The table is large and this order is its index's.
    ordering = ("-pk",)

    @admin.display(description="source")
    def said_by(self, element: CompetencyElement) -> str:
        return element.origin

    def found_of(
        self, rows: QuerySet[CompetencyElement], text: str, persons: list[int] | PersonKeys
    ) -> QuerySet[CompetencyElement]:
        """Each way of finding has its index; asked as one condition, the database would read the whole table."""
        text = text.strip()
        elements = CompetencyElement.objects.order_by()
        lms = [key for keys in LMS_KEYS for key in keys()]
        ways = (
            elements.filter(element_id=text),
            elements.filter(source=_LMS, source_id__in=lms, source_reference=text),
            elements.filter(person__in=persons),
        )
        if is_whole():
            return rows.filter(reduce(or_, (Q(pk__in=keys_found(one)) for one in ways)))
        # Of each as many as a list counts to.
        return rows.filter(among("pk", {key for one in ways for key in keys_found(one)}))

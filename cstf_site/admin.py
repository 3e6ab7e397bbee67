"""The console's page on the audit: it stands here because it is about every app's records."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any, Final
from urllib.parse import urlencode

from django.apps import apps
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from people.console_admin import LedgerAdmin, OrganisationFilter
from people.lists import DateRangeFilter, LargePaginator, keys_found
from people.models import AuditEvent, Organisation
from people.models.audit import INSTALLATION
from people.privacy import NOT_PERSONAL
from people.scoped_admin import of_organisations, organisations_where
from people.tenancy import EVERYWHERE, current_scope

SEARCHED: Final = ("record_name", "record_key", "actor", "verb")
_HEAD = mark_safe(
    "<thead><tr><th scope=col>field</th><th scope=col>before</th><th scope=col>after</th></tr></thead>"
)


class ChainFilter(OrganisationFilter):
    """By organisation, as everywhere; events know it by its key alone. The installation's own have none."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        found = of_organisations(Organisation.objects.in_scope(), model_admin.organisations(request, "view"))
        own = [(str(INSTALLATION), "the installation")] if current_scope() is EVERYWHERE else []
        return own + [(str(organisation.pk), str(organisation)) for organisation in found]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        return queryset.filter(organisation_id=int(value)) if value.isdecimal() else queryset


class RecordTypeFilter(admin.SimpleListFilter):
    """By kind of record; the kinds are known, so the table is not asked for them."""

    title = "kind of record"
    parameter_name = "record_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        models = [
            model for model in apps.get_models() if model in admin.site._registry and model is not AuditEvent
        ]
        return [(model._meta.label_lower, str(model._meta.verbose_name)) for model in models]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        return queryset.filter(record_type=self.value()) if self.value() else queryset


class ChosenFilter(admin.SimpleListFilter):
    """By a value that was chosen in the list: a link there sets it, "all" takes it away."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        value = self.value()
        return [(value, value)] if value else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        return queryset.filter(**{self.parameter_name or "": self.value()}) if self.value() else queryset


class WhoFilter(ChosenFilter):
    title = "who"
    parameter_name = "actor"


class WhatFilter(ChosenFilter):
    title = "what"
    parameter_name = "verb"


class WhichFilter(ChosenFilter):
    title = "key of the record"
    parameter_name = "record_key"


@admin.register(AuditEvent)
class AuditEventAdmin(LedgerAdmin):
    list_display = ("at", "who", "what", "record", "why", "address", "way", "chain")
    list_display_links = ("at",)
    views_are_noted = False
    list_filter = (
        ChainFilter, ("at", DateRangeFilter), RecordTypeFilter, "channel", WhoFilter, WhatFilter, WhichFilter,
    )  # fmt: skip
    # Their names are not used: that there are any makes the admin show the search.
    search_fields = ("pk",)
    search_help_text = "a record's number, code or key, an account, or what was done, as the list writes it"
    sortable_by = ("at",)
    paginator = LargePaginator
    # Each chain from its end, which is the order of an index: the newest of any number of events are there at once.
    ordering = ("-organisation_id", "-sequence")
    exclude = ("before", "after")
    readonly_fields = ("changed",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEvent]:
        """Of the organisations in which the user sees any; of people and accounts where a role says so."""
        events: QuerySet[AuditEvent] = super().get_queryset(request)
        seen = self.organisations(request, "view")
        if not isinstance(seen, frozenset):
            return events
        all_of = organisations_where(
            lambda one: request.user.has_perm("people.view_personal_auditevent", one)
        )
        events = events.filter(organisation_id__in=seen)
        if all_of == seen:
            return events
        return events.filter(Q(organisation_id__in=all_of) | Q(record_type__in=technical_types()))

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Between two days along the index of time, which within a chain is the same order, or nearly so."""
        by_time = any(request.GET.get(f"at__{end}") for end in ("from", "to"))
        return ("organisation_id", "-at", "-sequence") if by_time else self.ordering

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """None twice."""
        return events_found(queryset, search_term), False

    @admin.display(description="who", ordering="actor")
    def who(self, event: AuditEvent) -> str:
        return _narrowing("actor", event.actor, event.actor) if event.actor else "–"

    @admin.display(description="what", ordering="verb")
    def what(self, event: AuditEvent) -> str:
        return _narrowing("verb", event.verb, event.verb)

    @admin.display(description="record")
    def record(self, event: AuditEvent) -> str:
        if not event.record_key:
            return _kind(event.record_type)
        shown = f"{_kind(event.record_type)} {event.record_name or event.record_key}"
        return _narrowing("record_key", event.record_key, shown, also=("record_type", event.record_type))

    @admin.display(description="why")
    def why(self, event: AuditEvent) -> str:
        return event.reason

    @admin.display(description="by which way")
    def way(self, event: AuditEvent) -> str:
        return f"{event.get_channel_display()} {event.channel_key}".strip()

    @admin.display(description="chain", ordering="organisation_id")
    def chain(self, event: AuditEvent) -> str:
        return str(event)

    @admin.display(description="before and after")
    def changed(self, event: AuditEvent) -> str:
        """Field by field, as it was and as it became."""
        if event.blanked_at is not None:
            return "Blanked: it told about somebody whose record is no longer kept."
        rows = [tuple("–" if one is None else one for one in change) for change in event.changes()]
        if not rows:
            return "–"
        body = format_html_join("", "<tr><th scope=row>{}</th><td>{}</td><td>{}</td></tr>", rows)
        return format_html("<table>{}{}</table>", _HEAD, body)


def events_found(events: QuerySet[AuditEvent], text: str) -> QuerySet[AuditEvent]:
    """Those that have the text, whole, in one of the columns that are searched; all where nothing was asked.

    The columns in which it stands at all are found first, one look at an index each: asked of all four at once, a
    database goes through every event.
    """
    sought = text.strip()
    if not sought:
        return events
    found = [one for name in SEARCHED if (one := events.filter(**{name: sought})).exists()]
    if len(found) < 2:
        return found[0] if found else events.none()
    # Of each as many as the list would count, by its index; together they are put in order.
    newest = (keys_found(one.order_by("-organisation_id", "-sequence")) for one in found)
    return events.filter(reduce(or_, (Q(pk__in=keys) for keys in newest)))


def technical_types() -> list[str]:
    """The kinds of record that are about no person, by their own classification."""
    return [
        model._meta.label_lower
        for model in apps.get_models()
        if getattr(model, "privacy", None) is NOT_PERSONAL
    ]


def _kind(record_type: str) -> str:
    """What a record is, in words; of a model that is gone, as the event has it."""
    try:
        return str(apps.get_model(record_type)._meta.verbose_name)
    except (LookupError, ValueError):
        return record_type


def _narrowing(name: str, value: str, shown: str, *, also: tuple[str, str] | None = None) -> str:
    """A link to the list of all events that have this value."""
    query = urlencode(dict([(name, value)] + ([also] if also else [])))
    return format_html('<a href="?{}">{}</a>', query, shown)

"""Filters of the console's lists on the exchange. None asks a large table for its choices."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any, Final, TypeVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property

from interface.decision.codes import MEANING
from interface.models import (
    CarriedPerson,
    Connection,
    InboundFile,
    InboundRecord,
    InboundState,
    Mapping,
    OutboundFile,
)
from interface.questions import records, today
from interface.questions.mapping import not_in_force
from interface.questions.missed import without_their_night
from interface.questions.rejected import not_right_since, right_since
from interface.scope import carried, selected
from people.bulk import among
from people.dates import london_today, written
from people.lists import keys_found
from people.models import Person

Choices = list[tuple[str, str]]
# What the list says of a file that was undone; its state stays, as what became of it first.
UNDONE: Final = "Undone"
_UNDONE: Final = "undone"
NIGHTS_OFFERED = 14
# Each connection's scope is a question of its own: so many are asked together.
MOST_AT_ONCE = 8
# Rejected records of which it is asked whether they came right since.
LOOKED_AT = 500


File = TypeVar("File", InboundFile, OutboundFile)


def asked_for(files: type[File], key: str) -> File | None:
    """The file to which a link narrows a list, where there is one in sight."""
    rows = files._default_manager.select_related("connection__organisation")
    return rows.filter(pk=int(key)).first() if key.isdecimal() else None


class ConnectionFilter(admin.SimpleListFilter):
    """By connection, of those in scope."""

    title = "connection"
    parameter_name = "connection"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        connections = Connection.objects.select_related("organisation")
        return [(str(connection.pk), str(connection)) for connection in connections]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = str(self.value() or "")
        return queryset.filter(connection=int(value)) if value.isdecimal() else queryset


class FileConnectionFilter(ConnectionFilter):
    """Records by the connection of their file."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = str(self.value() or "")
        if not value.isdecimal():
            return queryset
        files = InboundFile.objects.filter(connection=int(value)).order_by()
        return queryset.filter(file__in=files.values("pk"))


class CarriedByFilter(admin.SimpleListFilter):
    """People by the outbound file that carried them, which a link names: there are too many to offer."""

    title = "file"
    parameter_name = "file"

    @classmethod
    def file_of(cls, request: HttpRequest) -> OutboundFile | None:
        """The one that was asked for, where there is one in sight."""
        return asked_for(OutboundFile, request.GET.get(cls.parameter_name, ""))

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        value = self.value()
        return [(value, str(self.file_of(request) or "Not one that you see"))] if value else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[CarriedPerson]) -> QuerySet[CarriedPerson]:
        value = self.value()
        if not value:
            return queryset
        return queryset.filter(file=int(value)) if value.isdecimal() else queryset.none()


class StateFilter(admin.SimpleListFilter):
    """Inbound files by state; one that was undone is among no others."""

    title = "state"
    parameter_name = "state__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [*((state.value, str(state.label)) for state in InboundState), (_UNDONE, UNDONE)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[InboundFile]) -> QuerySet[InboundFile]:
        value = self.value()
        if value == _UNDONE:
            return queryset.filter(undo__isnull=False)
        return queryset.filter(state=value, undo__isnull=True) if value in InboundState else queryset


class CodeFilter(admin.SimpleListFilter):
    """By code of the answer; its values are known, so the table is not asked for them."""

    title = "answer"
    parameter_name = "code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        codes = [(code, f"{code} {meaning}") for code, meaning in MEANING.items() if code[:1] != "F"]
        return [("rejected", "All rejected"), *codes]

    def queryset(self, request: HttpRequest, queryset: QuerySet[InboundRecord]) -> QuerySet[InboundRecord]:
        value = self.value()
        if value == "rejected":
            return records.rejected(queryset)
        return records.with_code(queryset, value) if value in MEANING else queryset


class SinceFilter(admin.SimpleListFilter):
    """Rejected records by whether they came right since, in a later file or by a replay.

    That is a look at each, and at all the lines of its person: of the list as it is otherwise narrowed, at the latest.
    Stands behind the other filters. What a search finds, or one file holds, is few: all of that is looked at.
    """

    title = "rejected"
    parameter_name = "since"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        of_latest = f"of the latest {LOOKED_AT:,}"
        return [("open", f"Still open, {of_latest}"), ("right", f"Came right since, {of_latest}")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[InboundRecord]) -> QuerySet[InboundRecord]:
        narrow = {"open": not_right_since, "right": right_since}.get(self.value() or "")
        if narrow is None:
            return queryset
        if request.GET.get("q", "").strip() or "file__id__exact" in request.GET:
            return narrow(queryset)
        latest = records.rejected(queryset).order_by("-file_id", "-line_number").values_list("pk", flat=True)
        looked_at = InboundRecord.objects.filter(among("pk", latest[:LOOKED_AT])).order_by()
        # Once, and not for the list's count and its page each.
        return queryset.filter(among("pk", narrow(looked_at).values_list("pk", flat=True)))


class NightFilter(admin.SimpleListFilter):
    """By business date of the record's file: the latest nights, and the one that a link names."""

    title = "night"
    parameter_name = "night"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        nights = (
            InboundFile.objects.order_by("-business_date").values_list("business_date", flat=True).distinct()
        )
        offered = dict.fromkeys([*nights[:NIGHTS_OFFERED], *([self._night()] if self._night() else [])])
        return [(night.isoformat(), f"{night:%a} {written(night)}") for night in offered if night]

    def _night(self) -> date | None:
        try:
            return date.fromisoformat(self.value() or "")
        except ValueError:
            return None

    def queryset(self, request: HttpRequest, queryset: QuerySet[InboundRecord]) -> QuerySet[InboundRecord]:
        night = self._night()
        return records.of_night(queryset, night) if night else queryset


class InForceFilter(admin.SimpleListFilter):
    """Mappings by whether their competence is in force today."""

    title = "competence"
    parameter_name = "force"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("in", "In force"), ("ended", "Not in force")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Mapping]) -> QuerySet[Mapping]:
        if self.value() == "ended":
            return not_in_force(queryset, on=london_today())
        if self.value() == "in":
            ended = not_in_force(Mapping.objects.order_by(), on=london_today())
            return queryset.exclude(pk__in=ended.values("pk"))
        return queryset


class LiveFilter(admin.SimpleListFilter):
    """Connections by whether they may exchange today."""

    title = "live"
    parameter_name = "live"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("yes", "Live"), ("no", "Not live"), ("paused", "Paused")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Connection]) -> QuerySet[Connection]:
        if self.value() == "yes":
            return today.live(queryset, on=london_today())
        if self.value() == "paused":
            return today.paused(queryset)
        return today.not_live(queryset, on=london_today()) if self.value() == "no" else queryset


class MissedFilter(admin.SimpleListFilter):
    """Connections by whether their last night ran."""

    title = "last night"
    parameter_name = "missed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("last", "Did not run")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Connection]) -> QuerySet[Connection]:
        return without_their_night(queryset, at=timezone.now()) if self.value() == "last" else queryset


def _organisation(connection: Connection) -> int:
    return connection.organisation_id


class InScopeFilter(admin.SimpleListFilter):
    """Persons by whether a connection carries them today, and if so which."""

    title = "in scope of"
    parameter_name = "in_scope"

    @cached_property
    def connections(self) -> dict[str, Connection]:
        """Those in scope, by what chooses them."""
        return {str(one.pk): one for one in Connection.objects.select_related("organisation")}

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        offered = [(key, str(one)) for key, one in self.connections.items()]
        return [*offered, ("none", "No connection")] if len(offered) <= MOST_AT_ONCE else offered

    def queryset(self, request: HttpRequest, queryset: QuerySet[Person]) -> QuerySet[Person]:
        value = str(self.value() or "")
        if value == "none":
            carried_by_none = queryset.order_by()
            asked = sorted([*self.connections.values()][:MOST_AT_ONCE], key=_organisation)
            for _, theirs in groupby(asked, _organisation):
                carried_by_none = carried_by_none.exclude(selected([*theirs], on=london_today()))
            # Everybody has to be looked at: at once, and not for the count and the page each.
            return queryset.filter(among("pk", list(keys_found(carried_by_none))))
        chosen = self.connections.get(value)
        return queryset.filter(carried(chosen, on=london_today())) if chosen else queryset

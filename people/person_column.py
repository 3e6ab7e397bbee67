"""Whom a row is about: people are named before they are numbered, and their name leads to all that is known of them."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import get_script_prefix, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from people.dates import london_today
from people.models import Person, PersonVersion


def with_names(rows: QuerySet[Any], path: str) -> QuerySet[Any]:
    """With today's version of the persons at this path of relations, in one query for all rows of a page."""
    today = PersonVersion.objects.in_effect(on=london_today())
    return rows.prefetch_related(Prefetch(f"{path}versions", today, to_attr="today"))


def today_of(person: Person) -> PersonVersion | None:
    """The version that ``with_names`` has fetched."""
    versions: list[PersonVersion] = person.today  # type: ignore[attr-defined]  # by the page's prefetch
    return versions[0] if versions else None


def name_of(person: Person) -> str:
    """As a list shows it; the person ID of who has no name today."""
    version = today_of(person)
    return f"{version.last_name}, {version.first_name}".strip(", ") if version else str(person)


def person_link(person: Person | None) -> SafeString:
    """The name, and the way to the person's page; nothing where a row is about nobody."""
    if person is None:
        return SafeString("–")
    before, after = _address(get_script_prefix())
    return format_html('<a href="{}{}{}">{}</a>', before, person.pk, after, name_of(person))


@cache
def _address(prefix: str) -> tuple[str, str]:
    """Of a person's page, around the key. Looked up once: row by row, that takes longer than all else of the cell."""
    before, _, after = reverse("admin:person", args=(0,)).rpartition("0")
    return before, after


class OfPerson:
    """A list whose rows are each about a person. It selects ``person`` with them."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the names."""
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]  # of the page that it is mixed into
        return with_names(rows, "person__")

    @admin.display(description="person")
    def named(self, row: Any) -> SafeString:
        return person_link(row.person)

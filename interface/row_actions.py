"""What a person decides on rows of a list: one verb on each, with what it will not do told to whoever asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest

from interface.outbound.guard import HoldSettledError
from interface.publishing import PublishedBytesDifferError
from people.audit.actions import gathering
from people.audit.pages import NO_REASON, reason_given
from people.tenancy import within

# What a verb says when it will not: told to whoever asked, nothing else has happened.
REFUSALS = (ValueError, OSError, HoldSettledError, PublishedBytesDifferError)


def each(request: HttpRequest, queryset: QuerySet[Any], verb: Callable[..., object], done: str) -> None:
    """One verb on every row chosen; what it refuses is told, the others go on.

    A verb serves the row's organisation, whatever else of it the user may see.
    """
    count = 0
    with gathering():
        for row in queryset:
            try:
                with within(row.organisation_id):
                    verb(row, by=request.user.get_username())
            except REFUSALS as refused:
                messages.error(request, f"{row}: {refused}")
            else:
                count += 1
    if count:
        messages.success(request, f"{count} {done}.")


def each_with_reason(
    request: HttpRequest, queryset: QuerySet[Any], verb: Callable[..., object], done: str
) -> None:
    """As ``each``, for what cannot be taken back: nothing is done before somebody says why."""
    reason = reason_given(request)
    if not reason:
        messages.error(request, NO_REASON)
        return
    each(request, queryset, partial(verb, reason=reason), done)


def tally(counts: Mapping[str, int], words: Mapping[str, str] = MappingProxyType({})) -> str:
    """Counts by code or type, as a list's column shows them; in words where there are such."""
    told = (
        f"{count:,} {words[code]}" if code in words else f"{code} {count:,}"
        for code, count in sorted(counts.items())
    )
    return ", ".join(told) or "–"

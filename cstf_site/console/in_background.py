"""What pages share that show work of the queue: that it was asked for a moment ago, and what it foresees of people."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone

from cstf_site.console.of_rows import page_of
from interface.models import ForeseenChange
from people.audit.watching import note_views
from people.dates import london_today
from people.names import names_of

_ASKED: Final = "asked"
# Seconds since 1970 have as many digits until 2286.
_DIGITS: Final = 10


def back_to(url: str) -> HttpResponseRedirect:
    """To the page of what was asked for just now, which says that it begins soon."""
    return redirect(f"{url}?{_ASKED}={timezone.now().timestamp():.0f}")


def asked_at(request: HttpRequest) -> datetime | None:
    """When whoever looks had asked for it, as their page's address says."""
    told = request.GET.get(_ASKED, "")
    is_moment = told.isascii() and told.isdecimal() and len(told) == _DIGITS
    return datetime.fromtimestamp(int(told), UTC) if is_moment else None


def foreseen(request: HttpRequest, changes: QuerySet[ForeseenChange]) -> dict[str, Any]:
    """A page of people with how their record would change, each look at whom is noted where it has to be."""
    rows = page_of(request, changes.select_related("person").order_by("place"))
    persons = [one.person for one in rows]
    note_views(persons, request.user)
    names = names_of(persons, on=london_today())
    return {
        "foreseen": [(names[one.person_id], one) for one in rows],
        "rows": rows,
        "shown": rows.paginator.count,
    }

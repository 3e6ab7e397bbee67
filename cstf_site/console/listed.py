"""A list of the console as somebody sees it and may take it away, whoever asks: their page, or a worker for them."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import site
from django.contrib.admin.options import IS_FACETS_VAR, IncorrectLookupParameters
from django.contrib.admin.views.main import ALL_VAR, ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict

from people.console_admin import ConsoleAdmin
from people.lists import whole
from people.scoped_admin import of_organisations
from people.tenancy import EVERYWHERE, Scope


class NotOfferedError(LookupError):
    """There is no such list, or this account may not take it away (any more)."""


class NarrowedWronglyError(ValueError):
    """The list is asked for with what no list of the console gives; the text says with what."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list as its page shows it to somebody, and the organisations of which they may take its rows away."""

    changelist: ChangeList
    seen: Scope
    taken: Scope

    @property
    def label(self) -> str:
        """By which it is asked for."""
        return str(self.changelist.opts.label_lower)

    @property
    def name(self) -> str:
        """What it is of, in words."""
        return str(self.changelist.opts.verbose_name_plural)

    def rows(self) -> QuerySet[Any]:
        """Of all its pages. To be read within ``narrowed_to(taken)``, which holds what names no organisation, too."""
        return of_organisations(self.changelist.queryset, self.taken)


def offered(request: HttpRequest) -> list[ConsoleAdmin]:
    """The lists that this user may take away, by their names."""
    pages = [page for page in site._registry.values() if isinstance(page, ConsoleAdmin)]
    theirs = [page for page in pages if _taken(request, page)]
    return sorted(theirs, key=lambda page: str(page.opts.verbose_name_plural))


def list_of(request: HttpRequest, label: str, *, narrowed: QueryDict) -> Listed:
    """This user's list, in the scope of the request. Raises NotOfferedError and NarrowedWronglyError."""
    page = _page(request, label)
    return Listed(
        _changelist(request, page, narrowed), page.organisations(request, "view"), _taken(request, page)
    )


def may_take(request: HttpRequest, label: str, *, of: set[int], of_all: bool) -> bool:
    """Whether this user may take away the list of all of these organisations; ``of_all``: of every one there is."""
    try:
        taken = _taken(request, _page(request, label))
    except NotOfferedError:
        return False
    return taken is EVERYWHERE or (not of_all and isinstance(taken, frozenset) and of <= taken)


def request_of(user: Any, narrowed: str) -> HttpRequest:
    """What a list asks of a request, where a worker opens it for somebody."""
    request = HttpRequest()
    request.method, request.GET, request.user = "GET", QueryDict(narrowed), user
    return request


def _page(request: HttpRequest, label: str) -> ConsoleAdmin:
    page = next((one for one in offered(request) if one.opts.label_lower == label), None)
    if page is None:
        raise NotOfferedError("There is no such list, or it is not yours to take away.")
    return page


def _taken(request: HttpRequest, page: ConsoleAdmin) -> Scope:
    return page.organisations(request, "view", "export")


def _changelist(request: HttpRequest, page: ConsoleAdmin, narrowed: QueryDict) -> ChangeList:
    asked = copy.copy(request)
    asked.GET = narrowed  # type: ignore[assignment]  # to the stubs only a QueryDict that no one changes is one
    try:
        with whole():
            changelist = page.get_changelist_instance(asked)
    except IncorrectLookupParameters:
        raise NarrowedWronglyError("The list was asked for with a filter that it lacks.") from None
    if any(getattr(spec, "is_wrong", False) for spec in changelist.filter_specs):
        raise NarrowedWronglyError("The list was asked for with a date that is none.")
    return changelist


def without(query: QueryDict, *names: str) -> QueryDict:
    """What a list is narrowed and ordered by, of an address that says more."""
    given = query.copy()
    for name in (*names, IS_FACETS_VAR, ALL_VAR):
        given.pop(name, None)
    return given

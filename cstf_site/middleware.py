"""Says for every request whose data it may touch, before any view runs (tenancy, promises P14).

The superuser, who installs, sees all. Everybody else sees of each model the organisations in which a grant in force
lets them see that model; without one, nothing. A view that nobody thought of thereby shows an empty list, never
another organisation's people.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from django.http import HttpRequest, HttpResponse

from cstf_site.streaming import keep_scope
from people.tenancy import everywhere, seeing, within
from roles.holdings import holdings_of


class TenancyMiddleware:
    """Enters the scope of the request's user. Stands after the authentication middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with scope_of(request):
            # Django renders a template response inside this call, so the scope still holds for templates.
            response = self.get_response(request)
            keep_scope(response)
            return response


def scope_of(request: HttpRequest) -> AbstractContextManager[None]:
    """The organisations whose rows this request sees."""
    user = getattr(request, "user", None)
    if user is None:
        return within()
    if user.is_active and user.is_superuser:
        return everywhere("superuser: installation")
    holdings = holdings_of(user)
    return seeing(holdings.organisations, holdings.sight)

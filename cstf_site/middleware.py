"""Says for every request whose data it may touch, before any view runs (tenancy, promises P14).

The superuser, who installs, sees all. Everybody else sees of each model the organisations in which a grant in force
lets them see that model; without one, nothing. A view that nobody thought of thereby shows an empty list, never
another organisation's people.

It says, too, how long the database may work at each of its statements.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from cstf_site.error_pages import too_long
from cstf_site.streaming import keep_scope
from people.statement_time import at_most, took_too_long
from people.tenancy import everywhere, seeing, within
from roles.holdings import holdings_of


class TenancyMiddleware:
    """Enters the scope of the request's user. Stands after the authentication middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with scope_of(request), at_most(settings.CONSOLE_STATEMENT_SECONDS):
            # Django renders a template response inside this call, so the scope still holds for templates.
            response = self.get_response(request)
            keep_scope(response)
            return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A statement that was given up has a page of its own: it is no bug, and there is something to do."""
        return too_long(request) if took_too_long(exception) else None


def scope_of(request: HttpRequest) -> AbstractContextManager[None]:
    """The organisations whose rows this request sees."""
    user = getattr(request, "user", None)
    if user is None:
        return within()
    if user.is_active and user.is_superuser:
        return everywhere("superuser: installation")
    holdings = holdings_of(user)
    return seeing(holdings.organisations, holdings.sight)

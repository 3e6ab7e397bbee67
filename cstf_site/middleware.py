"""Says for every request whose data it may touch, before any view runs (tenancy, promises P14).

Until roles grant people an organisation, only the superuser, who installs, sees data: everybody else sees
nothing. A view that nobody thought of thereby shows an empty list, never another organisation's people.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from django.http import HttpRequest, HttpResponse

from people.tenancy import everywhere, within


class TenancyMiddleware:
    """Enters the scope of the request's user. Stands after the authentication middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with scope_of(request):
            # Django renders a template response inside this call, so the scope still holds for templates.
            return self.get_response(request)


def scope_of(request: HttpRequest) -> AbstractContextManager[None]:
    """The organisations whose rows this request sees."""
    user = getattr(request, "user", None)
    if user is not None and user.is_active and user.is_superuser:
        return everywhere("superuser: installation")
    return within()

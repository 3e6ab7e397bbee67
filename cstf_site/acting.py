"""Says for every request who acts, from where and by which way: the audit writes it down."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from login.lockout import address_of
from people.audit.context import Channel, acting


class ActingMiddleware:
    """Stands after the authentication middleware, before whatever logs somebody out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        with acting(
            by=user.get_username() if user.is_authenticated else "",
            address=address_of(request) or "",
            channel=Channel.CONSOLE,
            key=request.path,
        ):
            return self.get_response(request)

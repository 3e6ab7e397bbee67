"""An address that holds a NUL character is a bad request: no record does, and one of the databases fails at it."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse


class ReadableMiddleware:
    """Stands inside the middleware that writes refusals down; forms refuse the character by themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("The address holds a character that stands for nothing.")
        return self.get_response(request)

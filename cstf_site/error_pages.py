"""What is told when a request cannot be answered: in words, with a way on.

Whoever is logged in sees it in the console's frame, with the navigation; everybody else, and whoever has not come as
far as the second factor, on a plain page.
"""

from __future__ import annotations

import logging
from typing import Any, Final

from django.contrib.admin import site
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from people.audit.refusals import note_refusal
from people.statement_time import seconds_allowed
from people.tenancy import current_scope

logger = logging.getLogger(__name__)
_TOO_LARGE: Final = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400, or 413 for what is more than a form may hold."""
    return _page(request, 413 if isinstance(exception, _TOO_LARGE) else 400)


def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403, with the sentence of whoever refused it."""
    return _page(request, 403, because=str(exception or ""))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: the same for what is not there and what one may not know of."""
    return _page(request, 404)


def too_often(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """429: the log-in's own limits."""
    return _page(request, 429)


def too_long(request: HttpRequest) -> HttpResponse:
    """503: the database was told to give up (CONSOLE_STATEMENT_SECONDS)."""
    logger.warning("Given up after %s seconds: %s", seconds_allowed(), request.path)
    return _page(request, 503, seconds=seconds_allowed())


def bug(request: HttpRequest) -> HttpResponse:
    """500. What failed may fail again for the frame: then the plain page, which asks nothing of anybody."""
    try:
        return _page(request, 500)
    except Exception:
        logger.exception("The page that tells of an error failed, too.")
        return _answer("500.html", 500, {"frame": "plain.html"})


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW."""
    note_refusal("the form was too old, or came from elsewhere")
    return _page(request, 403, template="403_csrf.html")


def _page(request: HttpRequest, status: int, *, template: str = "", **told: Any) -> HttpResponse:
    name = template or f"{status}.html"
    if not _has_frame(request):
        return _answer(name, status, {**told, "frame": "plain.html"})
    context = {**site.each_context(request), **told, "frame": "console/error.html"}
    return _answer(name, status, context, request)


def _has_frame(request: HttpRequest) -> bool:
    """A request that came as far as its scope has passed every step of the log-in."""
    user = getattr(request, "user", None)
    return (
        current_scope() is not None and bool(user and user.is_authenticated) and site.has_permission(request)
    )


def _answer(
    template: str, status: int, context: dict[str, Any], request: HttpRequest | None = None
) -> HttpResponse:
    return HttpResponse(render_to_string(template, context, request), status=status)

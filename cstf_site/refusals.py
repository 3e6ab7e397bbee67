"""Whatever the console refuses to somebody who is logged in stands in the audit: a forged key, a stale form, a role
that does not allow it.

What is written down is the kind of address and a number where one was asked for, never what was typed, and why. The
event stands in the chain of the one organisation in which the account holds a role, where its auditors see it; in the
installation's where it holds roles in several, or none. It is the same whether what was asked for is there or not.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from people.audit.context import acting
from people.audit.refusals import Refusal, noting, write_refusals
from people.models.audit import INSTALLATION
from roles.holdings import holdings_of

# What an answer means where its view says no more.
MEANING: Final = {
    400: "not understood",
    403: "not allowed",
    404: "not there, or not to be known of",
    413: "more than a form may hold",
}
NO_ADDRESS: Final = "(no such address)"
_KEY_LENGTH: Final = 19


class RefusalMiddleware:
    """Stands after the acting middleware and outside the transaction of the request, which is rolled back by now."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not isinstance(user, User) or not user.is_authenticated:
            return self.get_response(request)
        with noting() as noted:
            response = self.get_response(request)
        refused = _refusals(request, response, noted)
        if refused:
            with acting(by=user.get_username(), key=kind_of_address(request)):
                write_refusals(
                    refused, account=user, actor=user.get_username(), organisation_id=chain_of(user)
                )
        return response


def _refusals(request: HttpRequest, response: HttpResponse, noted: list[Refusal]) -> list[Refusal]:
    meaning = MEANING.get(response.status_code)
    if not noted and meaning is not None and is_ours(request.path):
        noted = [Refusal(meaning, {})]
    asked = {"method": request.method, "answer": response.status_code, **_key(request)}
    return [Refusal(one.why, {**asked, **one.told}) for one in noted]


def is_ours(path: str) -> bool:
    """An address of the console or the log-in: what browsers ask for by themselves (icons) is none."""
    return path.startswith((reverse("admin:index"), reverse("account_login")))


def chain_of(user: User) -> int:
    """The organisation in which the account holds all its roles; 0, the installation, where that is not one."""
    held = holdings_of(user).organisations
    return next(iter(held)) if len(held) == 1 else INSTALLATION


def kind_of_address(request: HttpRequest) -> str:
    """The address as it is declared: with the names of its parameters, not with what stood there."""
    match = request.resolver_match
    return f"/{match.route}" if match is not None and match.route else NO_ADDRESS


def _key(request: HttpRequest) -> dict[str, str]:
    """The key that was asked for, if it can be one."""
    match = request.resolver_match
    given: dict[str, Any] = match.kwargs if match is not None else {}
    keys = [str(value) for value in given.values()]
    fit = [one for one in keys if re.fullmatch(r"[0-9]+", one) and len(one) <= _KEY_LENGTH]
    return {"key": " ".join(fit)} if fit else {}

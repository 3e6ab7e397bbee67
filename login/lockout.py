"""Lock-out: passwords and codes count together, against the account, in the database.

An account and not an address is locked: a whole trust often shares one address, and guesses come from many. The
count is in the database because every web worker and host must see the same one.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from allauth.core.internal.httpkit import get_client_ip
from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest


def username_of(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """The name under which failures are counted (AXES_USERNAME_CALLABLE).

    Log-in finds accounts whatever the case, so one account must have one count, however its name is spelt.
    """
    given = (credentials or {}).get("username") or request.POST.get("login") or ""
    return unicodedata.normalize("NFKC", str(given)).strip().casefold()[:255]


def address_of(request: HttpRequest) -> str | None:
    """The browser's address (AXES_CLIENT_IP_CALLABLE), for the record; a proxy is believed where there is one."""
    address: str | None = get_client_ip(request)
    return address


def refuse_if_locked(request: HttpRequest, user: User) -> None:
    """Raise where the account is locked; the middleware of axes then answers with the page that says so."""
    if AxesProxyHandler.is_allowed(request, {"username": user.get_username()}):
        return
    request.axes_locked_out = True  # type: ignore[attr-defined]  # how axes itself marks a request
    request.axes_credentials = {"username": user.get_username()}  # type: ignore[attr-defined]  # axes reads it there
    raise ValidationError("This account is locked for now.")


def count_failure(request: HttpRequest, user: User) -> None:
    """A wrong code counts as a wrong password does."""
    AxesProxyHandler.user_login_failed(
        sender=count_failure, credentials={"username": user.get_username()}, request=request
    )

"""What every request passes: the session's limits, the second factor, the headers.

They stand here and not on single views, so that a view nobody thought of is safe too.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse

from login import clock, endings, second_factor
from login.events import Kind, happened
from login.limits import Limit

Answer = Callable[[HttpRequest], HttpResponse]

ENDED = {
    Limit.IDLE: "You were logged out because you had not done anything for a while. Please log in again.",
    Limit.ABSOLUTE: "You were logged out because you had been logged in for long. Please log in again.",
}
CLOSED = "You were logged out because your account is closed or was removed."
# What somebody may still reach who has not set up the second factor: setting it up, and leaving.
BEFORE_SECOND_FACTOR = frozenset(
    {
        "account_logout",
        "account_reauthenticate",
        "mfa_index",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "session_left",
        "session_stay",
        # Django's own views around the console: leaving it, and the words of its scripts.
        "logout",
        "jsi18n",
    }
)


class SessionLimitMiddleware:
    """Ends sessions that are over, and those whose account was closed. Stands after the messages' middleware."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        ended = self._ended(request)
        if ended is not None:
            return ended
        response = self.get_response(request)
        # Logging in happens inside the call: a session has its times from its first moment.
        if request.user.is_authenticated and clock.read(request.session) is None:
            clock.start(request.session)
        return response

    def _ended(self, request: HttpRequest) -> HttpResponse | None:
        if not request.user.is_authenticated:
            if SESSION_KEY in request.session:
                _refuse_session(request)
            return None
        times = clock.read(request.session) or clock.start(request.session)
        now = time.time()
        limit = times.ended_by(clock.limits(), at=now)
        if limit is not None:
            return _log_out(request, limit, ENDED[limit])
        assert isinstance(request.user, User)
        if why := endings.why_over(request.user, began=times.began):
            happened(
                Kind.SESSIONS_ENDED, user=request.user, by="end of a role", request=request, detail="(1)"
            )
            return _log_out(request, Limit.ABSOLUTE, why)
        # Asking how long is left is no sign of somebody being there.
        if request.path != reverse("session_left") and times.is_stale(clock.limits(), at=now):
            clock.touch(request.session)
        return None


def _refuse_session(request: HttpRequest) -> None:
    """Of an account closed or removed since. Ignoring it is not enough: it must not come back to life."""
    key = request.session[SESSION_KEY]
    account = User.objects.filter(pk=key).first()
    request.session.flush()
    happened(Kind.SESSION_REFUSED, user=account, request=request, detail=f"(account {key})")
    messages.warning(request, CLOSED)


def _log_out(request: HttpRequest, limit: Limit, why: str) -> HttpResponse:
    logout(request)
    # It is kept in a cookie until a page shows it, which may be the next one.
    messages.warning(request, why)
    if request.path == reverse("session_left"):
        return JsonResponse({"left": 0, "limit": limit})
    query = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
    return HttpResponseRedirect(f"{reverse('account_login')}?{query}".rstrip("?"))


class SecondFactorMiddleware:
    """Nobody goes on without the second factor, whichever way they logged in. Stands after the session's limits."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        """After the address was resolved, before the view: views are told apart by their names."""
        match = request.resolver_match
        if match is not None and match.url_name in BEFORE_SECOND_FACTOR:
            return None
        return HttpResponseRedirect(reverse("mfa_index")) if second_factor.is_missing(request) else None


class SafeHeadersMiddleware:
    """No page is kept by a browser or a proxy, and none may use a device. Stands before the session's middleware."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "no-store" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "no-store, private"
        response["Permissions-Policy"] = PERMISSIONS
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        return response


# Security keys are used on our own pages; nothing else of the device is.
PERMISSIONS = (
    "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), "
    + ", ".join(f"publickey-credentials-{verb}=(self)" for verb in ("create", "get"))
)

"""allauth's pages that change how somebody gets in, each in one transaction with the events that tell of it.

allauth itself tells of a second factor once that is committed, and of some changes of it not at all. So factors are
compared before and after the page, whichever page it was.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from login.events import Kind, happened

View = Callable[..., HttpResponseBase]


def whole(view: View) -> View:
    """What is sent to the page is done and told, or neither; looking at it begins no transaction."""

    @wraps(view)
    def viewed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with transaction.atomic():
            return view(request, *args, **kwargs)

    return viewed


def factors_told(view: View) -> View:
    """As ``whole``; which factors came and went is told."""

    @wraps(view)
    def viewed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = request.user
        before = _factors(user)
        response = view(request, *args, **kwargs)
        if isinstance(user, User):
            _tell(user, request, before, _factors(user))
        return response

    return whole(viewed)


def _factors(user: Any) -> dict[int, str]:
    return dict(Authenticator.objects.filter(user_id=user.pk).order_by("pk").values_list("pk", "type"))


def _tell(user: User, request: HttpRequest, before: dict[int, str], after: dict[int, str]) -> None:
    """New recovery codes take the place of the old, which is one event and not two."""
    added = [kind for key, kind in after.items() if key not in before]
    gone = [kind for key, kind in before.items() if key not in after]
    codes = Authenticator.Type.RECOVERY_CODES.value
    for kind in added:
        told = Kind.CODES_MADE if kind == codes else Kind.FACTOR_ADDED
        happened(told, user=user, request=request, detail=f"({kind})")
    for kind in gone:
        if kind != codes or codes not in added:
            happened(Kind.FACTOR_REMOVED, user=user, request=request, detail=f"({kind})")

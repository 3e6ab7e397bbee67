"""The few views that allauth does not have: the session's clock for the warning, and a closed door."""

from __future__ import annotations

import math
import time

from django.contrib.auth.decorators import login_not_required, login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from login import clock
from login.limits import Limit


@require_GET
@login_not_required
def session_left(request: HttpRequest) -> HttpResponse:
    """Seconds until the session ends. Asking does not lengthen it; somebody logged out hears 0."""
    return _time_left(request)


@require_POST
@login_required
def session_stay(request: HttpRequest) -> HttpResponse:
    """Somebody is there and says so."""
    clock.touch(request.session)
    return _time_left(request)


def _time_left(request: HttpRequest) -> HttpResponse:
    times = clock.read(request.session) if request.user.is_authenticated else None
    if times is None:
        return JsonResponse({"left": 0, "limit": Limit.IDLE})
    left, limit = times.left(clock.limits(), at=time.time())
    # Rounded up: 0 has to mean that it is over, for the page then goes away.
    return JsonResponse({"left": max(0, math.ceil(left)), "limit": limit})


def closed(request: HttpRequest) -> HttpResponse:
    """allauth offers it, this installation does not."""
    raise PermissionDenied

"""What the pages' frame needs to know about the session (a context processor)."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from login import clock, second_factor
from login.limits import Clock


def session(request: HttpRequest) -> dict[str, Any]:
    """`session_left` and what belongs to it for the warning, and whether the second factor is missing."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    now = time.time()
    times = clock.read(request.session) or Clock(began=now, seen=now)
    left, limit = times.left(clock.limits(), at=now)
    return {
        "session_left": int(left),
        "session_limit": limit,
        "session_warning": settings.SESSION_WARNING_SECONDS,
        "session_idle_minutes": settings.SESSION_IDLE_SECONDS // 60,
        "session_hours": settings.SESSION_ABSOLUTE_SECONDS // 3600,
        "second_factor_missing": lambda: second_factor.is_missing(request),
    }

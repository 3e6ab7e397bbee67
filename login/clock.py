"""The session's times in the session itself: read, started, moved on."""

from __future__ import annotations

import time

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

from login.limits import Clock, Limits

BEGAN = "login_began"
SEEN = "login_seen"


def limits() -> Limits:
    """What the settings allow."""
    return Limits(idle=settings.SESSION_IDLE_SECONDS, absolute=settings.SESSION_ABSOLUTE_SECONDS)


def read(session: SessionBase) -> Clock | None:
    """None for a session that nobody has logged in to yet."""
    began, seen = session.get(BEGAN), session.get(SEEN)
    return None if began is None or seen is None else Clock(began=began, seen=seen)


def start(session: SessionBase) -> Clock:
    """The log-in happened now."""
    session[BEGAN] = session[SEEN] = time.time()
    return Clock(began=session[BEGAN], seen=session[SEEN])


def touch(session: SessionBase) -> None:
    """Somebody is still there."""
    session[SEEN] = time.time()

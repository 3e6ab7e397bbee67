"""A session ends with a role: one whose last day has passed since the log-in, as one that somebody ended."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User

from login.endings import ask
from people.dates import london_date
from roles.holdings import holdings_of

RAN_OUT = "You were logged out because a role that was granted to you has run out. Please log in again."


def role_ran_out(user: User, began: datetime) -> str | None:
    """The last day of a role lies between the log-in and today. The superuser's powers are no role."""
    if user.is_superuser:
        return None
    ran_out_on = holdings_of(user).ran_out_on
    is_since = ran_out_on is not None and london_date(began) <= ran_out_on
    return RAN_OUT if is_since else None


def register() -> None:
    """Called once, when the app is ready."""
    ask(role_ran_out)

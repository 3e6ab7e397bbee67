"""What happened at the log-in passes here: one function, whatever told it.

The verbs of this app call `happened` themselves; what only Django, allauth or axes knows of comes in by their signals
and is turned into the same event. Whoever keeps a record of log-ins reads events at this one place.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from allauth.account.signals import password_changed, password_reset
from axes.signals import user_locked_out
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from login.lockout import address_of
from people.audit.actions import record

log = logging.getLogger(__name__)


class Kind(StrEnum):
    """What can happen."""

    LOGGED_IN = "logged in"
    LOGGED_OUT = "logged out"
    FAILED = "failed log-in"
    LOCKED_OUT = "locked out"
    FACTOR_ADDED = "second factor added"
    FACTOR_REMOVED = "second factor removed"
    CODES_MADE = "recovery codes made"
    PASSWORD_CHANGED = "password changed"  # noqa: S105  (it names an event)
    SESSIONS_ENDED = "sessions ended"
    SESSION_REFUSED = "session of a closed account refused"
    ACCOUNT_CLOSED = "account closed"
    LINK_MADE = "enrolment link made"
    LINK_USED = "enrolment link used"
    CONNECTED = "connected to single sign-on"
    DISCONNECTED = "disconnected from single sign-on"
    REFUSED = "single sign-on refused"


# What an operator has to look at; the rest is the day's work.
GRAVE: Final = frozenset({Kind.LOCKED_OUT, Kind.SESSION_REFUSED, Kind.FACTOR_REMOVED, Kind.REFUSED})


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `username` is as somebody typed it where `user_id` is null: there may be no account."""

    kind: Kind
    username: str
    user_id: int | None
    by: str
    address: str | None
    detail: str


def happened(
    kind: Kind,
    *,
    user: User | None = None,
    username: str = "",
    by: str = "",
    request: HttpRequest | None = None,
    detail: str = "",
) -> Event:
    """The event is written down; `by` is who did it, the account itself where nothing is said.

    Call it in the transaction of what it tells. Names that no account has stay out of the log: people type their
    password into the wrong field.
    """
    name = user.get_username() if user else username
    address = address_of(request) if request is not None else None
    event = Event(kind, name, user.pk if user else None, by or name, address, detail)
    whose = "no account" if event.user_id is None else f"account {event.user_id}"
    level = logging.WARNING if kind in GRAVE else logging.INFO
    who = f" by {by}" if by else ""
    log.log(level, "%s: %s%s from %s %s", kind, whose, who, address or "here", detail)
    _into_the_audit(event, user)
    return event


def _into_the_audit(event: Event, user: User | None) -> None:
    """Names that no account has stay out of it, as of the log."""
    by = event.by if user is not None else "unknown"
    after = {"how": event.detail} if event.detail else {}
    with transaction.atomic():
        record(verb=event.kind.value, about=user, after=after, by=by)


# --- What others know of ----------------------------------------------------------------------------


@receiver(user_logged_in)
def _logged_in(sender: object, *, request: HttpRequest | None, user: User, **rest: Any) -> None:
    happened(Kind.LOGGED_IN, user=user, request=request)


@receiver(user_logged_out)
def _logged_out(
    sender: object, *, request: HttpRequest | None, user: User | AnonymousUser | None, **rest: Any
) -> None:
    if isinstance(user, User):
        happened(Kind.LOGGED_OUT, user=user, request=request)


@receiver(user_login_failed)
def _failed(
    sender: object, *, credentials: dict[str, Any], request: HttpRequest | None = None, **rest: Any
) -> None:
    given = str(credentials.get("username") or "")[:255]
    happened(
        Kind.FAILED, user=account_named(given), username=given, request=request, detail="(wrong password)"
    )


@receiver(user_locked_out)
def _locked_out(sender: object, *, request: HttpRequest, username: str, **rest: Any) -> None:
    happened(Kind.LOCKED_OUT, user=account_named(username), username=username, request=request)


@receiver(password_reset)
def _password_reset(sender: object, *, request: HttpRequest, user: User, **rest: Any) -> None:
    """By a link: a new account's first, or a forgotten password's."""
    kind = Kind.LINK_USED if user.last_login is None else Kind.PASSWORD_CHANGED
    happened(kind, user=user, request=request)


@receiver(password_changed)
def _password_changed(sender: object, *, request: HttpRequest, user: User, **rest: Any) -> None:
    happened(Kind.PASSWORD_CHANGED, user=user, request=request)


def account_named(name: str) -> User | None:
    """The account of that name, as log-in finds it: whatever the case."""
    return User.objects.filter(username__iexact=name.strip()).first() if name else None

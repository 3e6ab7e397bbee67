"""What changes an account's log-in: its sessions end, it is closed, its second factor is used or taken away."""

from __future__ import annotations

import datetime as dt

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from login.events import Kind, happened
from login.models import Session, UsedCode

# Longer than any code stays valid: half a minute, and one more on either side for wrong clocks.
CODE_IS_REMEMBERED = dt.timedelta(minutes=2)


@transaction.atomic
def end_sessions(*, user: User, by: str) -> int:
    """Every browser in which `user` is logged in has to log in again; returns how many sessions that ended.

    For whoever takes something from an account: a grant that ends, an account that is closed.
    """
    count, _ = Session.objects.filter(user=user).delete()
    if count:
        happened(Kind.SESSIONS_ENDED, user=user, by=by, detail=f"({count})")
    return count


@transaction.atomic
def deactivate(*, user: User, by: str) -> None:
    """`user` cannot log in any more and is logged out everywhere. The account itself stays, for the record."""
    user.is_active = False
    user.save(update_fields=["is_active"])
    happened(Kind.ACCOUNT_CLOSED, user=user, by=by)
    end_sessions(user=user, by=by)


@transaction.atomic
def password_given(*, user: User, by: str) -> None:
    """An administrator has given `user` another password, or taken it: that is told, never which, and sessions end."""
    how = "by an administrator" if user.has_usable_password() else "taken away by an administrator"
    happened(Kind.PASSWORD_CHANGED, user=user, by=by, detail=f"({how})")
    if by != user.get_username():  # whose own session goes on under the new one
        end_sessions(user=user, by=by)


@transaction.atomic
def reset_second_factor(*, user: User, by: str) -> int:
    """`user` has no second factor any more (the telephone is lost) and must set one up at the next log-in.

    Ends the sessions too: whoever holds the lost device may be in one. Returns how many factors were removed.
    """
    count: int = Authenticator.objects.filter(user=user).delete()[0]
    end_sessions(user=user, by=by)
    happened(Kind.FACTOR_REMOVED, user=user, by=by, detail=f"({count})")
    return count


def use_up(*, code: str, user: User, at: dt.datetime | None = None) -> bool:
    """The code is good for nothing more; False where it was used before, by whichever worker.

    allauth remembers codes in the memory of one process, and for half a minute: shorter than they are valid.
    """
    now = at or timezone.now()
    UsedCode.objects.filter(user=user, used_at__lt=now - CODE_IS_REMEMBERED).delete()
    try:
        with transaction.atomic():
            UsedCode.objects.create(user=user, code=code, used_at=now)
    except IntegrityError:
        return False
    return True


def clear_away(*, at: dt.datetime | None = None) -> tuple[int, int]:
    """Sessions that are over and codes that are valid no more are gone; returns how many of each."""
    now = at or timezone.now()
    sessions, _ = Session.objects.filter(expire_date__lt=now).delete()
    codes, _ = UsedCode.objects.filter(used_at__lt=now - CODE_IS_REMEMBERED).delete()
    return sessions, codes

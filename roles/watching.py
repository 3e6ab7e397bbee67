"""Whose views of a person's record are written down: those of the roles that see many and keep none."""

from __future__ import annotations

from typing import Final

from people.audit.watching import watch
from people.dates import london_today
from people.tenancy import everywhere
from roles.holdings import Account
from roles.models import Grant
from roles.urps import URP

WATCHED: Final = (URP.FUNCTIONAL_ACCOUNT_MANAGER, URP.SUPPORT, URP.AUDITOR)


def is_watched(user: Account, organisation_id: int) -> bool:
    """Whether the account holds one of these roles in the organisation today."""
    with everywhere("what an account holds"):
        held = Grant.objects.in_force(on=london_today()).filter(
            user=user.pk, organisation=organisation_id, urp__in=WATCHED
        )
        return held.exists()


def register() -> None:
    """Called once, when the app is ready."""
    watch(is_watched)

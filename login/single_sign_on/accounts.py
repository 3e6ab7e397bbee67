"""Whose account a provider's person is: the one connected to it, or, once, the one that bears the name it gives."""

from __future__ import annotations

from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.db import transaction

from login.events import Kind, happened
from login.single_sign_on.sources import Source


class NoAccountError(Exception):
    """Nobody may be let in under this name; the message is for the log, not for the visitor."""


@transaction.atomic
def connect(outside: SocialAccount, *, source: Source) -> User:
    """The account that bears the outside name is connected to that person for good; raises NoAccountError.

    From then on the provider's own key for the person (`sub`) counts and not the name: an e-mail address may be
    given to somebody else one day, and its new holder must not inherit the account.
    """
    name = outside.extra_data["name"]
    user = _bearer_of(name, source)
    taken = SocialAccount.objects.filter(user=user, provider=source.id).exclude(uid=outside.uid)
    if taken.exists():
        raise NoAccountError(f"account {user.pk} is connected to somebody else at {source.name}")
    outside.user = user
    outside.save()
    happened(Kind.CONNECTED, user=user, by=source.name)
    return user


def _bearer_of(name: str, source: Source) -> User:
    if not name:
        raise NoAccountError(f"{source.name} gives no {source.account_claim}")
    bearers = User.objects.select_for_update().filter(
        **{f"{source.account_field}__iexact": name, "is_active": True}
    )
    try:
        return bearers.get()
    except User.DoesNotExist:
        raise NoAccountError(f"no open account has the {source.account_claim} given") from None
    except User.MultipleObjectsReturned:
        raise NoAccountError(f"several accounts have the {source.account_claim} given") from None


@transaction.atomic
def disconnect(*, user: User, by: str) -> int:
    """No provider's person is `user` any more; the next log-in by name connects anew. Returns how many were."""
    from login.actions import end_sessions

    count: int = SocialAccount.objects.filter(user=user).delete()[0]
    if count:
        happened(Kind.DISCONNECTED, user=user, by=by)
        end_sessions(user=user, by=by)
    return count

"""Whether a session has passed the second factor: asked at every request, so that no way in forgets it."""

from __future__ import annotations

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest

from login import clock
from login.single_sign_on.sources import sources

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def is_missing(request: HttpRequest) -> bool:
    """Somebody is logged in by the first factor alone, where the installation asks for two."""
    if not settings.REQUIRE_MFA or not request.user.is_authenticated:
        return False
    return not is_vouched_for(request, request.user) and not _passed(request)


def is_vouched_for(request: HttpRequest, user: User) -> bool:
    """The session came by a provider whose own log-in counts as both factors, as the settings stand now."""
    trusted = {source.id for source in sources() if source.is_second_factor}
    return any(
        record.get("method") == "socialaccount" and record.get("provider") in trusted
        for record in get_authentication_records(request, user)
    )


def _passed(request: HttpRequest) -> bool:
    """A factor is set up, and this session used one, or set one up itself (which takes a code or a key)."""
    added = list(
        Authenticator.objects.filter(user_id=request.user.pk, type__in=FACTORS).values_list(
            "created_at", flat=True
        )
    )
    if not added:
        return False
    records = get_authentication_records(request, request.user)
    if any(record.get("method") == "mfa" for record in records):
        return True
    times = clock.read(request.session)
    return times is not None and any(moment.timestamp() >= times.began for moment in added)

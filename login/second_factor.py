"""Whether a session has passed the second factor: asked at every request, so that no way in forgets it."""

from __future__ import annotations

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest

from login import clock

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def is_missing(request: HttpRequest) -> bool:
    """Somebody is logged in by the first factor alone, where the installation asks for two."""
    if not settings.REQUIRE_MFA or not request.user.is_authenticated:
        return False
    return not _passed(request)


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

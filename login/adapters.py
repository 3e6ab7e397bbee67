"""Where allauth asks the installation what it wants."""

from __future__ import annotations

import base64
import hashlib
import logging
import secrets
import time
from datetime import UTC, datetime
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.http import HttpRequest
from django.utils.encoding import force_bytes

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator, never by a visitor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        theirs, ours = "allauth.mfa.stages.AuthenticateStage", "login.stages.SecondStep"
        return [ours if stage == theirs else stage for stage in super().get_login_stages()]

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """Whoever gave the password a moment ago, and had no second factor, sets one up without giving it again."""
        asked: bool = super().is_reauthentication_required(app=app, **more)
        return asked and not _has_just_given_all(self.request)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of second factors are encrypted in the database: a stolen back-up makes nobody's codes."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            # SECRET_KEY was changed without keeping the old one. No code can be right then; that is a plain
            # "incorrect code" to the user, and this line to the operator.
            log.error("a second factor cannot be read: was SECRET_KEY changed? See reset_second_factor")
            return base64.b32encode(secrets.token_bytes(20)).decode("ascii")

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """ "Security key 2": allauth's own suggestion calls the first one a master key, which it is not."""
        return f"Security key {Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1}"


def _has_just_given_all(request: HttpRequest) -> bool:
    """Whether a log-in by password is as recent as a confirmation may be, and was all that the account had then."""
    given = [one for one in get_authentication_records(request, request.user) if one["method"] == "password"]
    if not given or time.time() - given[-1]["at"] >= app_settings.REAUTHENTICATION_TIMEOUT:
        return False
    then = datetime.fromtimestamp(given[-1]["at"], UTC)
    return not Authenticator.objects.filter(user_id=request.user.pk, created_at__lt=then).exists()


def _cipher() -> MultiFernet:
    """The newest key encrypts; older ones still decrypt (SECRET_KEY_FALLBACKS)."""
    return MultiFernet([_fernet(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _fernet(key: str | bytes) -> Fernet:
    # SECRET_KEY is long and random by its own rule: a plain hash, told apart by a label, is enough.
    digest = hashlib.blake2b(force_bytes(key), digest_size=32, person=b"second factor").digest()
    return Fernet(base64.urlsafe_b64encode(digest))

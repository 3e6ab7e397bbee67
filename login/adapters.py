"""Where allauth asks the installation what it wants."""

from __future__ import annotations

import base64
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
from cryptography.fernet import InvalidToken
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from login.mail import send_soon
from login.sealing import seal, unseal

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator, never by a visitor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        theirs, ours = "allauth.mfa.stages.AuthenticateStage", "login.stages.SecondStep"
        return [ours if stage == theirs else stage for stage in super().get_login_stages()]

    def send_password_reset_mail(self, user: AbstractBaseUser, email: str, context: dict[str, Any]) -> None:
        """By the queue: a page that waits for the mail server tells by its time whether an account has the address."""
        send_soon(self.render_mail("account/email/password_reset_key", email, context))

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """Whoever gave the password a moment ago, and had no second factor, sets one up without giving it again."""
        asked: bool = super().is_reauthentication_required(app=app, **more)
        return asked and not _has_just_given_all(self.request)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of second factors are encrypted in the database: a stolen back-up makes nobody's codes."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return unseal(encrypted_text)
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

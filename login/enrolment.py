"""How somebody gets into a new account: by a link, good for once and for an hour, never by a password handed out.

Whoever had a first password before the account's owner could set up their own second factor with it. A link that was
used by somebody else no longer works for its owner, who notices.
"""

from __future__ import annotations

from allauth.account import app_settings
from allauth.account.internal.flows.password_reset import get_reset_password_from_key_url
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpRequest
from django.template.loader import render_to_string

from login.actions import end_sessions
from login.events import Kind, happened


class InUseError(Exception):
    """The account is closed, or somebody has logged in to it: it is no new one."""


@transaction.atomic
def make_link(*, user: User, request: HttpRequest, by: str) -> str:
    """The address at which the owner of a new account sets its first password; a password it had works no more.

    Making another link does not undo one that is still good, but of all of them one can be used. Raises InUseError.
    """
    if user.last_login is not None or not user.is_active:
        raise InUseError
    user.set_unusable_password()
    user.save(update_fields=["password"])
    end_sessions(user=user, by=by)
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    happened(Kind.LINK_MADE, user=user, by=by, request=request)
    address: str = get_reset_password_from_key_url(request, f"{user_pk_to_url_str(user)}-{token}")
    return address


def send_link(*, user: User, address: str) -> None:
    """The link goes to the account's e-mail address."""
    context = {"user": user, "address": address, "minutes": settings.PASSWORD_RESET_TIMEOUT // 60}
    text = render_to_string("login/enrolment.txt", context)
    send_mail("CSTF interface: your new account", text, None, [user.email])

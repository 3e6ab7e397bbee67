"""Every page of the log-in is ours: in the product's words, and without script or style written into it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.urls.resolvers import URLResolver

from tests.login.queue import work_off

KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PASSWORD = "correct horse battery staple"
OURS = Path(settings.BASE_DIR) / "templates"
# Answers without a page.
NO_PAGE = {"session_left", "session_stay", "account_set_password", "mfa_download_recovery_codes"}
# What wants a state of its own is looked at in tests of its own, and a real key in tests/e2e.
ELSEWHERE = {"mfa_authenticate", "mfa_activate_totp", "mfa_reauthenticate_webauthn"}


def names(patterns: list[URLPattern | URLResolver]) -> list[str]:
    found: list[str] = []
    for pattern in patterns:
        if pattern.pattern.regex.groups:
            continue
        if isinstance(pattern, URLResolver):
            found += names(pattern.url_patterns)
        elif pattern.name:
            found.append(pattern.name)
    return found


def log_in_names() -> list[str]:
    (part,) = [part for part in get_resolver().url_patterns if str(part.pattern) == "log-in/"]
    assert isinstance(part, URLResolver)
    return sorted(set(names(part.url_patterns)) - NO_PAGE)


@pytest.fixture
def alice(db: None) -> User:
    cache.clear()  # allauth's limits count there
    user = User.objects.create_superuser("alice", "alice@example.org", PASSWORD)
    TOTP.activate(user, KEY)
    RecoveryCodes.activate(user)
    return user


def confirmed(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def check(client: Client, address: str) -> bool:
    """Whether there was a page; it is ours, then."""
    response = client.get(address)
    if response.status_code != 200:
        return False
    page = response.content.decode()
    assert Path(str(response.templates[0].origin)).is_relative_to(OURS), address
    assert not re.search(r"\sstyle=|\son[a-z]+=", page), address
    assert not re.search(r"<script(?![^>]*(src=|application/json))", page), address
    title = re.search(r"<title>([^<|]*)", page)
    assert title
    assert title[1].strip() not in {"", "Log in"} or address == reverse("account_login")
    return True


@pytest.mark.parametrize("name", log_in_names())
def test_every_page_that_a_name_leads_to(alice: User, name: str) -> None:
    pages = [check(client, reverse(name)) for client in (Client(), confirmed(alice))]
    assert any(pages) or name in ELSEWHERE


def test_the_pages_of_one_key(alice: User) -> None:
    data = {"name": "Security key 1", "credential": {}}
    key = Authenticator.objects.create(user=alice, type=Authenticator.Type.WEBAUTHN, data=data)
    client = confirmed(alice)
    assert check(client, reverse("mfa_list_webauthn"))
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        assert check(client, reverse(name, args=[key.pk]))


def test_without_a_second_factor(alice: User) -> None:
    Authenticator.objects.all().delete()
    client = confirmed(alice)
    assert check(client, reverse("mfa_activate_totp"))
    assert check(client, reverse("mfa_index"))


def test_the_second_step(alice: User, client: Client) -> None:
    client.post(reverse("account_login"), {"login": "alice", "password": PASSWORD})
    assert check(client, reverse("mfa_authenticate"))


def test_a_link_that_does_not_work(client: Client, db: None) -> None:
    assert check(client, reverse("account_reset_password_from_key", args=["1", "broken-link"]))


def test_words_of_the_e_mail(alice: User, client: Client, mailoutbox: list[EmailMessage]) -> None:
    client.post(reverse("account_reset_password"), {"email": "alice@example.org"})
    assert not mailoutbox, "the page does not wait for the mail server"
    (kept,) = work_off()
    (message,) = mailoutbox
    assert "password" not in kept, "the link stands nowhere but in the message"
    assert "alice" not in kept
    assert message.subject == "CSTF interface: set a new password"
    assert "example.com" not in str(message.body)

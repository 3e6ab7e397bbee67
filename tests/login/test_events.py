"""What happens at the log-in passes one function, with who, whose and from where."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from importlib import import_module

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from login import events
from login.actions import deactivate, end_sessions, reset_second_factor
from login.events import Event, Kind, happened
from tests.e2e.steps import code

PASSWORD = "correct horse battery staple"
KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def alice(db: None) -> User:
    from django.core.cache import cache

    cache.clear()
    return User.objects.create_superuser("alice", password=PASSWORD)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, str]]:
    """Kind, whose and by whom, of each event in turn."""
    found: list[tuple[str, str, str]] = []
    original = Event.__init__

    def keep(self: Event, *values: object) -> None:
        original(self, *values)  # type: ignore[arg-type]  # as it was called
        found.append((self.kind, self.username, self.by))

    monkeypatch.setattr(Event, "__init__", keep)
    return found


def attempt(client: Client, username: str, password: str) -> int:
    return client.post(reverse("account_login"), {"login": username, "password": password}).status_code


def test_in_and_out(alice: User, client: Client, seen: list[tuple[str, str, str]]) -> None:
    attempt(client, "ALICE", "wrong")
    attempt(client, "alice", PASSWORD)
    client.post(reverse("account_logout"))
    assert seen == [
        (Kind.FAILED, "alice", "alice"),
        (Kind.LOGGED_IN, "alice", "alice"),
        (Kind.LOGGED_OUT, "alice", "alice"),
    ]


def test_nobody(db: None, client: Client, seen: list[tuple[str, str, str]]) -> None:
    attempt(client, "nobody", "wrong")
    assert seen == [(Kind.FAILED, "nobody", "nobody")]


def test_guessing(alice: User, client: Client, seen: list[tuple[str, str, str]]) -> None:
    for _ in range(5):
        attempt(client, "alice", "wrong")
    assert sorted(kind for kind, _, _ in seen) == [Kind.FAILED] * 5 + [Kind.LOCKED_OUT]


def test_a_wrong_code(alice: User, client: Client, seen: list[tuple[str, str, str]]) -> None:
    TOTP.activate(alice, KEY)
    attempt(client, "alice", PASSWORD)
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    client.post(reverse("mfa_authenticate"), {"code": code(KEY)})
    assert [kind for kind, _, _ in seen] == [Kind.FAILED, Kind.LOGGED_IN]


def add_an_app(client: Client) -> None:
    attempt(client, "alice", PASSWORD)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    client.post(reverse("mfa_activate_totp"), {"code": code(page.context["form"].secret)})


def test_the_second_factor(alice: User, client: Client, seen: list[tuple[str, str, str]]) -> None:
    add_an_app(client)
    assert [kind for kind, _, _ in seen] == [Kind.LOGGED_IN, Kind.FACTOR_ADDED, Kind.CODES_MADE]
    seen.clear()
    client.post(reverse("mfa_generate_recovery_codes"))
    assert [kind for kind, _, _ in seen] == [Kind.CODES_MADE]
    seen.clear()
    client.post(reverse("mfa_deactivate_totp"))
    assert [kind for kind, _, _ in seen] == [Kind.FACTOR_REMOVED] * 2  # the app, and the codes with it


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_told_is_not_done(
    alice: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change of how somebody gets in and its event are written together or not at all."""

    def fail(**told: object) -> None:
        raise RuntimeError("the audit cannot be written")

    add_an_app(client)
    before = list(Authenticator.objects.order_by("pk").values_list("pk", "type"))
    hashed = User.objects.get().password
    monkeypatch.setattr(events, "record", fail)
    client.raise_request_exception = False
    new = {
        "oldpassword": PASSWORD,
        "password1": "a longer one than that",
        "password2": "a longer one than that",
    }
    for page, form in (
        ("mfa_deactivate_totp", {}),
        ("mfa_generate_recovery_codes", {}),
        ("account_change_password", new),
    ):
        assert client.post(reverse(page), form).status_code == 500
    assert list(Authenticator.objects.order_by("pk").values_list("pk", "type")) == before
    assert User.objects.get().password == hashed


def test_every_page_that_allauth_has_for_factors_is_known() -> None:
    """A new one would change factors without telling."""
    theirs = {str(one.name) for one in _patterns(import_module("allauth.mfa.urls").urlpatterns)}
    assert theirs == {str(one.name) for one in _patterns(import_module("login.urls").SECOND_FACTOR)}


def _patterns(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from _patterns(one.url_patterns)
        else:
            yield one


def test_what_others_do_to_an_account(alice: User, client: Client, seen: list[tuple[str, str, str]]) -> None:
    client.force_login(alice)
    seen.clear()
    assert end_sessions(user=alice, by="bob") == 1
    assert end_sessions(user=alice, by="bob") == 0  # nothing happened
    reset_second_factor(user=alice, by="bob")
    deactivate(user=alice, by="bob")
    assert seen == [
        (Kind.SESSIONS_ENDED, "alice", "bob"),
        (Kind.FACTOR_REMOVED, "alice", "bob"),
        (Kind.ACCOUNT_CLOSED, "alice", "bob"),
    ]


def test_a_password_in_the_wrong_field_is_not_logged(db: None, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger=events.__name__):
        happened(Kind.FAILED, username="my secret pass phrase")
    assert caplog.messages == ["failed log-in: no account from here "]

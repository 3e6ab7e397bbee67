"""What happens at the log-in passes one function, with who, whose and from where."""

from __future__ import annotations

import logging

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

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


def test_the_second_factor(
    alice: User,
    client: Client,
    seen: list[tuple[str, str, str]],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    attempt(client, "alice", PASSWORD)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    # allauth tells of a factor once it is committed.
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("mfa_activate_totp"), {"code": code(page.context["form"].secret)})
    assert [kind for kind, _, _ in seen] == [Kind.LOGGED_IN, Kind.FACTOR_ADDED, Kind.CODES_MADE]


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

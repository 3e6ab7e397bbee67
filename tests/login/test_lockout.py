"""Guesses are counted against the account: passwords and codes alike, however its name is spelt."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings
from time_machine import Traveller

from login.lockout import address_of, username_of
from tests.e2e.steps import code

PASSWORD = "correct horse battery staple"
KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def alice(db: None) -> User:
    from django.core.cache import cache

    cache.clear()
    return User.objects.create_superuser("alice", password=PASSWORD)


def attempt(client: Client, username: str, password: str) -> int:
    return client.post(reverse("account_login"), {"login": username, "password": password}).status_code


def test_locked_after_five_and_open_again_after_a_quarter_of_an_hour(
    alice: User, client: Client, time_machine: Traveller
) -> None:
    time_machine.move_to(1_800_000_000, tick=False)
    spellings = ["alice", "ALICE", " alice", "Alice", "ａlice"]
    assert [attempt(client, name, "wrong") for name in spellings] == [200, 200, 200, 200, 429]
    assert attempt(client, "alice", PASSWORD) == 429
    assert attempt(Client(REMOTE_ADDR="192.0.2.1"), "alice", PASSWORD) == 429
    time_machine.shift(14 * 60)
    assert attempt(client, "alice", PASSWORD) == 429
    time_machine.shift(61)
    assert attempt(client, "alice", PASSWORD) == 302


def test_others_are_not_locked_out_with_it(alice: User, client: Client) -> None:
    User.objects.create_superuser("bob", password=PASSWORD)
    for _ in range(5):
        attempt(client, "alice", "wrong")
    assert attempt(client, "bob", PASSWORD) == 302


def test_a_name_that_is_nobodys_answers_the_same(alice: User) -> None:
    answers = {name: [attempt(Client(), name, "wrong") for _ in range(6)] for name in ("alice", "nobody")}
    assert answers["alice"] == answers["nobody"] == [200, 200, 200, 200, 429, 429]


def test_codes_are_counted_with_passwords(alice: User, client: Client) -> None:
    TOTP.activate(alice, KEY)
    for _ in range(2):
        attempt(client, "alice", "wrong")
    assert attempt(client, "alice", PASSWORD) == 302
    second = reverse("mfa_authenticate")
    assert [client.post(second, {"code": "000000"}).status_code for _ in range(3)] == [200, 200, 429]
    assert client.post(second, {"code": code(KEY)}).status_code == 429
    assert client.get("/admin/").status_code == 302
    kept = AccessAttempt.objects.get()
    assert PASSWORD not in kept.post_data
    assert "000000" not in kept.post_data


def test_the_right_code_lets_in(alice: User, client: Client) -> None:
    TOTP.activate(alice, KEY)
    attempt(client, "alice", PASSWORD)
    assert client.post(reverse("mfa_authenticate"), {"code": code(KEY)}).headers["Location"] == "/admin/"


def test_a_code_lets_in_once_even_at_another_worker(alice: User, client: Client) -> None:
    from django.core.cache import cache

    TOTP.activate(alice, KEY)
    shown = code(KEY)
    attempt(client, "alice", PASSWORD)
    assert client.post(reverse("mfa_authenticate"), {"code": shown}).status_code == 302
    cache.clear()  # another process remembers nothing
    other = Client()
    attempt(other, "alice", PASSWORD)
    assert other.post(reverse("mfa_authenticate"), {"code": f"{shown[:3]} {shown[3:]}"}).status_code == 200
    assert AccessAttempt.objects.get().failures_since_start == 1


def test_the_key_is_not_readable_in_the_database(alice: User, settings: Settings) -> None:
    TOTP.activate(alice, KEY)
    stored = Authenticator.objects.get()
    assert KEY not in str(stored.data)
    assert stored.wrap().validate_code(code(KEY))
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, as long as a key has to be, and random"
    assert stored.wrap().validate_code(code(KEY, later=1))
    settings.SECRET_KEY_FALLBACKS = []
    assert not stored.wrap().validate_code(code(KEY, later=-1))


def test_a_name_is_counted_in_one_spelling() -> None:
    request = RequestFactory().post("/", {"login": " STRAẞE "})
    assert username_of(request, None) == "strasse"
    assert username_of(request, {"username": "Alice"}) == "alice"
    assert username_of(request, {"username": "x" * 400}) == "x" * 255


def test_an_address_is_taken_from_our_own_proxy_alone(settings: Settings) -> None:
    request = RequestFactory().get("/", headers={"x-forwarded-for": "198.51.100.1, 192.0.2.9"})
    assert address_of(request) == "127.0.0.1"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert address_of(request) == "192.0.2.9"
    assert address_of(RequestFactory().get("/", REMOTE_ADDR="")) is None  # by way of a unix socket

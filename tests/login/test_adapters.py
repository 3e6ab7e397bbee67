"""When somebody has to say once more who they are."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

PASSWORD = "correct horse battery"
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
AGAIN = "/log-in/again/"


@pytest.fixture
def alice(db: None) -> User:
    cache.clear()  # allauth's limits count there
    return User.objects.create_superuser("alice", "alice@example.org", PASSWORD)


def logged_in() -> Client:
    client = Client()
    client.post(reverse("account_login"), {"login": "alice", "password": PASSWORD})
    return client


def asked_again(client: Client) -> bool:
    response = client.get(reverse("mfa_activate_totp"))
    if response.status_code == 200:
        return False
    assert response["Location"].startswith(AGAIN)
    return True


@pytest.mark.usefixtures("alice")
def test_the_first_second_factor_is_set_up_right_after_the_log_in() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client = logged_in()
        assert not asked_again(client)
        clock.shift(timedelta(minutes=5))
        assert asked_again(client)


def test_whoever_had_a_second_factor_before_is_asked_again(alice: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client = logged_in()
        clock.shift(timedelta(minutes=1))
        TOTP.activate(alice, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
        assert client.get(reverse("mfa_generate_recovery_codes")).status_code == 200
        Authenticator.objects.update(created_at=NOON - timedelta(days=1))
        response = client.get(reverse("mfa_generate_recovery_codes"))
        assert response.status_code == 302
        assert response["Location"].startswith(AGAIN)


@pytest.mark.usefixtures("alice")
def test_a_session_without_a_password_given_is_asked() -> None:
    client = Client()
    client.force_login(User.objects.get())
    assert asked_again(client)

"""The limits, the second factor and the headers hold for every address, whatever its view thinks of."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from time_machine import Traveller

from login.models import Session

NOON = 1_800_000_000


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_superuser("alice", password="correct horse battery staple")


def test_idle(alice: User, client: Client, time_machine: Traveller) -> None:
    time_machine.move_to(NOON, tick=False)
    client.force_login(alice)
    assert client.get("/admin/").status_code == 200
    time_machine.shift(899)
    assert client.get("/admin/").status_code == 200
    time_machine.shift(899)
    assert client.get("/admin/").status_code == 200
    time_machine.shift(901)
    response = client.get("/admin/people/person/?q=1", follow=True)
    assert response.redirect_chain == [("/log-in/?next=%2Fadmin%2Fpeople%2Fperson%2F%3Fq%3D1", 302)]
    assert b"had not done anything" in response.content
    assert not Session.objects.filter(user=alice).exists()


def test_absolute(alice: User, client: Client, time_machine: Traveller, settings: Settings) -> None:
    time_machine.move_to(NOON, tick=False)
    client.force_login(alice)
    for _ in range(4 * 10 - 1):
        assert client.get("/admin/").status_code == 200
        time_machine.shift(899)
    time_machine.shift(899)
    assert client.post("/admin/people/person/").headers["Location"] == "/log-in/"


def test_asking_how_long_is_left_is_no_activity(alice: User, client: Client, time_machine: Traveller) -> None:
    time_machine.move_to(NOON, tick=False)
    client.force_login(alice)
    client.get("/admin/")
    for _ in range(9):
        time_machine.shift(90)
        assert client.get(reverse("session_left")).json()["limit"] == "idle"
    assert client.get(reverse("session_left")).json() == {"left": 90, "limit": "idle"}
    assert client.post(reverse("session_stay")).json() == {"left": 900, "limit": "idle"}
    time_machine.shift(901)
    assert client.get(reverse("session_left")).json() == {"left": 0, "limit": "idle"}
    assert client.get(reverse("session_left")).json() == {"left": 0, "limit": "idle"}
    assert client.get("/admin/").status_code == 302


def test_a_session_has_its_times_from_the_log_in_itself(
    alice: User, client: Client, time_machine: Traveller
) -> None:
    time_machine.move_to(NOON, tick=False)
    form = {"login": "alice", "password": "correct horse battery staple"}
    assert client.post(reverse("account_login"), form).headers["Location"] == "/admin/"
    time_machine.shift(901)
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize("how", ["closed", "removed"])
def test_a_session_does_not_come_back_to_life(alice: User, client: Client, how: str) -> None:
    client.force_login(alice)
    assert client.get("/admin/").status_code == 200
    if how == "closed":
        User.objects.update(is_active=False)  # by whatever way, not by our verb
    else:
        User.objects.filter(pk=alice.pk).delete()
    assert client.get("/admin/").status_code == 302
    if how == "closed":
        User.objects.update(is_active=True)
    assert client.get("/admin/").status_code == 302
    assert not Session.objects.filter(user_id=alice.pk).exists()


# --- The second factor --------------------------------------------------------------------------------


def test_no_address_is_open_before_the_second_factor(alice: User, client: Client, settings: Settings) -> None:
    from django.contrib import admin

    settings.REQUIRE_MFA = True
    client.force_login(alice)
    addresses = ["/", "/admin/", reverse("account_change_password"), reverse("mfa_generate_recovery_codes")]
    addresses += [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    ]
    for address in addresses:
        for response in (client.get(address), client.post(address)):
            assert (response.status_code, response.headers["Location"]) == (302, reverse("mfa_index")), (
                address
            )
    assert client.get(reverse("mfa_index")).status_code == 200


def test_an_account_with_a_factor_must_have_used_it(alice: User, client: Client, settings: Settings) -> None:
    """However somebody got a session: here without the second step."""
    from allauth.mfa.models import Authenticator

    settings.REQUIRE_MFA = True
    Authenticator.objects.create(user=alice, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client.force_login(alice)
    client.get("/admin/")
    Authenticator.objects.update(created_at="2020-01-01T00:00Z")
    assert client.get("/admin/").headers["Location"] == reverse("mfa_index")


# --- Headers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/log-in/", "/admin/", "/admin/jsi18n/", "/admin/people/person/", "/nothing/"]
)
def test_headers(alice: User, client: Client, path: str) -> None:
    client.force_login(alice)
    headers = client.get(path).headers
    assert "no-store" in headers["Cache-Control"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "default-src 'none'" in policy


def test_an_error_page_too(alice: User, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from people.staff_admin import PersonAdmin

    def fail(*args: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(PersonAdmin, "get_queryset", fail)
    client.force_login(alice)
    client.raise_request_exception = False
    response = client.get("/admin/people/person/")
    assert response.status_code == 500
    assert "no-store" in response.headers["Cache-Control"]
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]

"""Log-in by way of a real provider: who gets in, who does not, and what is said to each."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from login.models import Session
from tests.e2e.steps import code
from tests.login.single_sign_on.conftest import Person, Provider

KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_superuser("alice.a", "Alice@Example.org")


def test_there_and_back(by_secret: Provider, alice: User, alice_outside: Person, client: Client) -> None:
    assert b"Log in with Northmoor" in client.get("/log-in/").content
    response = alice_outside.log_in(next="/admin/people/person/")
    assert (response.status_code, response.headers["Location"]) == (302, "/admin/people/person/")
    assert client.get("/admin/").status_code == 200
    assert Session.objects.filter(user=alice).count() == 1
    kept = SocialAccount.objects.get()
    assert (kept.user, kept.provider, kept.extra_data) == (alice, "oidc", {"name": "alice@example.org"})
    assert not SocialToken.objects.exists()


def test_what_is_asked_for(by_secret: Provider, alice_outside: Person, db: None) -> None:
    address = alice_outside.start(next="https://evil.example/", scope="admin", auth_params="prompt=none")
    asked = parse_qs(urlsplit(address).query)
    assert set(asked["scope"][0].split()) == {"email", "openid", "profile"}
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://testserver/log-in/with/oidc/back/"]
    assert len(asked["nonce"][0]) == 64
    assert "prompt" not in asked


def test_our_second_factor_is_asked_for(
    by_secret: Provider, alice: User, alice_outside: Person, client: Client, settings: Settings
) -> None:
    settings.REQUIRE_MFA = True
    TOTP.activate(alice, KEY)
    assert alice_outside.log_in().headers["Location"] == "/log-in/second-factor/authenticate/"
    assert client.get("/admin/").status_code == 302
    client.post("/log-in/second-factor/authenticate/", {"code": code(KEY)})
    assert client.get("/admin/").status_code == 200


def test_whoever_has_none_sets_one_up(
    by_secret: Provider, alice: User, alice_outside: Person, client: Client, settings: Settings
) -> None:
    settings.REQUIRE_MFA = True
    assert alice_outside.log_in().status_code == 302
    assert client.get("/admin/").headers["Location"] == "/log-in/second-factor/"


def test_theirs_counts_where_the_settings_say_so(
    by_secret: Provider, alice: User, alice_outside: Person, client: Client, settings: Settings
) -> None:
    settings.REQUIRE_MFA = settings.OIDC_IS_SECOND_FACTOR = True
    TOTP.activate(alice, KEY)
    assert alice_outside.log_in().headers["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200
    settings.OIDC_IS_SECOND_FACTOR = False  # no longer
    assert client.get("/admin/").headers["Location"] == "/log-in/second-factor/"


def test_no_account_is_made(by_secret: Provider, client: Client, db: None) -> None:
    response = Person(client, "mallory").log_in()
    assert response.status_code == 403
    assert b"Ask your role administrator" in response.content
    assert not User.objects.exists()
    assert not SocialAccount.objects.exists()
    assert client.get("/log-in/with/signup/").status_code == 405


def test_a_closed_account_is_as_none(by_secret: Provider, alice: User, alice_outside: Person) -> None:
    User.objects.update(is_active=False)
    assert alice_outside.log_in().status_code == 403
    assert not SocialAccount.objects.exists()


def test_an_account_closed_after_it_was_connected(
    by_secret: Provider, alice: User, alice_outside: Person, client: Client
) -> None:
    alice_outside.log_in()
    client.post("/log-in/out/")
    User.objects.update(is_active=False)
    assert Person(client, "alice").log_in().headers["Location"] == "/log-in/closed/"
    assert client.get("/admin/").status_code == 302


def test_two_accounts_with_one_address(by_secret: Provider, alice: User, alice_outside: Person) -> None:
    User.objects.create_user("alice.b", "alice@example.org")
    assert alice_outside.log_in().status_code == 403


def test_by_user_name(by_secret: Provider, alice_outside: Person, settings: Settings, db: None) -> None:
    settings.OIDC_ACCOUNT_CLAIM, settings.OIDC_ACCOUNT_FIELD = "preferred_username", "USERNAME"
    User.objects.create_superuser("Alice")
    assert alice_outside.log_in().status_code == 302


def test_a_claim_that_the_provider_does_not_make(
    by_secret: Provider, alice: User, alice_outside: Person, settings: Settings
) -> None:
    settings.OIDC_ACCOUNT_CLAIM = "upn"
    User.objects.create_user("nobody")  # its address is empty
    assert alice_outside.log_in().status_code == 403


def test_an_address_that_is_not_verified_names_nobody(
    by_secret: Provider, alice: User, alice_outside: Person
) -> None:
    by_secret.ask(claims={"email_verified": False})
    assert alice_outside.log_in().status_code == 403


def test_the_address_of_a_leaver_given_to_somebody_else(
    by_secret: Provider, alice: User, alice_outside: Person, client: Client
) -> None:
    alice_outside.log_in()
    client.post("/log-in/out/")
    by_secret.ask(claims={"email": "alice@example.org"})
    assert Person(client, "carol").log_in().status_code == 403
    call_command("disconnect_single_sign_on", "ALICE.A")
    assert Person(client, "carol").log_in().status_code == 302
    with pytest.raises(CommandError, match="no account"):
        call_command("disconnect_single_sign_on", "nobody")


def test_connected_whatever_the_address_becomes(
    by_secret: Provider, alice: User, alice_outside: Person, client: Client
) -> None:
    alice_outside.log_in()
    client.post("/log-in/out/")
    User.objects.update(email="married@example.org")
    assert Person(client, "alice").log_in().status_code == 302


def test_consent_that_is_not_given(by_secret: Provider, alice: User, alice_outside: Person) -> None:
    response = alice_outside.come_back(alice_outside.agree(alice_outside.start(), action="cancel"))
    assert response.status_code == 200
    assert b"You stopped at Northmoor" in response.content


@pytest.mark.parametrize("lie", ["signature", "none", "iss", "aud", "nonce", "expired", "azp"])
def test_a_token_that_proves_nothing(
    by_secret: Provider, alice: User, alice_outside: Person, client: Client, lie: str
) -> None:
    by_secret.ask(lie=lie)
    response = alice_outside.log_in()
    assert response.status_code == 401
    assert b"could not be accepted" in response.content
    assert client.get("/admin/").status_code == 302
    assert not SocialAccount.objects.exists()


def test_an_answer_is_good_for_once_and_for_its_asker(
    by_secret: Provider, alice: User, alice_outside: Person
) -> None:
    back = alice_outside.agree(alice_outside.start())
    assert Person(Client(), "mallory").come_back(back).status_code == 401  # another browser
    assert alice_outside.come_back(back.replace("state=", "state=x")).status_code == 401
    assert alice_outside.come_back(back).status_code == 302
    assert alice_outside.come_back(back).status_code == 401


def test_a_provider_that_calls_itself_otherwise(by_secret: Provider, client: Client, db: None) -> None:
    by_secret.ask(configuration={"issuer": "https://login.example.org"})
    assert client.post("/log-in/with/oidc/").status_code == 401
    by_secret.ask(configuration={"jwks_uri": None})
    assert client.post("/log-in/with/oidc/").status_code == 401


def test_a_provider_that_is_down(
    by_secret: Provider, alice: User, alice_outside: Person, client: Client, settings: Settings
) -> None:
    back = alice_outside.agree(alice_outside.start())
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    response = client.post("/log-in/with/oidc/")
    assert response.status_code == 503
    assert b"Northmoor does not answer" in response.content
    assert alice_outside.come_back(back).status_code == 503


def test_the_wrong_secret(
    by_secret: Provider, alice: User, alice_outside: Person, settings: Settings
) -> None:
    settings.OIDC_CLIENT_SECRET = "wrong"
    assert alice_outside.log_in().status_code == 401


def test_without_settings_there_is_nothing(client: Client, db: None) -> None:
    assert b"Log in with" not in client.get("/log-in/").content
    for address in ("/log-in/with/oidc/back/", "/log-in/with/oidc/keys/", "/log-in/with/cis2/keys/"):
        assert client.get(address).status_code == 404
    assert client.post("/log-in/with/oidc/").status_code == 404


def test_going_needs_the_token_of_our_own_form(by_secret: Provider, db: None) -> None:
    assert Client(enforce_csrf_checks=True).post("/log-in/with/oidc/").status_code == 403
    assert Client().get("/log-in/with/oidc/").status_code == 405

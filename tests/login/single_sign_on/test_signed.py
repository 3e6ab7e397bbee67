"""Log-in where a provider knows us by our signature (NHS CIS2): the same ways, and our key."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from login.single_sign_on.keys import BadKeyError, read_key
from tests.login.single_sign_on.conftest import Person, Provider


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_superuser("alice")


def published(client: Client) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = client.get("/log-in/with/cis2/keys/").json()
    return found


def test_there_and_back(by_signature: Provider, alice: User, alice_outside: Person, client: Client) -> None:
    before = by_signature.ask(keys=published(client))
    assert alice_outside.log_in("cis2").headers["Location"] == "/admin/"
    assert Person(client, "alice").log_in("cis2").status_code == 302
    assert by_signature.ask() == before + 2  # each was one of its own


def test_only_the_public_half_is_published(by_signature: Provider, client: Client, db: None) -> None:
    (key,) = published(client)["keys"]
    assert key.keys() == {"kty", "n", "e", "kid", "alg", "use", "key_ops"}
    assert (key["kid"], key["alg"], key["use"]) == ("key-1", "RS256", "sig")


def test_another_algorithm(
    by_signature: Provider, alice: User, alice_outside: Person, client: Client, settings: Settings
) -> None:
    settings.CIS2_KEY_ALGORITHM = "RS512"
    by_signature.ask(keys=published(client), algorithm="RS512")
    assert alice_outside.log_in("cis2").status_code == 302


def test_a_key_that_the_provider_does_not_know(
    by_signature: Provider, alice: User, alice_outside: Person, client: Client, settings: Settings
) -> None:
    settings.CIS2_KEY_ALGORITHM = "RS512"  # which it was not told of
    by_signature.ask(keys=published(client))
    assert alice_outside.log_in("cis2").status_code == 401


def test_a_log_in_that_is_strong_enough(
    by_signature: Provider, alice: User, alice_outside: Person, client: Client, settings: Settings
) -> None:
    settings.CIS2_ACR_VALUES = ["AAL3", "AAL2"]
    by_signature.ask(keys=published(client), claims={"acr": "AAL2"})
    asked = parse_qs(urlsplit(alice_outside.start("cis2")).query)
    assert asked["acr_values"] == ["AAL3 AAL2"]
    assert alice_outside.log_in("cis2").status_code == 302
    client.post("/log-in/out/")
    by_signature.ask(keys=published(client), claims={"acr": "AAL1"})
    assert Person(client, "alice").log_in("cis2").status_code == 401
    by_signature.ask(keys=published(client))
    assert Person(client, "alice").log_in("cis2").status_code == 401


def test_what_is_told_on_request_alone(
    by_signature: Provider, alice: User, alice_outside: Person, client: Client, settings: Settings
) -> None:
    settings.CIS2_ACCOUNT_CLAIM = "given_name"
    by_signature.ask(keys=published(client))
    assert alice_outside.log_in("cis2").status_code == 302


def test_a_key_that_has_gone(
    by_signature: Provider, alice: User, alice_outside: Person, client: Client, key_file: Path
) -> None:
    by_signature.ask(keys=published(client))
    back = alice_outside.agree(alice_outside.start("cis2"))
    key_file.unlink()
    assert alice_outside.come_back(back).status_code == 401
    assert client.get("/log-in/with/cis2/keys/").status_code == 404


def test_what_is_no_key(tmp_path: Path) -> None:
    with pytest.raises(BadKeyError, match="cannot be read"):
        read_key(tmp_path / "absent.pem")
    (tmp_path / "bad.pem").write_text("not a key")
    with pytest.raises(BadKeyError, match="is not a private key"):
        read_key(tmp_path / "bad.pem")

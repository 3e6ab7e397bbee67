"""Each check speaks when its rule is broken, and is silent when it is not."""

from pathlib import Path

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from login.single_sign_on.sources import sources


def ids(*, deploy: bool = False) -> set[str]:
    messages = run_checks(include_deployment_checks=deploy)
    return {message.id for message in messages if message.id and message.id.startswith("login.")}


def test_the_settings_as_shipped_pass(settings: Settings) -> None:
    settings.REQUIRE_MFA = True
    assert ids(deploy=True) == set()


def test_an_idle_limit_that_never_comes(settings: Settings) -> None:
    settings.SESSION_IDLE_SECONDS = settings.SESSION_ABSOLUTE_SECONDS
    assert ids() == {"login.E001"}


def test_sessions_kept_elsewhere(settings: Settings) -> None:
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cache"
    assert ids() == {"login.E002"}


def test_a_provider_half_set(settings: Settings) -> None:
    settings.OIDC_ISSUER = "https://login.example.org"
    (first, second) = [message for message in run_checks() if message.id == "login.E003"]
    assert first.msg == "OIDC_CLIENT_ID is not set, but OIDC_ISSUER is."
    assert second.msg == "OIDC_CLIENT_SECRET is not set, but OIDC_ISSUER is."
    assert sources() == []
    settings.OIDC_CLIENT_ID = settings.OIDC_CLIENT_SECRET = "set"
    assert ids() == set()
    assert [source.id for source in sources()] == ["oidc"]


def test_a_key_that_cannot_be_used(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CIS2_ISSUER, settings.CIS2_CLIENT_ID = "https://login.example.org", "client"
    settings.CIS2_KEY_ID, settings.CIS2_KEY_FILE = "key", tmp_path / "absent.pem"
    (found,) = [message for message in run_checks() if message.id == "login.E004"]
    assert found.msg == "CIS2_KEY_FILE cannot be read (No such file or directory)."
    monkeypatch.setattr("login.checks.find_spec", lambda name: None)
    assert ids() == {"login.E004", "login.E005"}


def test_a_password_alone(settings: Settings) -> None:
    settings.REQUIRE_MFA = False
    assert ids() == set()
    assert ids(deploy=True) == {"login.W001"}

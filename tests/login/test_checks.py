"""Each check speaks when its rule is broken, and is silent when it is not."""

from django.core.checks import run_checks
from pytest_django import Settings


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


def test_a_password_alone(settings: Settings) -> None:
    settings.REQUIRE_MFA = False
    assert ids() == set()
    assert ids(deploy=True) == {"login.W001"}

"""System checks: a log-in weaker than it looks is named before anything runs."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.security)
def session_limits(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A session's limits make sense together."""
    if settings.SESSION_IDLE_SECONDS < settings.SESSION_ABSOLUTE_SECONDS:
        return []
    hint = "Otherwise nobody is ever logged out for being idle."
    return [Error("SESSION_IDLE_MINUTES must be shorter than SESSION_HOURS.", hint=hint, id="login.E001")]


@register(Tags.security)
def session_table(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Sessions are where `end_sessions` looks for them."""
    if settings.SESSION_ENGINE == "login.sessions":
        return []
    hint = "Sessions kept elsewhere outlive the account they belong to."
    return [Error("SESSION_ENGINE must be 'login.sessions'.", hint=hint, id="login.E002")]


@register(Tags.security, deploy=True)
def second_factor(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The second factor is asked for."""
    if settings.REQUIRE_MFA:
        return []
    hint = "Only a demo of invented people can do without."
    return [Warning("REQUIRE_MFA is off: a password alone opens the console.", hint=hint, id="login.W001")]

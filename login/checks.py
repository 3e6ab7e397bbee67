"""System checks: a log-in weaker than it looks is named before anything runs."""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from login.single_sign_on.keys import BadKeyError, read_key
from login.single_sign_on.sources import NEEDED, Source, sources


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


@register(Tags.security)
def single_sign_on(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A provider is set up wholly or not at all, and we can sign where it wants a signature."""
    found: list[CheckMessage] = []
    for names in NEEDED.values():
        present = [name for name in names if getattr(settings, name)]
        missing = [name for name in names if name not in present]
        hint = f"Until then this provider is not offered at log-in. It needs {', '.join(names)}."
        if present:
            found += [
                Error(f"{name} is not set, but {present[0]} is.", hint=hint, id="login.E003")
                for name in missing
            ]
    return found + [problem for source in sources() if source.key_file for problem in _signing(source)]


def _signing(source: Source) -> list[CheckMessage]:
    assert source.key_file is not None
    found: list[CheckMessage] = []
    try:
        read_key(source.key_file)
    except BadKeyError as problem:
        hint = "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:4096 makes one."
        found.append(Error(f"CIS2_KEY_FILE {problem}.", hint=hint, id="login.E004"))
    if find_spec("authlib") is None:
        hint = "pip install authlib, or the project with its extra `cis2`."
        found.append(Error("CIS2_ISSUER is set, but Authlib is not installed.", hint=hint, id="login.E005"))
    return found


@register(Tags.security, deploy=True)
def second_factor(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The second factor is asked for."""
    if settings.REQUIRE_MFA:
        return []
    hint = "Only a demo of invented people can do without."
    return [Warning("REQUIRE_MFA is off: a password alone opens the console.", hint=hint, id="login.W001")]

"""What the settings make of HTTPS and of a proxy, read in a process of their own as every start does."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT

NAMES = [
    "SESSION_COOKIE_NAME",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_NAME",
    "CSRF_COOKIE_SECURE",
    "SECURE_SSL_REDIRECT",
    "SECURE_HSTS_SECONDS",
    "ALLAUTH_TRUSTED_PROXY_COUNT",
    "REQUIRE_MFA",
    "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN",
]


def settings_under(**environment: str) -> list[object]:
    code = f"import json; from django.conf import settings as s; print(json.dumps([getattr(s, n) for n in {NAMES}]))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[object] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (
            {"HTTPS": "on", "BEHIND_PROXY": "on", "REQUIRE_MFA": ""},
            ["__Host-session", True, "__Host-csrf", True, True, 31_536_000, 1, True, False],
        ),
        (
            {"HTTPS": "off", "REQUIRE_MFA": "off"},
            ["sessionid", False, "csrftoken", False, False, 0, 0, False, True],
        ),
    ],
)
def test_cookies_redirect_and_proxy(environment: dict[str, str], expected: list[object]) -> None:
    assert settings_under(**environment) == expected

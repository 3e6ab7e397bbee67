"""A real browser (Debian's Chromium) against a server of the test's own.

Every page of every test is watched: a violation of the content security policy, an error of a script or an answer
with code 500 fails the test that met it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.login.single_sign_on.conftest import by_secret, by_signature, key_file, provider, running_provider

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # not before Django has its settings

# The provider's fixtures serve here too.
__all__ = ["by_secret", "by_signature", "key_file", "provider", "running_provider"]
PATIENCE = 60_000
PASSWORD = "correct horse battery staple"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Reported before any script of the page runs, and kept where the test can ask.
WATCH = """
document.addEventListener('securitypolicyviolation', function (event) {
  console.error('CSP: ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile)
})
"""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests; each has a profile of its own in it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    # Playwright's own event loop makes Django think that it is called from asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    # Patience costs nothing where a page is quick, and a busy machine is no failure.
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def context(chromium: Browser, live_server: LiveServer) -> Iterator[BrowserContext]:
    context = chromium.new_context(base_url=live_server.url, locale="en-GB")
    context.set_default_timeout(PATIENCE)
    context.add_init_script(WATCH)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    troubles: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        # A browser logs every answer of 400 and more as an error: which ones are right, the tests say.
        if message.type == "error" and "Failed to load resource" not in message.text:
            troubles.append(message.text)

    page = context.new_page()
    page.on("console", hear)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("response", lambda answer: troubles.append(answer.url) if answer.status >= 500 else None)
    yield page
    assert not troubles


@pytest.fixture(autouse=True)
def strict(settings: Settings) -> None:
    """As an installation runs, but for HTTPS."""
    settings.REQUIRE_MFA = True
    # Chromium gives security keys to localhost without HTTPS; the server has to agree.
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True


@pytest.fixture
def alice(transactional_db: None) -> User:
    from django.contrib.auth.models import User
    from django.core.cache import cache

    cache.clear()  # allauth's limits count by address, and all tests come from the same one
    return User.objects.create_superuser("alice", "alice@example.org", PASSWORD)

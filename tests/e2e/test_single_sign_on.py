"""Log-in by way of a provider as a person meets it, under the content security policy."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.e2e.steps import in_console, keep
from tests.login.single_sign_on.conftest import Provider

pytestmark = [pytest.mark.requires("chromium"), pytest.mark.once]

Ask = Callable[..., None]


@pytest.fixture
def ask(provider: Provider, live_server: LiveServer) -> Ask:
    def asking(**wishes: object) -> None:
        back = [f"{live_server.url}/log-in/with/{id}/back/" for id in ("oidc", "cis2")]
        provider.ask(back=back, **wishes)

    return asking


def at_the_provider(page: Page, *, answer: str) -> None:
    page.locator("input[name=login]").fill("alice")
    page.locator("input[name=password]").fill("alice")
    page.locator("form", has=page.locator("input[name=login]")).get_by_role("button").click()
    page.get_by_role("button", name=answer).click()


def test_there_and_back(
    alice: User,
    ask: Ask,
    by_secret: Provider,
    page: Page,
    settings: Settings,
) -> None:
    ask()
    settings.REQUIRE_MFA = False
    page.goto("/admin/people/person/")
    keep(page, "single-sign-on")
    page.get_by_role("button", name="Log in with Northmoor").click()
    at_the_provider(page, answer="Authorize")
    page.wait_for_url("**/admin/people/person/")


def test_our_second_factor_comes_after(
    alice: User,
    ask: Ask,
    by_secret: Provider,
    page: Page,
) -> None:
    ask()
    page.goto("/admin/")
    page.get_by_role("button", name="Log in with Northmoor").click()
    at_the_provider(page, answer="Authorize")
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()


def test_cancelled(alice: User, ask: Ask, by_secret: Provider, page: Page) -> None:
    ask()
    page.goto("/log-in/")
    page.get_by_role("button", name="Log in with Northmoor").click()
    at_the_provider(page, answer="Cancel")
    expect(page.get_by_text("You stopped at Northmoor")).to_be_visible()
    keep(page, "single-sign-on-cancelled")


def test_nobody_here(ask: Ask, by_secret: Provider, page: Page, transactional_db: None) -> None:
    ask()
    page.goto("/log-in/")
    page.get_by_role("button", name="Log in with Northmoor").click()
    at_the_provider(page, answer="Authorize")
    expect(page.get_by_role("heading", name="You have no account here")).to_be_visible()
    keep(page, "single-sign-on-unknown")


def test_by_signature_with_the_key_that_we_publish(
    alice: User,
    ask: Ask,
    by_signature: Provider,
    page: Page,
    settings: Settings,
    live_server: LiveServer,
) -> None:
    ask(keys_at=f"{live_server.url}/log-in/with/cis2/keys/")
    settings.CIS2_IS_SECOND_FACTOR = True
    page.goto("/admin/")
    page.get_by_role("button", name="Log in with NHS Care Identity").click()
    at_the_provider(page, answer="Authorize")
    in_console(page)


def test_without_scripts(
    alice: User,
    ask: Ask,
    by_secret: Provider,
    chromium: Browser,
    live_server: LiveServer,
    settings: Settings,
) -> None:
    ask()
    settings.REQUIRE_MFA = False
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/admin/")
    page.get_by_role("button", name="Log in with Northmoor").click()
    at_the_provider(page, answer="Authorize")
    in_console(page)
    context.close()

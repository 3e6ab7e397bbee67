"""The session's end: warned of before, put off by somebody who is there, and enforced without any script."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from login.actions import deactivate
from tests.e2e.steps import first_step, in_console, keep

pytestmark = [pytest.mark.requires("chromium"), pytest.mark.once]


@pytest.fixture(autouse=True)
def password_alone(strict: None, settings: Settings) -> None:
    settings.REQUIRE_MFA = False


@pytest.fixture
def short(settings: Settings) -> None:
    settings.SESSION_IDLE_SECONDS = 8
    settings.SESSION_WARNING_SECONDS = 6


def test_a_warning_then_the_end(alice: User, page: Page, short: None) -> None:
    first_step(page)
    in_console(page)
    warning = page.get_by_role("dialog", name="You are about to be logged out")
    expect(warning).to_be_visible()
    keep(page, "warning")
    stay = page.get_by_role("button", name="Stay logged in")
    expect(stay).to_be_focused()
    page.keyboard.press("Enter")
    expect(warning).to_be_hidden()
    expect(warning).to_be_visible()  # again, for nobody does anything
    expect(page).to_have_title("Log in | CSTF interface")
    expect(page.get_by_text("You were logged out because you had not done anything")).to_be_visible()
    keep(page, "idle")


def test_the_end_that_cannot_be_put_off(alice: User, page: Page, settings: Settings) -> None:
    settings.SESSION_ABSOLUTE_SECONDS = 7
    settings.SESSION_WARNING_SECONDS = 6
    first_step(page)
    expect(page.get_by_text("Save your work")).to_be_visible()
    keep(page, "absolute")
    expect(page.get_by_role("button", name="Stay logged in")).to_be_hidden()
    page.get_by_role("button", name="Go on for now").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_text("You were logged out because you had been logged in for long")).to_be_visible()


def test_without_scripts_the_server_ends_it(
    alice: User, chromium: Browser, live_server: LiveServer, settings: Settings
) -> None:
    settings.SESSION_IDLE_SECONDS = 4
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    first_step(page)
    in_console(page)
    page.wait_for_timeout(4_200)
    page.goto("/admin/people/person/")
    expect(page.get_by_text("You were logged out because you had not done anything")).to_be_visible()
    context.close()


def test_a_closed_account_is_out_at_once(alice: User, page: Page) -> None:
    first_step(page)
    in_console(page)
    deactivate(user=alice, by="bob")
    page.reload()
    expect(page).to_have_title("Log in | CSTF interface")
    first_step(page)
    expect(page.get_by_role("heading", name="This account is closed")).to_be_visible()
    keep(page, "closed")

"""Getting in, and not getting in, as a person meets it."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from people.models import AuditEvent
from tests.e2e.conftest import PASSWORD
from tests.e2e.steps import code, confirm_password, first_step, in_console, keep, log_out
from tests.login.queue import work_off

pytestmark = [pytest.mark.requires("chromium"), pytest.mark.once]


def test_an_app_is_set_up_before_anything_else_and_asked_for_from_then_on(alice: User, page: Page) -> None:
    page.goto("/admin/")
    keep(page, "log-in")
    first_step(page)
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    keep(page, "second-factor-missing")
    page.goto("/admin/people/person/")  # no way round
    expect(page.get_by_text("Before you can go on")).to_be_visible()

    page.get_by_role("link", name="Set up an app").click()
    keep(page, "confirm")
    confirm_password(page)
    key = page.get_by_label("Key", exact=True).input_value()
    page.get_by_label("Authenticator code").fill("000000")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert").get_by_role("link")).to_have_text(re.compile("Incorrect code"))
    assert page.get_by_label("Key", exact=True).input_value() == key, (
        "a typing error must not ask for a new key"
    )
    keep(page, "totp-error")
    page.get_by_label("Authenticator code").fill(code(key))
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    keep(page, "recovery-codes")
    recovery = page.locator("#recovery_codes").inner_text().split()
    assert len(recovery) == 10
    page.get_by_role("link", name="go on").click()
    in_console(page)
    keep(page, "console")

    log_out(page)
    first_step(page)
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    keep(page, "second-step")
    page.get_by_label("Code").fill(code(key, later=1))  # one code is good for once
    page.get_by_role("button", name="Log in").click()
    in_console(page)

    log_out(page)
    first_step(page)
    page.get_by_label("Code").fill(recovery[0])
    page.get_by_role("button", name="Log in").click()
    in_console(page)

    log_out(page)
    first_step(page)
    page.get_by_label("Code").fill(recovery[0])  # used
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert").get_by_role("link")).to_have_text(re.compile("Incorrect code"))
    keep(page, "second-step-error")


def test_a_security_key_is_set_up_and_used(alice: User, page: Page, context: BrowserContext) -> None:
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "usb",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
            }
        },
    )
    first_step(page)
    page.get_by_role("link", name="Add a security key").click()
    confirm_password(page)
    keep(page, "key-add")
    page.get_by_role("button", name="Add the key").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.get_by_role("link", name="go on").click()
    in_console(page)

    log_out(page)
    first_step(page)
    page.get_by_role("button", name="Use a security key").click()
    in_console(page)
    page.goto(reverse("mfa_index"))
    keep(page, "second-factor-set")
    page.get_by_role("link", name="See your keys").click()
    keep(page, "keys")
    page.get_by_role("link", name="Rename").click()
    confirm_password(page)
    page.get_by_label("Name").fill("Blue key")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("row", name="Blue key")).to_be_visible()
    page.get_by_role("link", name="Remove").click()
    expect(page.get_by_role("heading", name="Remove “Blue key”?")).to_be_visible()
    keep(page, "key-remove")
    page.goto(reverse("mfa_generate_recovery_codes"))
    keep(page, "codes-again")
    page.get_by_role("button", name="Make new codes").click()
    expect(page.get_by_text("New recovery codes are made")).to_be_visible()


def test_a_key_that_does_not_answer_is_said_on_the_page(alice: User, page: Page) -> None:
    first_step(page)
    page.get_by_role("link", name="Add a security key").click()
    confirm_password(page)
    problem = page.get_by_text("The security key did not answer")
    expect(problem).to_be_hidden()
    # What a browser answers when somebody closes its question.
    page.evaluate(
        "() => { navigator.credentials.create = () => Promise.reject(new DOMException('', 'NotAllowedError')) }"
    )
    page.get_by_role("button", name="Add the key").click()
    expect(problem).to_be_visible()


def test_guessing_locks_the_account_whatever_the_spelling(
    alice: User, page: Page, settings: Settings
) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    first_step(page, password="wrong")
    expect(page.get_by_role("alert")).to_contain_text("not correct")
    keep(page, "log-in-error")
    first_step(page, password="wrong", username="ALICE")
    first_step(page, password="wrong", username="Alice ")
    expect(page.get_by_role("heading", name="Too many wrong attempts")).to_be_visible()
    keep(page, "locked")
    first_step(page)  # the right one comes too late
    expect(page.get_by_role("heading", name="Too many wrong attempts")).to_be_visible()


def test_a_new_account_is_entered_by_its_link(alice: User, page: Page, settings: Settings) -> None:
    """An administrator makes the link; its owner sets a password and a second factor, and is in: once."""
    bob = User.objects.create_user("bob")
    settings.REQUIRE_MFA = False  # the administrator's own has tests enough
    first_step(page)
    in_console(page)
    page.goto(reverse("admin:auth_user_changelist"))
    page.get_by_role("row", name="bob").get_by_role("checkbox").check()
    page.get_by_label("Action:").select_option("make_enrolment_link")
    page.get_by_role("button", name="Go").click()
    (link,) = re.findall(r"http\S+", page.get_by_text("Hand this to bob").inner_text())
    keep(page, "enrolment-link")
    log_out(page)
    settings.REQUIRE_MFA = True

    page.goto(link)
    keep(page, "enrolment")
    page.get_by_label("New Password", exact=True).fill(PASSWORD)
    page.get_by_label("New Password (again)").fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    page.wait_for_url("**/done/")
    first_step(page, username="bob")
    page.get_by_role("link", name="Set up an app").click()
    confirm_password(page)
    key = page.get_by_label("Key", exact=True).input_value()
    page.get_by_label("Authenticator code").fill(code(key))
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto("/admin/")
    expect(page.get_by_text("No role is granted to your account today")).to_be_visible()
    told = AuditEvent.objects.filter(record_type="auth.user", record_key=str(bob.pk)).order_by("id")
    verbs = list(told.values_list("verb", flat=True))
    assert verbs[:2] == ["enrolment link made", "enrolment link used"]
    assert "second factor added" in verbs

    page.context.clear_cookies()
    page.goto(link)
    expect(page.get_by_text("The link does not work")).to_be_visible()


def test_by_keyboard_alone(alice: User, page: Page, settings: Settings) -> None:
    settings.REQUIRE_MFA = False
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type("alice")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    in_console(page)


def test_a_changed_password(alice: User, page: Page, settings: Settings) -> None:
    settings.REQUIRE_MFA = False
    first_step(page)
    in_console(page)
    page.goto(reverse("account_change_password"))
    keep(page, "password-change")
    page.get_by_label("Current Password").fill(PASSWORD)
    page.get_by_label("New Password", exact=True).fill("a longer one than that")
    page.get_by_label("New Password (again)").fill("a longer one than that")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()


def test_a_forgotten_password(alice: User, page: Page, settings: Settings, live_server: LiveServer) -> None:
    from django.core import mail

    page.goto(reverse("account_login"))
    page.get_by_role("link", name="Forgotten").click()
    keep(page, "password-forgotten")
    page.get_by_label("Email").fill("alice@example.org")
    page.get_by_role("button", name="Send the link").click()
    page.wait_for_url("**/sent/")
    keep(page, "password-sent")
    work_off()
    (address,) = re.findall(r"https?://\S+", str(mail.outbox[0].body))
    page.goto(address.replace("http://testserver", live_server.url))
    page.get_by_label("New Password", exact=True).fill("short")
    page.get_by_label("New Password (again)").fill("short")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("alert")).to_contain_text("at least 12 characters")
    keep(page, "password-new-error")
    page.get_by_label("New Password", exact=True).fill("a longer one than that")
    page.get_by_label("New Password (again)").fill("a longer one than that")
    page.get_by_role("button", name="Set the password").click()
    page.wait_for_url("**/done/")
    keep(page, "password-done")
    alice.refresh_from_db()
    assert alice.check_password("a longer one than that")

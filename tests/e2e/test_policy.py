"""The console under the content security policy: every kind of page is opened, and what scripts do on it is done."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django import Settings

from people.models import Organisation
from tests.e2e.steps import first_step, in_console, keep

pytestmark = [pytest.mark.requires("chromium"), pytest.mark.once]

KINDS = ("changelist", "add")


@pytest.fixture
def console(strict: None, alice: User, page: Page, settings: Settings) -> Page:
    settings.REQUIRE_MFA = False
    first_step(page)
    in_console(page)
    return page


def test_every_kind_of_page(console: Page) -> None:
    organisation = Organisation.objects.create(vpd="901", ods_code="TAH", name="Invented Trust")
    for kind in KINDS:
        answer = console.goto(reverse(f"admin:people_organisation_{kind}"))
        assert answer is not None
        assert answer.status == 200
        assert answer.headers["cache-control"].count("no-store") == 1
        keep(console, f"admin-{kind}")
    for link, button in (("Download for upload", "Download"), ("Export this list", "Export")):
        console.goto(f"{reverse('admin:people_organisation_changelist')}?q=901")
        console.get_by_role("link", name=link).click()
        console.get_by_label("CSV (UTF-8)").check()
        with console.expect_download() as taken:
            console.get_by_role("button", name=button).click()
        assert "Invented Trust" in Path(taken.value.path()).read_text("utf-8-sig")
    for view, arguments in (("change", [organisation.pk]), ("history", [organisation.pk])):
        console.goto(reverse(f"admin:people_organisation_{view}", args=arguments))
    console.goto(reverse("admin:auth_user_add"))
    console.goto(reverse("admin:auth_user_change", args=[User.objects.get().pk]))
    console.goto(reverse("admin:interface_connection_add"))
    console.goto(reverse("admin:interface_inboundfile_changelist"))


def test_script_written_into_a_page_does_not_run(console: Page) -> None:
    """The policy is there at all; the violation this causes is expected, so it is caught here."""
    policy = console.goto("/admin/")
    assert policy is not None
    rules = policy.headers["content-security-policy"]
    assert "unsafe" not in rules
    assert "default-src 'none'" in rules

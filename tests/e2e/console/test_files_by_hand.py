"""Files by hand in a browser: upload, preview, wrong rows, corrected, applied; by keyboard, and without scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.e2e.console.conftest import Visit
from tests.e2e.console.visitor import Visitor

pytestmark = [pytest.mark.requires("chromium"), pytest.mark.once]
HEADER = "vpd,position_id,name\n"
ROWS = HEADER + "901,ZQ1,Ferryman\n901,ZQ2,\n902,ZQ3,Nurse\n"


@pytest.fixture
def harriet(visit: Visit, settings: Settings, tmp_path: Path) -> Visitor:
    settings.UPLOAD_ROOT = tmp_path / "uploads"
    return visit("hr")


def upload(page: Page, content: str) -> None:
    file: FilePayload = {"name": "positions.csv", "mimeType": "text/csv", "buffer": content.encode()}
    page.goto("/admin/files/")
    page.get_by_role("link", name="Upload positions").click()
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Upload and check").press("Enter")


def look(visitor: Visitor, name: str) -> None:
    visitor.keep(name)
    assert not visitor.faults()


def test_from_the_file_to_its_result(harriet: Visitor) -> None:
    page = harriet.page
    harriet.open("/admin/files/?table=persons")
    look(harriet, "files-form")
    upload(page, ROWS)
    expect(page.get_by_role("heading", name="What is wrong")).to_be_visible()
    look(harriet, "upload-preview")
    with page.expect_download() as told:
        page.get_by_role("link", name="Download the wrong rows").press("Enter")
    wrong = told.value.path().read_text("utf-8-sig")
    assert "name: is missing" in wrong
    page.get_by_role("button", name="Apply 1 row").press("Enter")
    expect(page.get_by_role("heading", name="Applied")).to_be_visible()
    look(harriet, "upload-applied")
    upload(page, wrong.replace("901,ZQ2,,", "901,ZQ2,Sister,").replace("902,", "901,"))
    page.get_by_role("button", name="Apply 2 rows").press("Enter")
    expect(page.get_by_role("heading", name="Applied")).to_be_visible()
    upload(page, "vpd;position_id\n")
    expect(page.get_by_text("separated by semicolons")).to_be_visible()
    look(harriet, "upload-refused")


def test_a_large_one_shows_how_far_it_is(harriet: Visitor, settings: Settings) -> None:
    from interface.by_hand import storage, tasks
    from interface.models import Upload

    settings.UPLOAD_BACKGROUND_ROWS = 1
    upload(harriet.page, ROWS)
    expect(harriet.page.get_by_text("It begins soon.")).to_be_visible()
    newest = Upload.objects.first()
    assert newest is not None
    storage.say_progress(newest.token, 1, 3)
    expect(harriet.page.get_by_text("33 % · 1 of 3 rows")).to_be_visible()
    look(harriet, "upload-under-way")
    tasks.check_upload(newest.pk)
    # The page sees by itself that it is done.
    expect(harriet.page.get_by_role("heading", name="What is wrong")).to_be_visible()


def test_it_works_without_scripts(harriet: Visitor, chromium: Browser, morning: LiveServer) -> None:
    cookies = harriet.page.context.storage_state()
    quiet = chromium.new_context(base_url=morning.url, java_script_enabled=False, storage_state=cookies)
    page = quiet.new_page()
    upload(page, HEADER + "901,ZQ9,Ferryman\n")
    page.get_by_role("button", name="Apply 1 row").click()
    expect(page.get_by_role("heading", name="Applied")).to_be_visible()
    quiet.close()

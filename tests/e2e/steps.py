"""What a person does at the log-in's pages, and the code that a telephone would show."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import time
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import PASSWORD


def code(key: str, *, later: int = 0) -> str:
    """RFC 6238, written once more: the product's own would agree with itself. `later` counts half minutes."""
    counter = int(time.time()) // 30 + later
    digest = hmac.new(base64.b32decode(key), counter.to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def keep(page: Page, name: str) -> None:
    """With SCREENSHOTS=folder, pages are kept for somebody to look at."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def first_step(page: Page, *, password: str = PASSWORD, username: str = "alice") -> None:
    page.goto("/admin/")
    expect(page).to_have_title("Log in | CSTF interface")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def confirm_password(page: Page) -> None:
    """allauth asks again before the second factor is touched."""
    if page.get_by_role("heading", name="Confirm that it is you").is_visible():
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()


def in_console(page: Page) -> None:
    expect(page.get_by_role("heading", name="Today")).to_be_visible()


def log_out(page: Page) -> None:
    page.get_by_role("button", name="Log out").first.click()
    expect(page).to_have_title("Log in | CSTF interface")

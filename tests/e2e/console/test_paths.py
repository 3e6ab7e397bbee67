"""What each role comes to the console for, done by hand in a browser on the morning after the demo's first night.

With SCREENSHOTS=folder every page on the way is kept, light and dark, for somebody to look at.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.console.conftest import Visit
from tests.e2e.console.visitor import Visitor

pytestmark = [pytest.mark.requires("chromium"), pytest.mark.once]


def follow(visitor: Visitor, name: str | re.Pattern[str], *, keep: str = "") -> None:
    """Go where a link of the page leads; no link leads to where one may not go."""
    visitor.page.get_by_role("main").get_by_role("link", name=name).first.click()
    visitor.page.wait_for_load_state()
    expect(visitor.page.get_by_role("heading", level=1)).not_to_have_text(
        re.compile("may not|not found", re.I)
    )
    if keep:
        visitor.keep(keep)


def test_learning_administration_mends_what_was_rejected(visit: Visit) -> None:
    leah = visit("learning")
    page = leah.page
    leah.open("/admin/")
    leah.keep("learning-1-home")
    page.emulate_media(color_scheme="dark")
    leah.keep("learning-1-home-dark")
    page.emulate_media(color_scheme="light")
    follow(leah, re.compile("records with E320"), keep="learning-2-rejected")
    follow(leah, re.compile("^Line "), keep="learning-3-line")
    expect(page.get_by_role("main").get_by_text("turn to")).to_be_visible()
    leah.open("/admin/mapping/")
    leah.keep("learning-4-mapping")
    follow(leah, re.compile("^901.TOTARA"), keep="learning-5-courses")
    course = page.get_by_role("row").filter(has_text="FIRE-SAFETY-2019")
    course.get_by_role("link", name="Map FIRE-SAFETY-2019").click()
    leah.keep("learning-6-map")
    page.get_by_role("group", name="Nearest by name").get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Map the course").click()
    expect(page.get_by_text("now gives 1 competence")).to_be_visible()
    leah.keep("learning-7-mapped")
    page.get_by_role("button", name=re.compile("Decide again FIRE-SAFETY-2019")).click()
    expect(page.get_by_text("was decided again")).to_be_visible()
    leah.keep("learning-8-decided-again")
    follow(leah, re.compile(r"_LCS_"), keep="learning-9-supplement")


def test_interface_administration_decides_what_waits(visit: Visit) -> None:
    ingrid = visit("interface")
    page = ingrid.page
    ingrid.open("/admin/")
    ingrid.keep("interface-1-home")
    follow(ingrid, re.compile("Files held"), keep="interface-2-held")
    follow(ingrid, re.compile("^GI_"), keep="interface-3-held-file")
    follow(ingrid, "What it would do", keep="interface-4-preview")
    page.go_back()
    page.get_by_label("Why the missing numbers are passed over").fill("The supplier never made number 3.")
    page.get_by_role("button", name="Pass over the missing numbers").click()
    expect(page.get_by_text("will be taken in at the next exchange")).to_be_visible()
    ingrid.keep("interface-4-let-through")
    ingrid.open("/admin/")
    follow(ingrid, re.compile("Outbound files held back"), keep="interface-5-holds")
    follow(ingrid, re.compile("^90[12]."), keep="interface-6-hold")
    page.get_by_label("Why the file is to go out as it is").fill("The two payrolls were merged.")
    page.get_by_role("button", name="Let it go out").click()
    expect(page.get_by_text("Goes out at the next exchange", exact=True)).to_be_visible()
    ingrid.keep("interface-7-hold-released")
    follow(ingrid, "The connection", keep="interface-8-connection")
    page.get_by_label("Why it is paused").fill("The LMS is moved to another host.")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("is paused.")).to_be_visible()
    ingrid.keep("interface-9-paused")
    page.get_by_label("Why it is resumed").fill("It has moved.")
    page.get_by_role("button", name="Resume").click()
    page.get_by_role("button", name="Send a full file").click()
    expect(page.get_by_text("will get a full file")).to_be_visible()
    ingrid.open("/admin/exchange/night/")
    ingrid.keep("interface-10-night")
    page.emulate_media(color_scheme="dark")
    ingrid.keep("interface-10-night-dark")
    page.emulate_media(color_scheme="light")
    follow(ingrid, re.compile("LCU_.*00000001"), keep="interface-11-file")
    follow(ingrid, "Undo it", keep="interface-12-undo")
    ingrid.open("/admin/exchange/late/")
    ingrid.keep("interface-13-late")
    ingrid.open("/admin/interface/outboundfile/")
    page.get_by_role("checkbox", name=re.compile("Select this object")).first.check()
    page.get_by_label(re.compile("Action")).select_option(label="Put the same file into Out again")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(page.get_by_text("published again")).to_be_visible()
    ingrid.keep("interface-14-published-again")


def test_human_resources_find_a_person_and_whether_they_were_sent(visit: Visit) -> None:
    harriet = visit("hr")
    page = harriet.page
    harriet.open("/admin/")
    harriet.keep("hr-1-home")
    page.get_by_role("searchbox", name="Find a person").fill("a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/person/?q=a")
    harriet.keep("hr-2-found")
    follow(harriet, re.compile("^[A-Z].*, [A-Z]"), keep="hr-3-person")
    expect(page.get_by_role("heading", name=re.compile("^Sent to"))).to_be_visible()


@pytest.mark.parametrize("name", ["fam", "auditor", "support", "roles", "initiation", "approval"])
def test_nothing_that_a_role_is_shown_is_a_dead_end(visit: Visit, name: str) -> None:
    visitor = visit(name)
    visitor.open("/admin/")
    visitor.keep(f"{name}-1-home")
    links = visitor.page.locator("main a[href], nav a[href]").evaluate_all(
        "all => [...new Set(all.map(one => one.pathname + one.search))].filter(one => one.startsWith('/admin/'))"
    )
    dead = [
        url for url in links if (visitor.page.request.get(url)).status != 200 and "password_change" not in url
    ]
    assert not dead


def test_by_keyboard_alone_from_home_to_a_record(visit: Visit) -> None:
    page = visit("learning").page
    page.goto("/admin/")
    reached = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.textContent.trim().replace(/\\s+/g, ' ')"))
        if page.evaluate("document.activeElement.closest('main') !== null"):
            break
    assert {"Skip to main content", "Find", "Log out"} <= reached
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/*/**")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # past what stands on every page
    expect(page.get_by_role("main")).to_be_focused()

"""What failed is mended from the console alone.

By keyboard from Home to a course decided again; completions by hand, undone; rejected records corrected and put into
In; a line decided again once its mapping is right.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.e2e.console.conftest import Visit
from tests.e2e.console.visitor import Visitor

pytestmark = [pytest.mark.requires("chromium"), pytest.mark.once]
MOST_TABS = 150
# Where the focus is, and whether it is seen.
_FOCUS = """() => { const one = document.activeElement, style = getComputedStyle(one)
  const box = one.closest('label') || document.querySelector('label[for="' + one.id + '"]')
  const words = one.getAttribute('aria-label') || one.textContent || (box ? box.textContent : '')
  return [words.trim().replace(/\\s+/g, ' '), style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2] }"""


def to(page: Page, words: str) -> None:
    """Past what stands on every page, and tab by tab to what is called so, the focus always seen."""
    if page.evaluate("document.activeElement === document.body"):
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        name, is_seen = page.evaluate(_FOCUS)
        assert is_seen or not name, f"the focus is not seen on {name!r}"
        if re.search(words, name):
            return
    pytest.fail(f"nothing called {words!r} is reached on {page.url}")


def enter(page: Page, words: str) -> None:
    """To it, and into it."""
    to(page, words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def main(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("main")


def test_by_keyboard_alone_a_course_is_mapped(visit: Visit) -> None:
    leah = visit("learning")
    page = leah.page
    page.emulate_media(color_scheme="dark")
    leah.open("/admin/")
    enter(page, "records with E320")
    enter(page, "^Line ")
    page.emulate_media(color_scheme="light")
    leah.open("/admin/")
    enter(page, "Courses that wait")
    enter(page, "^Map MH-L2")
    to(page, "^Moving and Handling - Level 2 - 2 Years")
    page.keyboard.press("Space")
    enter(page, "^Map the course")
    enter(page, "^Decide again MH-L2")
    expect(page.get_by_text("was decided again")).to_be_visible()


def test_completions_by_hand_are_applied_confirmed_and_undone(visit: Visit) -> None:
    from interface.models import InboundRecord, Upload
    from people.dates import london_today

    leah, ingrid = visit("learning"), visit("interface")
    page = leah.page
    known = InboundRecord.objects.filter(code="I100", file__name__contains="GI_901").select_related("person")[
        0
    ]
    assert known.person is not None
    version = known.person.version(on=london_today())
    assert version is not None
    rows = "person_id,last_name,date_of_birth,course_code,completion_date\n"
    for course in ("FIRE-2Y", "NO-SUCH-COURSE"):
        rows += f"{known.person},{version.last_name},{version.date_of_birth},{course},{london_today()}\n"
    leah.open("/admin/files/?table=completions")
    sheet: FilePayload = {"name": "by-hand.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    page.get_by_label("File", exact=True).set_input_files(sheet)
    page.get_by_role("button", name="Upload and check").click()
    page.get_by_role("button", name="Apply 1 row").click()
    with page.expect_download() as told:
        page.get_by_role("link", name="Download the confirmation").click()
    answers = told.value.path().read_text("utf-8-sig")
    assert "I100" in answers
    assert "NO-SUCH-COURSE is not mapped" in answers
    # Other tests open uploads as the one who made the only one.
    Upload.objects.filter(file_name="by-hand.csv").delete()
    page = ingrid.page
    ingrid.open("/admin/interface/inboundfile/?q=LCH")
    page.get_by_role("link", name=re.compile("^GI_901_CST_LCH_")).first.click()
    main(ingrid).get_by_role("link", name="Undo it").click()
    page.get_by_role("button", name="Undo the file").click()
    assert page.evaluate("document.activeElement.name") == "reason"  # a browser asks for it by itself
    page.get_by_label("Why the file is to be undone").fill("It was the wrong week.")
    assert not ingrid.faults()
    page.get_by_role("button", name="Undo the file").click()
    expect(page.get_by_role("heading", name="It was undone")).to_be_visible()
    expect(page.get_by_role("link", name="Undo it")).not_to_be_visible()
    ingrid.keep("mending-undone")


def test_rejected_records_are_corrected_and_put_into_in(visit: Visit) -> None:
    ingrid = visit("interface")
    page = ingrid.page
    ingrid.open("/admin/interface/inboundfile/?q=LCU")
    page.get_by_role("link", name=re.compile("^GI_901_CST_LCU_.*_00000001.DAT$")).click()
    with page.expect_download() as told:
        page.get_by_role("link", name="Rejected records, to correct and send again").click()
    name, text = told.value.suggested_filename, told.value.path().read_text("iso-8859-1")
    header, *lines, _, _ = text.split("\n")
    line = next(one for one in lines if "~T-NONAME" in one).split("~")
    line[4] = "Somebody"
    page.get_by_role("link", name="put into In here").click()
    assert not ingrid.faults()
    content = "\n".join([header, "~".join(line), "TRL~3", ""]).encode("iso-8859-1")
    kind = "application/octet-stream"
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "notes.txt", "mimeType": kind, "buffer": content}
    )
    page.get_by_role("button", name="Put it into In").click()
    expect(page.get_by_role("alert")).to_contain_text("is not the name of a file")
    page.get_by_label("File", exact=True).set_input_files({"name": name, "mimeType": kind, "buffer": content})
    page.get_by_role("button", name="Put it into In").click()
    expect(page.get_by_text(f"{name} lies in In")).to_be_visible()


def test_a_line_is_decided_again_once_its_mapping_is_right(visit: Visit) -> None:
    leah = visit("learning")
    page = leah.page
    leah.open("/admin/interface/inboundrecord/?code=E322")
    page.get_by_role("link", name=re.compile("^Line ")).first.click()
    line = page.url
    leah.keep("mending-line")
    main(leah).get_by_role("link", name="The mapping of SGC-L1-OLD").click()
    page.get_by_role("link", name="SGC-L1-OLD").click()
    page.locator(".field-competence .select2-selection").click()
    page.get_by_role("searchbox").last.fill("Version 2) - Level 1")
    page.get_by_role("option", name=re.compile("Safeguarding Children .Version 2. - Level 1")).click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    leah.open(line)
    page.get_by_role("button", name="Decide it again").click()
    expect(page.get_by_text("It was decided again.")).to_be_visible()
    expect(page.get_by_role("button", name="Decide it again")).not_to_be_visible()

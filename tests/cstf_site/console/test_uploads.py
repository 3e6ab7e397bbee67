"""Files by hand in the console: what one may upload, the preview, the confirmation, and what comes back."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook
from pytest_django import Settings

from cstf_site.console.page import address
from interface.by_hand import storage
from interface.models import Upload
from people.models import Organisation, PersonVersion, Position
from roles.urps import URP
from tests.cstf_site.conftest import Somebody

FORM = f"{address('files_by_hand')}?table=positions"
ROWS = b"vpd,position_id,name\n901,1,Porter\n901,2,\n"
MOST_QUERIES = 12


@pytest.fixture
def trust(db: None, tmp_path: Path, settings: Settings) -> Organisation:
    settings.UPLOAD_ROOT = tmp_path / "uploads"
    Organisation.objects.create(vpd="902", name="Southmoor")
    return Organisation.objects.create(vpd="901", name="Northmoor")


@pytest.fixture
def harriet(trust: Organisation, somebody: Somebody) -> User:
    return somebody("harriet", "901", URP.HR_ADMINISTRATION)


@pytest.fixture
def browser(client: Client, harriet: User) -> Client:
    client.force_login(harriet)
    return client


def upload(browser: Client, trust: Organisation, content: bytes = ROWS, name: str = "rows.csv") -> Upload:
    form = {"organisation": trust.pk, "file": SimpleUploadedFile(name, content)}
    answer = browser.post(FORM, form, follow=True)
    found = answer.context["upload"]
    assert isinstance(found, Upload)
    return found


def test_from_the_list_to_the_result(browser: Client, trust: Organisation) -> None:
    listed = browser.get("/admin/people/position/").content.decode()
    assert f'href="{FORM}"' in listed
    found = upload(browser, trust)
    page = address("upload", upload=found.pk)
    text = browser.get(page).content.decode()
    assert "Apply 1 row<" in text
    assert "is missing" in text
    assert not Position.objects.exists()
    browser.post(page, {"do": "confirm", "outcome": found.outcome})
    assert Position.objects.get().name == "Porter"
    wrong = b"".join(browser.get(page, {"download": "wrong"}).streaming_content)  # type: ignore[attr-defined]  # a file
    assert wrong.decode("utf-8-sig").splitlines() == [
        "vpd,position_id,name,what_is_wrong",
        "901,2,,name: is missing",
    ]
    assert "stayed behind" in browser.get(page).content.decode()
    assert "rows.csv" in browser.get(address("files_by_hand")).content.decode()


def test_a_stale_confirmation_is_told(browser: Client, trust: Organisation) -> None:
    found = upload(browser, trust)
    page = address("upload", upload=found.pk)
    answer = browser.post(page, {"do": "confirm", "outcome": "an older one"}, follow=True)
    assert "not the newest preview" in answer.content.decode()
    Position.objects.create(organisation=trust, position_id="1", name="Matron")
    answer = browser.post(page, {"do": "confirm", "outcome": found.outcome}, follow=True)
    assert "somebody changed what the file is about" in answer.content.decode()
    assert Position.objects.get().name == "Matron"


def test_a_mass_change_is_confirmed_by_itself_with_a_reason(
    browser: Client, trust: Organisation, settings: Settings
) -> None:
    settings.GUARD_MINIMUM_PEOPLE, settings.GUARD_CHANGED_SHARE = 2, 0.3
    head = b"vpd,person_id,effective_start,last_name,system_person_type\n"
    rows = b"".join(b"901,%d,2024-01-01,Achebe,EMP\n" % number for number in range(10))
    url = FORM.replace("positions", "persons")
    page = ""
    for content in (head + rows, head + rows[: len(rows) // 2].replace(b"Achebe", b"Okafor")):
        form = {"organisation": trust.pk, "file": SimpleUploadedFile("rows.csv", content)}
        answer = browser.post(url, form, follow=True)
        found, page = answer.context["upload"], answer.content.decode()
        if "all the same" not in page:  # the first brings newcomers alone
            browser.post(address("upload", upload=found.pk), {"do": "confirm", "outcome": found.outcome})
    assert "It touches a large share of your people" in page
    assert "Apply 5 rows<" not in page
    yes = {"do": "confirm", "outcome": found.outcome}
    here = address("upload", upload=found.pk)
    for missing in ({}, {"reason": "a merger"}, {"is_meant": "on"}, {"reason": " ", "is_meant": "on"}):
        assert "Please correct this" in browser.post(here, {**yes, **missing}).content.decode()
    assert not PersonVersion.objects.filter(last_name="Okafor").exists()
    done = browser.post(here, {**yes, "reason": "a merger", "is_meant": "on"}, follow=True).content.decode()
    assert "because: a merger" in done
    assert PersonVersion.objects.filter(last_name="Okafor").count() == 5


def test_templates(browser: Client) -> None:
    book = browser.get(FORM, {"table": "persons", "template": "xlsx"})
    content = b"".join(book.streaming_content)  # type: ignore[attr-defined]  # a file
    assert load_workbook(io.BytesIO(content)).sheetnames == ["rows", "columns"]
    sheet = browser.get(FORM, {"table": "positions", "template": "csv"})
    assert b"".join(sheet.streaming_content).startswith(b"\xef\xbb\xbfvpd,position_id,name")  # type: ignore[attr-defined]  # a file
    assert browser.get(f"{FORM}&template=exe").status_code == 404


def test_refusals_are_told(browser: Client, trust: Organisation, settings: Settings) -> None:
    refused = upload(browser, trust, b"vpd;position_id\n", "rows.csv")
    assert "semicolons" in browser.get(address("upload", upload=refused.pk)).content.decode()
    assert "this field is required" in browser.post(FORM, {"organisation": trust.pk}).content.decode().lower()
    settings.UPLOAD_MAX_BYTES = 1024
    large = SimpleUploadedFile("rows.csv", b"x" * 100_000)
    text = browser.post(FORM, {"organisation": trust.pk, "file": large}).content.decode()
    assert "The file is larger than 1,024 bytes" in text


def test_a_discarded_file_is_gone(browser: Client, trust: Organisation) -> None:
    found = upload(browser, trust)
    answer = browser.post(address("upload", upload=found.pk), {"do": "discard"}, follow=True)
    assert "was discarded" in answer.content.decode()
    assert not Upload.objects.exists()


def test_it_is_nobody_else_s(browser: Client, trust: Organisation, somebody: Somebody) -> None:
    found = upload(browser, trust)
    page = address("upload", upload=found.pk)
    other = Client()
    for name, urps in (("hanna", [URP.HR_ADMINISTRATION]), ("root2", [])):
        other.force_login(somebody(name, "901", *urps) if urps else User.objects.create_superuser(name))
        assert other.get(page).status_code == 404
        assert other.post(page, {"do": "confirm", "outcome": found.outcome}).status_code == 404
    assert not Position.objects.exists()


def test_another_organisation_is_not_offered(browser: Client, trust: Organisation) -> None:
    southmoor = Organisation.objects.get(vpd="902")
    assert "Southmoor" not in browser.get(FORM).content.decode()
    form = {"organisation": southmoor.pk, "file": SimpleUploadedFile("rows.csv", ROWS)}
    assert browser.post(FORM, form).status_code == 200
    assert not Upload.objects.exists()
    assert browser.get(address("files_by_hand"), {"table": "mappings"}).status_code == 404


def test_large_previews_are_small_pages_of_few_questions(browser: Client, trust: Organisation) -> None:
    rows = b"".join(b"901,%d,%s\n" % (number, b"Porter" * (number % 2)) for number in range(3000))
    found = upload(browser, trust, b"vpd,position_id,name\n" + rows)
    with CaptureQueriesContext(database) as queries:
        page = browser.get(address("upload", upload=found.pk))
    assert len(queries) <= MOST_QUERIES, queries.captured_queries
    assert len(page.content) < 150_000
    assert "the first 100 of 1,500 rows" in page.content.decode()


def test_large_ones_are_done_in_the_background(
    browser: Client, trust: Organisation, settings: Settings, django_capture_on_commit_callbacks: object
) -> None:
    from django_q.models import OrmQ

    settings.UPLOAD_BACKGROUND_ROWS = 1
    form = {"organisation": trust.pk, "file": SimpleUploadedFile("rows.csv", ROWS)}
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]  # pytest-django's
        answer = browser.post(FORM, form, follow=True)
    assert "It begins soon" in answer.content.decode()
    assert "Look again" in answer.content.decode()
    assert "progress.js" in answer.content.decode()
    assert OrmQ.objects.count() == 1
    upload = Upload.objects.get()
    storage.say_progress(upload.token, 1, 4)
    page = browser.get(address("upload", upload=upload.pk)).content.decode()
    assert '<progress max="100" value="25"' in page
    assert "1 of 4 rows" in page

"""A list is taken away as it is shown, by whoever may, of the organisations in which they may, and of no more rows."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from cstf_site.console.page import address
from people.models import AuditEvent, Organisation
from roles.urps import URP
from tests.cstf_site.conftest import Further, Somebody

MAPPINGS = "/admin/interface/mapping/"
HEADER = ["Course code", "Course version", "Competence", "Expiry", "Direction", "Connection"]
OURS = ["'=1+1", "", "NHS|LOCAL|Fire|", "The competence's renewal period", "Both", "911/LEARN"]
THEIRS = ["B", "'-1", "NHS|LOCAL|Fire|", "The LMS's date, where it sends one", "Both", "922/LEARN"]


def url_of(query: str = "list=interface.mapping") -> str:
    return f"{address('export_list')}?{query}"


def content(answer: Any) -> bytes:
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return b"".join(answer.streaming_content)


def table(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content(answer).decode("utf-8-sig"))))


def events() -> list[tuple[int, dict[str, Any]]]:
    found = AuditEvent.objects.filter(verb="exported").order_by("organisation_id")
    return [(one.organisation_id, json.loads(one.after)) for one in found]


def test_the_columns_and_cells_of_the_list_and_no_formula(fam: Client) -> None:
    page = fam.get(url_of()).content.decode()
    assert "<dt>Rows</dt><dd>2</dd>" in page
    assert "it is the whole list" in page
    assert ", ".join(HEADER) in page
    answer = fam.post(url_of(), {"kind": "csv"})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="mappings.csv"'
    assert table(answer) == [HEADER, OURS, THEIRS]
    sheet = openpyxl.load_workbook(io.BytesIO(content(fam.post(url_of(), {"kind": "xlsx"})))).active
    assert sheet is not None
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} <= {"s", "inlineStr"}
    assert [[cell.value or "" for cell in row] for row in sheet.iter_rows()] == [HEADER, OURS, THEIRS]


def test_the_link_on_a_list_leads_to_its_rows_as_they_are_narrowed_and_ordered(fam: Client) -> None:
    """Of all its pages, whichever is open."""
    assert [row[0] for row in table(fam.post(linked(fam, "?o=-1&_facets=True"), {"kind": "csv"}))[1:]] == [
        "B", "'=1+1",
    ]  # fmt: skip
    url = linked(fam, "?organisation=922&q=B&all=")
    page = fam.get(url).content.decode()
    assert "<dt>Narrowed by</dt><dd>search “B”; organisation 922 Trust 922</dd>" in page
    assert [row[0] for row in table(fam.post(url, {"kind": "csv"}))[1:]] == ["B"]
    (key,) = Organisation.objects.filter(vpd="922").values_list("pk", flat=True)
    assert events()[-1][0] == key


def test_the_download_beside_it_keeps_the_organisation(fam: Client) -> None:
    """The order, called o, is left out, and nothing else that begins so."""
    url = linked(fam, "?organisation=922&o=-1", words="Download for upload")
    assert url.partition("?")[2] == "organisation=922&table=mappings"


def linked(client: Client, query: str, *, words: str = "Export this list") -> str:
    page = client.get(MAPPINGS + query).content.decode()
    found = re.search(rf'<a href="([^"]+)">{words}</a>', page)
    assert found, page
    return unescape(found[1])


def test_rows_of_who_may_only_look_there_are_left_out(
    client: Client, trusts: None, somebody: Somebody, further: Further
) -> None:
    user = somebody("learning", "911", URP.LEARNING_ADMINISTRATION)
    client.force_login(further(user, "922", URP.SUPPORT))
    assert client.get(MAPPINGS).context["cl"].result_count == 2
    assert "are left out" in client.get(url_of()).content.decode()
    assert [row[0] for row in table(client.post(url_of(), {"kind": "csv"}))[1:]] == ["'=1+1"]
    narrowed = url_of("list=interface.mapping&organisation=922")
    assert "no row that you may take away" in client.post(narrowed, {"kind": "csv"}).content.decode()
    # Of the organisations themselves, too, whose rows name no other.
    organisations = table(client.post(url_of("list=people.organisation"), {"kind": "csv"}))
    assert [row[0] for row in organisations[1:]] == ["911"]
    # What is everybody's stays.
    assert b"NHS|LOCAL|Fire|" in content(client.post(url_of("list=competencies.competence"), {"kind": "csv"}))


def test_more_rows_than_a_file_may_have_are_refused(fam: Client, settings: Settings) -> None:
    settings.EXPORT_MAX_ROWS = 1
    for answer in (fam.get(url_of()), fam.post(url_of(), {"kind": "csv"})):
        page = answer.content.decode()
        assert "<dd>more than 1</dd>" in page
        assert "One file has 1 rows at most: narrow the list" in page
        assert 'name="kind"' not in page
    assert not events()
    assert len(table(fam.post(url_of("list=interface.mapping&q=B"), {"kind": "csv"}))) == 2


@pytest.mark.once
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("list=interface.mapping&organisation=922&_facets=True&all=", "organisation 922 Trust 922"),
        ("list=interface.inboundrecord&file__id__exact=7", "file id 7"),
        ("list=people.nightlyrun&business_date__to=2026-11-03", "business date to 2026-11-03"),
    ],
)
def test_by_what_a_list_is_narrowed_is_said(fam: Client, query: str, said: str) -> None:
    assert f"<dt>Narrowed by</dt><dd>{said}</dd>" in fam.get(url_of(query)).content.decode()


def test_each_organisation_s_audit_says_what_was_taken_of_it(fam: Client) -> None:
    content(fam.post(url_of("list=interface.mapping&direction__exact=both&q=Fire"), {"kind": "xlsx"}))
    keys = list(Organisation.objects.order_by("pk").values_list("pk", flat=True))
    told = {
        "rows": 1,
        "what": "list.xlsx",
        "columns": HEADER,
        "filters": {"direction__exact": "both"},
        "searched": True,
    }
    assert events() == [(key, told) for key in keys]
    assert not AuditEvent.objects.filter(after__contains="Fire").exists()


def test_who_may_not_take_lists_away_gets_none(client: Client, trusts: None, somebody: Somebody) -> None:
    client.force_login(somebody("support", "911", URP.SUPPORT))
    assert "Export this list" not in client.get(MAPPINGS).content.decode()
    for answer in (client.get(url_of()), client.post(url_of(), {"kind": "csv"}), client.get(url_of(""))):
        assert answer.status_code == 403
    client.force_login(somebody("hr", "911", URP.HR_ADMINISTRATION))
    assert client.get(url_of()).status_code == 404  # mappings are not HR's to see
    assert "Export persons" in (offered := client.get(url_of("")).content.decode())
    assert "Export mappings" not in offered
    assert not events()


@pytest.mark.once
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("list=auth.user", 404),
        ("list=django_q.schedule", 404),
        ("list=interface.nothing", 404),
        ("list=", 404),
        ("list=interface.mapping&course_code__of=x", 400),
        ("list=interface.mapping&connection__organisation__name=x", 400),
        ("list=interface.inboundfile&business_date__from=31+February", 400),
    ],
)
def test_what_cannot_be_exported_is_refused(client: Client, trusts: None, query: str, status: int) -> None:
    """Whoever asks: here the superuser."""
    client.force_login(User.objects.create_superuser("root"))
    assert client.get(url_of(query)).status_code == status
    assert client.post(url_of(query), {"kind": "csv"}).status_code == status
    assert client.post(url_of(""), {"kind": "csv"}).status_code == 404
    assert client.post(url_of(), {"kind": "exe"}).context["form"].errors

"""One line of a file: beside its columns, with whom to turn to, where it is mended, and decided again from there."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from competencies.models import Competence
from cstf_site.console.page import address
from interface.models import InboundRecord, Mapping, OpenFailure, ReplayedRecord
from people.tenancy import everywhere
from roles.urps import URP
from tests.cstf_site.conftest import Somebody

# Session, user, roles, the navigation, and the page's own few.
MOST_QUERIES = 25


@pytest.fixture
def alice(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("alice"))
    return client


def line(code: str, **asked: object) -> InboundRecord:
    """One of 901 with this answer."""
    records = InboundRecord.objects.filter(code=code, file__organisation__vpd="901", **asked)
    return records.select_related("file__connection")[0]


def page_of(record: InboundRecord) -> str:
    return address("inbound_record", inboundrecord=record.pk)


def test_a_line_beside_its_columns_with_whom_to_turn_to(night: date, alice: Client) -> None:
    record = InboundRecord.objects.filter(code="E320", person__isnull=False).select_related("file")[0]
    address = f"/admin/inbound/record/{record.pk}/"
    assert address in alice.get("/admin/interface/inboundrecord/", {"code": "E320"}).content.decode()
    with CaptureQueriesContext(database) as queries:
        page = alice.get(address)
    assert len(queries) <= MOST_QUERIES
    columns = page.context["columns"]
    assert "~".join(column["value"] for column in columns) == record.raw
    assert columns[4]["name"] == "Last Name"
    assert page.context["advice"].turn_to in page.content.decode()
    assert page.context["person_url"] == f"/admin/person/{record.person_id}/"
    assert f"/admin/inbound/file/{record.file_id}/" in page.content.decode()


def test_out_of_scope_it_says_by_which_rule(night: date, alice: Client) -> None:
    said = alice.get(page_of(line("E312"))).content.decode()
    assert "By which rule, today:" in said
    assert "in scope" in said


def test_where_it_is_not_clear_who_is_meant_its_columns_lead_to_people(night: date, alice: Client) -> None:
    columns = alice.get(page_of(line("E310"))).context["columns"]
    leads = {column["name"]: column["url"] for column in columns if column["url"]}
    assert set(leads) == {"Employee Number", "Last Name"}
    for url in leads.values():
        assert alice.get(url).status_code == 200
    assert not any(column["url"] for column in alice.get(page_of(line("E330"))).context["columns"])


def test_a_mended_line_is_decided_again_from_its_own_page(night: date, alice: Client) -> None:
    """A course of a competence that has ended is mapped to the one that follows it."""
    record = line("E322")
    page = alice.get(page_of(record))
    ((words, url),) = page.context["ways"]
    assert words == "The mapping of SGC-L1-OLD"
    assert alice.get(url).context["cl"].result_count == 1
    same = alice.post(page_of(record), follow=True).content.decode()
    assert "It fails for the same reason as before" in same
    follows = Competence.objects.get(name="NHS|CSTF|Safeguarding Children (Version 2) - Level 1 - 3 Years|")
    Mapping.objects.filter(course_code="SGC-L1-OLD").update(competence=follows)
    told = alice.post(page_of(record), follow=True).content.decode()
    assert "It was decided again" in told
    assert "Decide it again" not in told
    assert ReplayedRecord.objects.get().code == "I100"


def test_a_course_that_nobody_mapped_is_mapped_from_the_line(night: date, alice: Client) -> None:
    failure = OpenFailure.objects.filter(code="E320").exclude(course_code="")[0]
    record = InboundRecord.objects.get(file=failure.file_id, line_number=failure.line_number)
    ((words, url),) = alice.get(page_of(record)).context["ways"]
    assert words == f"Map {failure.course_code}"
    assert f'value="{failure.course_code}"' in alice.get(url).content.decode()
    (unknown,) = InboundRecord.objects.filter(message__startswith="Competence ID", organisation__vpd="901")
    assert alice.get(page_of(unknown)).context["ways"] == []


@pytest.mark.scoped
def test_who_may_not_replay_is_not_asked(request: pytest.FixtureRequest, client: Client) -> None:
    with everywhere("a test's own data"):
        request.getfixturevalue("night")
        somebody: Somebody = request.getfixturevalue("somebody")
        client.force_login(somebody("bob", "901", URP.FUNCTIONAL_ACCOUNT_MANAGER))
        url = page_of(line("E320"))
    page = client.get(url)
    assert page.context["ways"] == []
    assert "Decide it again" not in page.content.decode()
    assert client.post(url).status_code == 403

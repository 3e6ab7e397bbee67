"""The person's page: what it answers, for whom, and in how many questions to the database."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from interface.models import InboundRecord
from people.audit.watching import VIEWED
from people.models import Person
from people.models.audit import AuditEvent
from people.tenancy import everywhere
from roles.urps import URP
from tests.cstf_site.conftest import Somebody

# Session, user, roles, the person's own parts, and what is asked of each of the organisation's connections.
MOST_QUERIES = 70


def somebody_added(vpd: str) -> Person:
    """One whom last night's completions touched."""
    record = InboundRecord.objects.filter(organisation__vpd=vpd, code="I100", person__isnull=False)[0]
    assert record.person is not None
    return record.person


def test_it_tells_all_and_is_reached_from_the_record(night: date, client: Client) -> None:
    client.force_login(User.objects.create_superuser("alice"))
    person = somebody_added("901")
    address = f"/admin/person/{person.pk}/"
    assert address in client.get(f"/admin/people/person/{person.pk}/change/").content.decode()
    assert address in client.get("/admin/people/person/", {"q": person.person_id}).content.decode()
    with CaptureQueriesContext(database) as queries:
        answer = client.get(address)
    page = answer.content.decode()
    assert len(queries) <= MOST_QUERIES
    line = InboundRecord.objects.filter(person=person, code="I100").select_related("file")[0]
    assert "I100 Added</" in page
    assert f"{line.file.name}, line {line.line_number:,}" in page
    verdicts = {one["words"] for row in answer.context["connections"] for one in row["records"]}
    assert "Yes" in verdicts
    assert answer.context["elements"]
    assert answer.context["assignments"] or answer.context["applications"]


@pytest.mark.scoped
@pytest.mark.parametrize(
    ("urp", "sent", "lines"),
    [
        (URP.LEARNING_ADMINISTRATION, True, True),
        (URP.HR_ADMINISTRATION, True, False),
        (URP.IAT_INITIATION, False, False),
    ],
)
def test_each_role_sees_of_the_exchange_what_is_theirs_and_nobody_sees_other_organisations(
    request: pytest.FixtureRequest, client: Client, urp: URP, sent: bool, lines: bool
) -> None:
    with everywhere("a test's own data"):
        request.getfixturevalue("night")
        somebody: Somebody = request.getfixturevalue("somebody")
        client.force_login(somebody("bob", "901", urp))
        ours, theirs = somebody_added("901"), Person.objects.filter(organisation__vpd="902")[0]
    page = client.get(f"/admin/person/{ours.pk}/").content.decode()
    assert ("I100 Added" in page) is lines
    assert ("Your roles do not show what was sent" in page) is not sent
    # The first file went out tonight, and is named to whoever may see no files.
    assert ("GO_901_CST_GOF_" in page) is sent
    assert (" records sent" in page.partition("Timeline")[2]) is sent
    assert client.get(f"/admin/person/{theirs.pk}/").status_code == 404


@pytest.mark.scoped
def test_whose_roles_show_no_people_does_not_open_it(request: pytest.FixtureRequest, client: Client) -> None:
    with everywhere("a test's own data"):
        request.getfixturevalue("night")
        somebody: Somebody = request.getfixturevalue("somebody")
        client.force_login(somebody("bob", "901", URP.SUPPORT))
        ours = somebody_added("901")
    assert client.get(f"/admin/person/{ours.pk}/").status_code == 403


def test_a_look_at_a_record_stands_in_the_audit_where_looks_do(night: date, client: Client) -> None:
    """As for the form of the record: the superuser's do."""
    client.force_login(User.objects.create_superuser("alice"))
    person = somebody_added("901")
    line = InboundRecord.objects.filter(person=person)[0]
    for address in (f"/admin/person/{person.pk}/", f"/admin/inbound/record/{line.pk}/"):
        client.get(address)
    looks = AuditEvent.objects.filter(verb=VIEWED).order_by("pk")
    assert list(looks.values_list("actor", "record_type", "record_key")) == [
        ("alice", "people.person", str(person.pk)),
        ("alice", "interface.inboundrecord", str(line.pk)),
    ]

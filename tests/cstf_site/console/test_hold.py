"""The page of a held outbound file: what it would do, for whom, and a person's yes."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cstf_site.console.page import address
from interface.models import Connection, OutboundHold
from interface.questions.held import would_change, would_delete
from people.models import PersonVersion
from people.tenancy import everywhere
from roles.urps import URP
from tests.cstf_site.conftest import Somebody

MOST_QUERIES = 90


@pytest.fixture
def hold(night: date) -> OutboundHold:
    """Somebody renamed the payroll, and half of the people are called otherwise."""
    connection = Connection.objects.select_related("organisation").get(organisation__vpd="901")
    connection.restriction, connection.restriction_values = "payroll", ["901 Renamed"]
    connection.save(update_fields=["restriction", "restriction_values"])
    return OutboundHold.objects.create(
        organisation=connection.organisation, connection=connection, kind="GOC", business_date=night,
        population=60, changed=0, deleted=58, held_at=timezone.now(),
    )  # fmt: skip


def test_whom_it_would_delete_and_why_then_a_person_s_yes(hold: OutboundHold, client: Client) -> None:
    client.force_login(User.objects.create_superuser("alice"))
    url = address("hold", outboundhold=hold.pk)
    assert url in client.get("/admin/interface/outboundhold/").content.decode()
    with CaptureQueriesContext(database) as queries:
        answer = client.get(url)
    assert len(queries) <= MOST_QUERIES
    page = answer.content.decode()
    gone = would_delete(hold.connection, on=hold.business_date)
    assert answer.context["deleted_now"] == gone.count() > 10
    assert "No current assignment matches the connection&#x27;s restriction by payroll" in page
    assert "This field is required" in client.post(url, {"reason": " "}).content.decode()
    done = client.post(url, {"reason": "The payroll was renamed."}, follow=True).content.decode()
    assert "will go out at the next exchange" in done
    hold.refresh_from_db()
    assert hold.released_by == "alice"
    OutboundHold.objects.update(settled_at=timezone.now())
    assert "nothing is held any more" in client.post(url, {"reason": "again"}, follow=True).content.decode()


def test_what_it_would_change(night: date) -> None:
    connection = Connection.objects.select_related("organisation").get(organisation__vpd="901")
    before = would_change(connection, on=night)
    PersonVersion.objects.filter(organisation__vpd="901").update(first_name="Renamed")
    after = would_change(connection, on=night)
    assert before.looked_at == after.looked_at > len(before.people)
    assert len(after.people) == after.looked_at
    assert all("person changed" in said for _, said in after.people)


@pytest.mark.scoped
@pytest.mark.parametrize(("urp", "people"), [(URP.LEARNING_ADMINISTRATION, True), (URP.SUPPORT, False)])
def test_only_who_may_says_yes_and_names_are_for_who_may_see_people(
    request: pytest.FixtureRequest, client: Client, urp: URP, people: bool
) -> None:
    with everywhere("a test's own data"):
        hold: OutboundHold = request.getfixturevalue("hold")
        somebody: Somebody = request.getfixturevalue("somebody")
        client.force_login(somebody("bob", "901", urp))
        stranger = somebody("mallory", "902", URP.INTERFACE_ADMINISTRATION)
    url = address("hold", outboundhold=hold.pk)
    answer = client.get(url)
    assert ("leaving" in answer.context) is people
    assert "Let it go out" not in answer.content.decode()
    assert client.post(url, {"reason": "I say so."}).status_code == 403
    client.force_login(stranger)
    assert client.get(url).status_code == 404
    assert client.post(url, {"reason": "I say so."}).status_code == 404

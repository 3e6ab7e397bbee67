"""One connection's page: what it says, what may be done there and by whom; and what did not come."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cstf_site.console.home import LATE
from cstf_site.console.page import address
from interface.models import Connection, FileCalendar, InboundFile, OutboundFile
from interface.scope import in_scope
from people.tenancy import everywhere
from roles.urps import URP
from tests.cstf_site.conftest import Somebody

MOST_QUERIES = 24


@pytest.fixture
def alice(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("alice"))
    return client


def do(client: Client, connection: Connection, action: str, reason: str = "") -> str:
    url = address("connection", connection=connection.pk)
    return client.post(url, {"action": action, "reason": reason}, follow=True).content.decode()


def test_a_connection_is_looked_at_paused_and_resumed(night: date, alice: Client) -> None:
    connection = Connection.objects.select_related("organisation").get(
        organisation__vpd="901", code__isnull=False
    )
    url = address("connection", connection=connection.pk)
    with CaptureQueriesContext(database) as queries:
        page = alice.get(url).content.decode()
    assert len(queries) <= MOST_QUERIES
    assert f"<dd>{in_scope(connection, on=night).count():,}</dd>" in page
    assert "No calendar" in page
    assert "Say why." in do(alice, connection, "pause", " ")
    assert "is paused." in do(alice, connection, "pause", "The LMS is moved.")
    assert "The LMS is moved." in alice.get(url).content.decode()
    assert "is paused already" in do(alice, connection, "pause", "again")
    assert "exchanges files again" in do(alice, connection, "resume", "It has moved.")
    assert "will get a full file" in do(alice, connection, "full")
    assert alice.post(url, {"action": "delete"}).status_code == 403


def test_what_did_not_come_is_counted_on_home_and_listed(night: date, alice: Client) -> None:
    connection = Connection.objects.select_related("organisation").get(organisation__vpd="901")
    FileCalendar.objects.create(
        organisation=connection.organisation, connection=connection, since=night - timedelta(days=3),
        weekdays=[1, 2, 3, 4, 5, 6, 7], by_time=time(0, 1), grace_minutes=0, pick_up_hours=1, silent_days=2,
    )  # fmt: skip
    OutboundFile.objects.update(published_at=timezone.now() - timedelta(hours=2))
    InboundFile.objects.update(received_at=timezone.now() - timedelta(days=3))
    (tile,) = [one for one in alice.get("/admin/").context["home"]["tiles"] if one.name == LATE]
    page = alice.get(tile.url)
    found = [len(page.context[name]) for name in ("late", "uncollected", "silent")]
    assert all(found)
    assert tile.count == sum(found)
    said = page.content.decode() + alice.get(address("connection", connection=connection.pk)).content.decode()
    for words in ("missing", "nobody fetched", "not fetched", "Nothing since", "Nothing has come since"):
        assert words in said, words


@pytest.mark.scoped
def test_only_who_may_does_it_and_only_at_home(request: pytest.FixtureRequest, client: Client) -> None:
    with everywhere("a test's own data"):
        request.getfixturevalue("night")
        somebody: Somebody = request.getfixturevalue("somebody")
        client.force_login(somebody("bob", "901", URP.LEARNING_ADMINISTRATION))
        theirs = Connection.objects.filter(organisation__vpd="902")[0]
        ours = Connection.objects.filter(organisation__vpd="901")[0]
    url = address("connection", connection=ours.pk)
    assert "Pause" not in client.get(url).content.decode()
    assert client.post(url, {"action": "pause", "reason": "no"}).status_code == 403
    assert client.get(address("connection", connection=theirs.pk)).status_code == 404
    assert client.post(address("connection", connection=theirs.pk), {"action": "pause"}).status_code == 404

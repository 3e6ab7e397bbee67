"""A held file is looked at before it is let through; an applied one is taken back, or it is said why not."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cstf_site.console.page import address
from interface.models import InboundFile, InboundRecord, OutboundFile, Undo
from people.models import AuditEvent
from people.tenancy import everywhere
from roles.urps import URP
from tests.cstf_site.conftest import Somebody

MOST_QUERIES = 26


def in_the_list(client: Client, state: str) -> list[str]:
    page = client.get(reverse("admin:interface_inboundfile_changelist"), {"state__exact": state})
    return [file.name for file in page.context["cl"].result_list]


@pytest.fixture
def alice(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("alice"))
    return client


def test_a_held_file_is_previewed_and_nothing_is_kept(night: date, alice: Client) -> None:
    held = InboundFile.objects.get(state="held")
    records = InboundRecord.objects.count()
    page = alice.get(address("preview_file", inboundfile=held.pk))
    seen = page.context["seen"]
    assert seen.people_changed > 0
    text = page.content.decode()
    assert str(seen.people[0].person) in text
    assert "I100" in text
    held.refresh_from_db()
    assert (held.state, InboundRecord.objects.count()) == ("held", records)


def test_a_file_is_undone_with_a_reason_the_later_one_first(night: date, alice: Client) -> None:
    files = list(
        InboundFile.objects.filter(state="answered", added__isnull=False, organisation__vpd="901").order_by(
            "number"
        )
    )
    first, last = files[0], files[-1]
    with CaptureQueriesContext(database) as queries:
        page = alice.get(address("undo_file", inboundfile=first.pk))
    assert len(queries) <= MOST_QUERIES
    assert page.context["in_the_way"]
    # The superuser's looking at records is written down.
    assert AuditEvent.objects.filter(verb="viewed").count() == len(page.context["people"])
    refused = alice.post(address("undo_file", inboundfile=first.pk), {"reason": "sent by mistake"})
    assert "cannot be undone" in refused.content.decode()
    assert last.name in in_the_list(alice, "answered")
    assert (
        "This field is required"
        in alice.post(address("undo_file", inboundfile=last.pk), {"reason": " "}).content.decode()
    )
    assert not Undo.objects.exists()
    done = alice.post(address("undo_file", inboundfile=last.pk), {"reason": "sent by mistake"}, follow=True)
    assert "was undone" in done.content.decode()
    assert Undo.objects.get().undone_by == "alice"
    assert "It was undone" in alice.get(address("undo_file", inboundfile=last.pk)).content.decode()
    assert (in_the_list(alice, "undone"), last.name in in_the_list(alice, "answered")) == ([last.name], False)
    of_its_night = f"{address('night')}?on={last.business_date}&connection={last.connection_id}"
    for shown in (reverse("admin:interface_inboundfile_changelist"), of_its_night):
        assert '<span class="chip note">Undone</span>' in alice.get(shown).content.decode()


def test_the_ledgers_rows_tell_counts_in_words(night: date, alice: Client) -> None:
    sent = OutboundFile.objects.filter(counts__has_key="PRA").order_by("pk")[0]
    page = alice.get(reverse("admin:interface_outboundfile_change", args=[sent.pk])).content.decode()
    assert f"{sent.counts['PRA']:,} people" in page
    assert "&quot;PRA&quot;" not in page


@pytest.mark.scoped
def test_whose_file_it_is_and_who_may(request: pytest.FixtureRequest, client: Client) -> None:
    with everywhere("a test's own data"):
        request.getfixturevalue("night")
        somebody: Somebody = request.getfixturevalue("somebody")
        client.force_login(somebody("bob", "901", URP.LEARNING_ADMINISTRATION))
        theirs = InboundFile.objects.filter(organisation__vpd="902")[0]
        ours = InboundFile.objects.filter(organisation__vpd="901", state="answered")[0]
    assert client.get(address("preview_file", inboundfile=ours.pk)).status_code == 200
    assert client.get(address("preview_file", inboundfile=theirs.pk)).status_code == 404
    assert client.post(address("undo_file", inboundfile=ours.pk), {"reason": "x"}).status_code == 403

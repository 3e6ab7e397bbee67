"""Whatever is refused to somebody who is logged in leaves one event, and nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from time_machine import Traveller

from people.audit import refusals
from people.audit.refusals import REFUSED
from people.dates import london_today
from people.models import AuditEvent, Organisation, Person
from roles.actions import grant
from roles.models import Grant, NotificationRecipient
from roles.urps import URP

pytestmark = pytest.mark.django_db
NOWHERE = 10**9


@pytest.fixture
def ours() -> Organisation:
    return Organisation.objects.create(vpd="911", name="Northmoor")


@pytest.fixture
def theirs() -> Organisation:
    return Organisation.objects.create(vpd="922", name="Southmoor")


@pytest.fixture
def dora(client: Client, ours: Organisation) -> Client:
    """Role administrator and HR in ours alone."""
    dora, alice = User.objects.create_user("dora"), User.objects.create_superuser("alice")
    for urp in (URP.ROLE_ADMINISTRATION, URP.HR_ADMINISTRATION):
        grant(user=dora, organisation=ours, urp=urp, reason="a test", by=alice)
    client.force_login(dora)
    return client


def refused() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(verb=REFUSED).order_by("id"))


def the_one() -> tuple[AuditEvent, dict[str, Any]]:
    (event,) = refused()
    return event, json.loads(event.after)


def test_a_forged_key_tells_who_when_from_where_and_what_but_not_whether_it_is_there(
    dora: Client, ours: Organisation, theirs: Organisation
) -> None:
    person = Person.objects.create(organisation=theirs, person_id="CANARY")
    for key in (person.pk, NOWHERE):
        address = f"/admin/people/person/{key}/change/?_changelist_filters=CANARY"
        assert dora.get(address, REMOTE_ADDR="10.0.0.7").status_code == 404
    there, nowhere = refused()
    assert (there.actor, there.address, there.organisation_id) == ("dora", "10.0.0.7", ours.pk)
    assert there.channel_key == "/admin/people/person/<path:object_id>/change/"
    assert there.reason == "not there, or not to be known of"
    assert there.record_type == "auth.user"
    told = {"method": "GET", "answer": 404}
    assert json.loads(there.after) == {**told, "key": str(person.pk)}
    assert json.loads(nowhere.after) == {**told, "key": str(NOWHERE)}
    assert "CANARY" not in f"{there.__dict__}"


def test_what_was_typed_is_not_written_down(dora: Client) -> None:
    dora.get("/admin/people/person/SMITH-1970/change/?q=SMITH")
    dora.get("/admin/there/is/no/SMITH/")
    assert len(refused()) == 2
    assert not any("SMITH" in f"{event.__dict__}" for event in refused())


@pytest.mark.parametrize(
    ("address", "answer"),
    [
        ("/admin/people/person/add/", 403),
        ("/admin/files/?table=mappings", 404),
        ("/admin/files/1/?download=wrong", 404),
        ("/admin/files/download/?table=mappings", 404),
        ("/admin/auth/user/", 403),
        ("/admin/autocomplete/?app_label=interface&model_name=mapping&field_name=connection&term=", 403),
        ("/admin/people/person/?_to_field=organisation", 400),
        ("/admin/people/person/?organisation__region__startswith=x", 400),
        ("/admin/people/person/?q=%00", 400),
        ("/admin/inbound/file/1/?download=rejected", 403),
    ],
)
def test_each_kind_of_refusal(dora: Client, address: str, answer: int) -> None:
    assert dora.get(address).status_code == answer
    event, told = the_one()
    assert (event.actor, told["answer"]) == ("dora", answer)


@pytest.mark.parametrize(
    "address",
    [
        "/admin/people/nightlyrun/?business_date__from=9999-12-31&business_date__to=9999-12-31",
        "/admin/people/auditevent/?at__gte=0001-01-01",
        "/admin/people/auditevent/?actor=%00",
    ],
)
def test_what_no_clock_or_database_reaches_is_no_error_of_ours(client: Client, address: str) -> None:
    client.force_login(User.objects.create_superuser("alice"))
    assert client.get(address).status_code in {200, 302, 400}


def test_an_action_on_keys_of_others_is_said_and_written_down(
    dora: Client, ours: Organisation, theirs: Organisation
) -> None:
    alice, bob = User.objects.get(username="alice"), User.objects.create_user("bob")
    given = grant(user=bob, organisation=theirs, urp=URP.SUPPORT, reason="x", by=alice)
    for key in (given.pk, NOWHERE):
        chosen = {"action": "end_now", "_selected_action": [key], "reason": "x"}
        page = dora.post("/admin/roles/grant/", chosen, follow=True).content.decode()
        assert "Not done for 1 of the rows chosen: they are not there" in page
    assert [json.loads(event.after)["rows"] for event in refused()] == [1, 1]
    given.refresh_from_db()
    assert given.ended_at is None


@pytest.mark.parametrize("key", ["abc", str(10**30), "-1", "\x00", "1.5"])
def test_what_is_no_key(dora: Client, key: str) -> None:
    chosen = {"action": "end_now", "_selected_action": [key], "reason": "x"}
    assert dora.post("/admin/roles/grant/", chosen).status_code == 400
    assert the_one()[0].reason == "not understood"


def test_an_action_that_is_not_offered(dora: Client, ours: Organisation) -> None:
    chosen = {"action": "delete_selected", "_selected_action": [Grant.objects.values("pk")[0]["pk"]]}
    dora.post("/admin/roles/grant/", chosen)
    assert the_one()[0].reason == "an action that is not offered"
    assert Grant.objects.count() == 2


def test_a_choice_of_another_organisation(dora: Client, theirs: Organisation) -> None:
    form = {"organisation": theirs.pk, "role": "iat", "email": "team@example.org"}
    assert "valid choice" in dora.post("/admin/roles/notificationrecipient/add/", form).content.decode()
    event, told = the_one()
    assert (event.reason, told["fields"]) == ("a choice that the form does not offer", "organisation")
    assert not NotificationRecipient.objects.exists()


@pytest.mark.parametrize("proposed", ["abc", str(10**30), "theirs"])
def test_a_proposal_of_the_address_that_the_form_would_not_take(
    dora: Client, theirs: Organisation, proposed: str
) -> None:
    value = str(theirs.pk) if proposed == "theirs" else proposed
    page = dora.get("/admin/roles/notificationrecipient/add/", {"organisation": value})
    assert page.status_code == 200
    assert "Southmoor" not in page.content.decode()


def test_a_grant_in_the_past(dora: Client, ours: Organisation) -> None:
    User.objects.create_user("bob")
    form = {"account": "bob", "organisation": ours.pk, "urp": "hr", "starts_on": "2020-01-01", "reason": "x"}
    assert "has passed" in dora.post("/admin/roles/grant/add/", form).content.decode()
    assert "2020 has passed" in the_one()[0].reason
    assert Grant.objects.count() == 2


def test_a_stale_form(dora: Client, ours: Organisation) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = dora.cookies
    form = {"organisation": ours.pk, "role": "iat", "email": "team@example.org"}
    assert strict.post("/admin/roles/notificationrecipient/add/", form).status_code == 403
    assert the_one()[0].reason == "the form was too old, or came from elsewhere"
    assert not NotificationRecipient.objects.exists()


def test_a_grant_not_begun(ours: Organisation, client: Client) -> None:
    alice, bob = User.objects.create_superuser("alice"), User.objects.create_user("bob")
    later = london_today() + timedelta(days=1)
    grant(user=bob, organisation=ours, urp=URP.SUPPORT, starts_on=later, reason="x", by=alice)
    client.force_login(bob)
    assert client.get("/admin/people/organisation/", follow=True).status_code == 403
    event, _ = the_one()
    assert (event.reason, event.organisation_id) == ("no role is granted to the account today", 0)


def test_whoever_is_not_logged_in_writes_nothing(client: Client) -> None:
    for address in ("/admin/people/person/1/change/", "/admin/nowhere/", "/nowhere/", "/log-in/nowhere/"):
        client.get(address)
    assert not refused()


def test_what_browsers_ask_for_by_themselves_writes_nothing(dora: Client) -> None:
    assert dora.get("/favicon.ico").status_code == 404
    assert not refused()


def test_nobody_fills_the_audit_by_asking_on(
    dora: Client, monkeypatch: pytest.MonkeyPatch, time_machine: Traveller
) -> None:
    monkeypatch.setattr(refusals, "AN_HOUR", 3)
    time_machine.move_to(datetime.now(UTC), tick=False)
    for key in range(NOWHERE, NOWHERE + 5):
        assert dora.get(f"/admin/people/person/{key}/change/").status_code == 404
    assert ["further" in json.loads(event.after) for event in refused()] == [False, False, True]
    for _ in range(5):  # an hour in which the session goes on
        time_machine.shift(timedelta(minutes=14))
        dora.get("/admin/")
    dora.get("/admin/people/person/1/change/")
    assert len(refused()) == 4


def test_the_chain_holds_what_was_refused(dora: Client, theirs: Organisation) -> None:
    dora.get("/admin/people/person/1/change/")
    call_command("verify_audit")


@pytest.mark.django_db(transaction=True)
def test_it_outlives_the_request_s_transaction(dora: Client, ours: Organisation) -> None:
    assert dora.post(f"/admin/people/organisation/{ours.pk}/change/", {"name": "x"}).status_code == 403
    _, told = the_one()
    assert told == {"method": "POST", "answer": 403, "key": str(ours.pk)}
    ours.refresh_from_db()
    assert ours.name == "Northmoor"

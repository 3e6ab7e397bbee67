"""The door: who comes in, and what somebody without a role is told."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client

from people.models import Organisation
from roles.actions import grant
from roles.urps import URP


@pytest.fixture
def bob_comes(alice: User, bob: User, northmoor: Organisation, client: Client) -> Client:
    grant(user=bob, organisation=northmoor, urp=URP.LEARNING_ADMINISTRATION, reason="x", by=alice)
    client.force_login(bob)
    return client


def test_a_grant_opens_it_and_staff_does_not(bob_comes: Client, charlie: User) -> None:
    assert bob_comes.get("/admin/").status_code == 200
    other = Client()
    other.force_login(charlie)
    response = other.get("/admin/", follow=True)
    assert response.status_code == 403
    assert "No role is granted to your account" in response.content.decode()


def test_whoever_is_in_is_not_asked_again(bob_comes: Client) -> None:
    response = bob_comes.get("/admin/login/")
    assert (response.status_code, response.headers["Location"]) == (302, "/admin/")


def ask(client: Client, app: str, model: str, field: str) -> tuple[int, list[str]]:
    query = {"app_label": app, "model_name": model, "field_name": field, "term": ""}
    response = client.get("/admin/autocomplete/", query)
    results = response.json()["results"] if response.status_code == 200 else []
    return response.status_code, [one["text"] for one in results]


def test_choices_are_those_of_the_form(
    bob_comes: Client, alice: User, bob: User, northmoor: Organisation, southmoor: Organisation
) -> None:
    grant(user=bob, organisation=southmoor, urp=URP.AUDITOR, reason="x", by=alice)
    assert ask(bob_comes, "interface", "mapping", "organisation") == (200, ["911 Northmoor"])
    # He reads connections, and writes none: nothing asks on his behalf.
    assert ask(bob_comes, "interface", "connection", "organisation") == (403, [])
    assert ask(bob_comes, "roles", "grant", "user") == (403, [])


@pytest.mark.parametrize("field", ["nothing", "course_code"])
def test_a_malformed_question_is_refused(bob_comes: Client, field: str) -> None:
    assert ask(bob_comes, "interface", "mapping", field)[0] == 403


def test_recent_actions_name_no_rows(bob_comes: Client, bob: User) -> None:
    LogEntry.objects.create(user=bob, action_flag=2, object_repr="SECRET", content_type_id=None)
    assert "SECRET" not in bob_comes.get("/admin/").content.decode()

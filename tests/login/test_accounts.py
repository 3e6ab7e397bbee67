"""What an administrator does to an account, page by page: each leaves its event, and no secret in any."""

from __future__ import annotations

import json

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client

from login.models import Session
from people.models import AuditEvent

pytestmark = pytest.mark.django_db
NEW = "a longer one than that"
LIST = "/admin/auth/user/"


@pytest.fixture
def root(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.fixture
def bob() -> User:
    """Somebody who is logged in, in a browser of his own."""
    bob = User.objects.create_user("bob", password="correct horse battery staple")
    Client().force_login(bob)
    return bob


def about(account: User, *, since: int = 0) -> list[tuple[str, str, str]]:
    """Verb, who and why of its events."""
    events = AuditEvent.objects.filter(record_type="auth.user", record_key=str(account.pk), id__gt=since)
    return list(events.order_by("id").values_list("verb", "actor", "reason"))


def last_event() -> int:
    return AuditEvent.objects.order_by("id").values_list("id", flat=True).last() or 0


def form_of(account: User, **changes: object) -> dict[str, object]:
    fields: dict[str, object] = {
        "username": account.username,
        "email": "",
        "first_name": "",
        "last_name": "",
        "is_active": "on",
        "last_login_0": "",
        "last_login_1": "",
        "date_joined_0": "2026-11-03",
        "date_joined_1": "09:00:00",
    }
    return {name: value for name, value in {**fields, **changes}.items() if value is not None}


def no_secret_anywhere() -> None:
    hashes = list(User.objects.values_list("password", flat=True))
    for event in AuditEvent.objects.all():
        text = event.before + event.after + event.reason
        assert NEW not in text
        assert not any(one in text for one in hashes if one)


def test_made(root: Client) -> None:
    form = {"username": "carol", "usable_password": "true", "password1": NEW, "password2": NEW}
    assert root.post(f"{LIST}add/", form).status_code == 302
    carol = User.objects.get(username="carol")
    assert about(carol) == [("added", "root", "")]
    after = json.loads(AuditEvent.objects.get(verb="added").after)
    assert (after["username"], after["password"]) == ("carol", "(secret)")
    no_secret_anywhere()


def test_a_password_given(root: Client, bob: User) -> None:
    since = last_event()
    form = {"usable_password": "true", "password1": NEW, "password2": NEW, "set-password": "x"}
    assert root.post(f"{LIST}{bob.pk}/password/", form).status_code == 302
    bob.refresh_from_db()
    assert bob.check_password(NEW)
    assert about(bob, since=since) == [("password changed", "root", ""), ("sessions ended", "root", "")]
    assert "by an administrator" in AuditEvent.objects.get(verb="password changed").after
    assert not Session.objects.filter(user=bob).exists()
    no_secret_anywhere()


def test_a_password_taken_away(root: Client, bob: User) -> None:
    form = {"usable_password": "false", "password1": "", "password2": "", "unset-password": "x"}
    assert root.post(f"{LIST}{bob.pk}/password/", form).status_code == 302
    assert "taken away" in AuditEvent.objects.get(verb="password changed").after


def test_one_s_own_password_leaves_one_logged_in(root: Client) -> None:
    me = User.objects.get(username="root")
    form = {"usable_password": "true", "password1": NEW, "password2": NEW, "set-password": "x"}
    root.post(f"{LIST}{me.pk}/password/", form)
    assert root.get(LIST).status_code == 200


def test_a_password_that_is_refused_is_no_event(root: Client, bob: User) -> None:
    since = last_event()
    form = {"usable_password": "true", "password1": "short", "password2": "short", "set-password": "x"}
    assert root.post(f"{LIST}{bob.pk}/password/", form).status_code == 200
    assert not about(bob, since=since)


def test_closed_and_opened(root: Client, bob: User) -> None:
    since = last_event()
    page = root.post(f"{LIST}{bob.pk}/change/", form_of(bob, is_active=None)).content.decode()
    assert "Say why" in page
    assert not about(bob, since=since)
    root.post(f"{LIST}{bob.pk}/change/", form_of(bob, is_active=None, reason="left"))
    assert about(bob, since=since) == [("sessions ended", "root", "left"), ("changed", "root", "left")]
    changed = AuditEvent.objects.filter(verb="changed").latest("id")
    assert ("is_active", True, False) in changed.changes()
    assert not Session.objects.filter(user=bob).exists()
    root.post(f"{LIST}{bob.pk}/change/", form_of(bob))
    assert ("is_active", False, True) in AuditEvent.objects.filter(verb="changed").latest("id").changes()


def test_the_superuser_s_powers_given_and_taken(root: Client, bob: User) -> None:
    root.post(f"{LIST}{bob.pk}/change/", form_of(bob, is_superuser="on", reason="installs"))
    assert ("is_superuser", False, True) in AuditEvent.objects.latest("id").changes()
    assert Session.objects.filter(user=bob).exists()
    root.post(f"{LIST}{bob.pk}/change/", form_of(bob))
    assert User.objects.filter(pk=bob.pk, is_superuser=True).exists()
    root.post(f"{LIST}{bob.pk}/change/", form_of(bob, reason="has installed"))
    assert not User.objects.filter(pk=bob.pk, is_superuser=True).exists()
    assert not Session.objects.filter(user=bob).exists()


def test_a_lost_second_factor_is_taken_away_with_a_reason(root: Client, bob: User) -> None:
    Authenticator.objects.create(user=bob, type=Authenticator.Type.TOTP, data={"secret": "x"})
    since = last_event()
    chosen = {"action": "take_second_factor", "_selected_action": [bob.pk]}
    assert "write beside the action why" in root.post(LIST, chosen, follow=True).content.decode()
    assert Authenticator.objects.exists()
    root.post(LIST, {**chosen, "reason": "seen in person"})
    assert not Authenticator.objects.exists()
    assert about(bob, since=since) == [
        ("sessions ended", "root", "seen in person"),
        ("second factor removed", "root", "seen in person"),
    ]


def test_a_link_made(root: Client) -> None:
    carol = User.objects.create_user("carol")
    root.post(LIST, {"action": "make_enrolment_link", "_selected_action": [carol.pk]})
    assert ("enrolment link made", "root", "") in about(carol)
    no_secret_anywhere()


def test_removed(root: Client) -> None:
    carol = User.objects.create_user("carol", password=NEW)
    key = carol.pk
    page = root.post(f"{LIST}{key}/delete/", {"post": "yes"}, follow=True).content.decode()
    assert "write why" in page
    assert User.objects.filter(pk=key).exists()
    root.post(f"{LIST}{key}/delete/", {"post": "yes", "reason": "made by mistake"})
    gone = AuditEvent.objects.get(verb="deleted", record_key=str(key))
    assert gone.reason == "made by mistake"
    assert json.loads(gone.before)["password"] == "(secret)"
    no_secret_anywhere()


def test_django_s_own_log_holds_nothing_beside_the_audit(root: Client, bob: User) -> None:
    root.post(f"{LIST}{bob.pk}/change/", form_of(bob, email="bob@example.org"))
    form = {"usable_password": "true", "password1": NEW, "password2": NEW, "set-password": "x"}
    root.post(f"{LIST}{bob.pk}/password/", form)
    root.post(f"{LIST}add/", {**form, "username": "carol"})
    root.post(f"{LIST}{User.objects.get(username='carol').pk}/delete/", {"post": "yes", "reason": "x"})
    assert not LogEntry.objects.exists()
    history = root.get(f"{LIST}{bob.pk}/history/").content.decode()
    assert "email: – → bob@example.org" in history.replace("email:  →", "email: – →")
    assert "password changed" in history


def test_a_session_left_behind_by_a_closed_account(bob: User, client: Client) -> None:
    client.force_login(bob)
    User.objects.filter(pk=bob.pk).update(is_active=False)  # by whatever way, not by our verb
    page = client.get("/admin/people/person/", follow=True)
    assert page.redirect_chain[-1][0].startswith("/log-in/")
    assert "your account is closed or was removed" in page.content.decode()
    assert about(bob)[-1][:2] == ("session of a closed account refused", "bob")


def test_a_session_left_behind_by_an_account_that_is_gone(bob: User, client: Client) -> None:
    client.force_login(bob)
    key, kept = bob.pk, Session.objects.get(session_key=client.session.session_key)
    bob.delete()
    kept.user_id = None
    kept.save(force_insert=True)
    assert client.get("/admin/").status_code == 302
    event = AuditEvent.objects.get(verb="session of a closed account refused")
    assert (event.actor, json.loads(event.after)) == ("unknown", {"how": f"(account {key})"})

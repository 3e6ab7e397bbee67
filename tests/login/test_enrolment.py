"""A new account is entered by a link that is good for once and for an hour."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

NOON = 1_800_000_000
NEW = "a longer one than that"


@pytest.fixture
def admin(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("admin"))
    return client


def make(admin: Client, user: User) -> str:
    """What the accounts' page says once the action has been chosen."""
    form = {"action": "make_enrolment_link", "_selected_action": [user.pk]}
    return admin.post(reverse("admin:auth_user_changelist"), form, follow=True).content.decode()


def link_in(text: str) -> str:
    found: list[str] = re.findall(r"http://testserver(/log-in/password/new/\S+?/)(?=[\s<&])", text)
    return found[0]


def set_password(client: Client, link: str) -> int:
    page = client.get(link, follow=True)
    where = page.redirect_chain[-1][0] if page.redirect_chain else link
    return client.post(where, {"password1": NEW, "password2": NEW}).status_code


def test_handed_over(admin: Client) -> None:
    alice = User.objects.create_user("alice", password="a password that was handed out")
    link = link_in(make(admin, alice))
    alice.refresh_from_db()
    assert not alice.has_usable_password()
    assert set_password(Client(), link) == 302
    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert "The link does not work" in Client().get(link, follow=True).content.decode()


def test_e_mailed(admin: Client) -> None:
    alice = User.objects.create_user("alice", "alice@example.org")
    page = make(admin, alice)
    assert "alice@example.org" in page
    assert "/password/new/" not in page
    (message,) = mail.outbox
    assert message.to == ["alice@example.org"]
    assert "within 60 minutes" in str(message.body)
    assert set_password(Client(), link_in(str(message.body))) == 302


def test_after_an_hour_it_is_over(admin: Client, time_machine: Traveller) -> None:
    time_machine.move_to(NOON, tick=False)
    admin.force_login(User.objects.get())
    link = link_in(make(admin, User.objects.create_user("alice")))
    time_machine.shift(3601)
    assert "The link does not work" in Client().get(link, follow=True).content.decode()


def test_an_account_in_use_keeps_its_password(admin: Client) -> None:
    alice = User.objects.create_user("alice", password=NEW)
    Client().force_login(alice)
    alice.refresh_from_db()
    assert "No link was made for alice" in make(admin, alice)
    alice.refresh_from_db()
    assert alice.check_password(NEW)


def test_a_closed_account_gets_none(admin: Client) -> None:
    assert "closed or in use" in make(admin, User.objects.create_user("alice", is_active=False))

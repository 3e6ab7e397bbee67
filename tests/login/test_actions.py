"""What ends sessions, and whose."""

from __future__ import annotations

import datetime as dt
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import UpdateError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from login.actions import (
    CODE_IS_REMEMBERED,
    clear_away,
    deactivate,
    end_sessions,
    reset_second_factor,
    use_up,
)
from login.models import Session, UsedCode
from login.tasks import clear_away_tonight


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_superuser("alice")


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_superuser("bob")


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    assert client.get("/admin/").status_code == 200
    return client


def test_all_browsers_of_one_account_and_no_others(alice: User, bob: User) -> None:
    browsers = [browser(alice), browser(alice)]
    other = browser(bob)
    assert end_sessions(user=alice, by="bob") == 2
    assert [client.get("/admin/").status_code for client in browsers] == [302, 302]
    assert other.get("/admin/").status_code == 200


def test_a_session_ended_during_a_request_is_not_written_back(alice: User) -> None:
    client = browser(alice)
    session = client.session
    session["anything"] = 1  # loads it, as a request does
    end_sessions(user=alice, by="bob")
    with pytest.raises(UpdateError):
        session.save()


def test_a_closed_account(alice: User) -> None:
    client = browser(alice)
    deactivate(user=alice, by="bob")
    alice.refresh_from_db()
    assert not alice.is_active
    assert client.get("/admin/").status_code == 302


def test_closing_on_the_accounts_page(alice: User, bob: User) -> None:
    client = browser(alice)
    form = {"username": "alice", "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00", "reason": "left"}
    assert browser(bob).post(reverse("admin:auth_user_change", args=[alice.pk]), form).status_code == 302
    assert not Session.objects.filter(user=alice).exists()
    assert client.get("/admin/").status_code == 302


def test_a_lost_telephone(alice: User) -> None:
    Authenticator.objects.create(user=alice, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client = browser(alice)
    assert reset_second_factor(user=alice, by="bob") == 1
    assert client.get("/admin/").status_code == 302
    assert not Authenticator.objects.exists()


def test_a_lost_telephone_on_the_command_line(alice: User) -> None:
    Authenticator.objects.create(user=alice, type=Authenticator.Type.TOTP, data={"secret": "x"})
    out = StringIO()
    call_command("reset_second_factor", "ALICE", stdout=out)
    assert out.getvalue() == "alice: 1 factors removed; the next log-in sets up a new one.\n"
    with pytest.raises(CommandError, match="There is no account 'nobody'"):
        call_command("reset_second_factor", "nobody")


def test_a_code_is_good_for_once_and_for_each(alice: User, bob: User) -> None:
    now = timezone.now()
    assert use_up(code="123456", user=alice, at=now)
    assert not use_up(code="123456", user=alice, at=now + CODE_IS_REMEMBERED)
    assert use_up(code="123456", user=bob, at=now)
    assert use_up(code="123456", user=alice, at=now + CODE_IS_REMEMBERED * 2)
    assert UsedCode.objects.count() == 2


def test_the_database_holds_it(alice: User) -> None:
    UsedCode.objects.create(user=alice, code="1", used_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        UsedCode.objects.create(user=alice, code="1", used_at=timezone.now())


def test_what_is_over_is_cleared_away(alice: User) -> None:
    client = browser(alice)
    now = timezone.now()
    use_up(code="123456", user=alice, at=now)
    assert clear_away(at=now + CODE_IS_REMEMBERED) == (0, 0)
    assert client.get("/admin/").status_code == 200
    assert clear_away(at=now + CODE_IS_REMEMBERED * 2) == (0, 1)
    assert clear_away(at=now + dt.timedelta(days=2)) == (1, 0)
    assert clear_away_tonight() == "0 sessions and 0 used codes cleared away"

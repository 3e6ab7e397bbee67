"""A session ends with a role that runs out by its date, as with one that is ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from login.models import Session
from people.dates import london_today
from people.models import AuditEvent, Organisation
from roles.actions import grant
from roles.endings import RAN_OUT
from roles.urps import URP

# London's summer: the day begins an hour before UTC's.
EVENING = datetime(2026, 7, 14, 22, 50, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def bob_in(
    alice: User, bob: User, northmoor: Organisation, client: Client, time_machine: Traveller
) -> Client:
    """Logged in ten minutes before the last day of one of two roles ends."""
    time_machine.move_to(EVENING, tick=False)
    for urp, end in ((URP.SUPPORT, london_today()), (URP.HR_ADMINISTRATION, None)):
        grant(user=bob, organisation=northmoor, urp=urp, ends_on=end, reason="x", by=alice)
    client.force_login(bob)
    return client


def test_the_session_goes_on_to_the_end_of_the_day_and_no_longer(
    bob_in: Client, bob: User, time_machine: Traveller
) -> None:
    assert bob_in.get("/admin/").status_code == 200
    time_machine.shift(timedelta(minutes=9))
    assert bob_in.get("/admin/interface/connection/").status_code == 200
    time_machine.shift(timedelta(minutes=2))
    answer = bob_in.post("/admin/interface/connection/", follow=True)
    assert answer.redirect_chain == [("/log-in/", 302)]
    assert RAN_OUT in answer.content.decode()
    assert not Session.objects.filter(user=bob).exists()
    ended = AuditEvent.objects.get(verb="sessions ended")
    assert (ended.record_key, ended.actor) == (str(bob.pk), "end of a role")


def test_whoever_logs_in_again_has_what_is_left(bob_in: Client, bob: User, time_machine: Traveller) -> None:
    time_machine.shift(DAY)
    bob_in.force_login(bob)
    assert bob_in.get("/admin/people/person/").status_code == 200
    assert bob_in.get("/admin/interface/mapping/").status_code == 403
    assert bob_in.get("/admin/people/person/").status_code == 200


def test_the_countdown_hears_of_it(bob_in: Client, time_machine: Traveller) -> None:
    bob_in.get("/admin/")
    time_machine.shift(timedelta(minutes=5))
    assert bob_in.get(reverse("session_left")).json()["left"] == 10 * 60
    bob_in.post(reverse("session_stay"))
    time_machine.shift(timedelta(minutes=6))
    assert bob_in.get(reverse("session_left")).json()["left"] == 0


def test_a_role_yet_to_come_or_long_over_ends_nothing(
    alice: User, bob: User, northmoor: Organisation, client: Client, time_machine: Traveller
) -> None:
    time_machine.move_to(EVENING, tick=False)
    today = london_today()
    grant(user=bob, organisation=northmoor, urp=URP.SUPPORT, ends_on=today, reason="x", by=alice)
    grant(user=bob, organisation=northmoor, urp=URP.IAT_APPROVAL, starts_on=today + DAY, reason="x", by=alice)
    time_machine.shift(3 * DAY)
    client.force_login(bob)
    assert client.get("/admin/").status_code == 200
    time_machine.shift(timedelta(minutes=5))
    assert client.get("/admin/").status_code == 200


def test_the_superuser_loses_nothing_by_a_role(
    alice: User, northmoor: Organisation, client: Client, time_machine: Traveller
) -> None:
    time_machine.move_to(EVENING, tick=False)
    grant(user=alice, organisation=northmoor, urp=URP.SUPPORT, ends_on=london_today(), reason="x", by=alice)
    client.force_login(alice)
    client.get("/admin/")
    time_machine.shift(timedelta(minutes=14))
    assert client.get("/admin/").status_code == 200
    time_machine.shift(timedelta(minutes=14))
    assert client.get("/admin/").status_code == 200

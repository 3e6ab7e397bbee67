"""Tonight's exchange, asked for by a person: said before what it does, done by the queue, once however often asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from cstf_site.console.page import address
from interface import tasks
from interface.actions import pause
from interface.folders import Folders
from interface.models import Connection
from interface.nightly import JOB
from people.models import AuditEvent, NightlyRun
from people.runs import running
from people.tenancy import everywhere, within
from roles.urps import URP
from tests.cstf_site.conftest import Somebody

Asked = list[tuple[Any, ...]]


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What was put into the queue."""
    asked: Asked = []
    monkeypatch.setattr("interface.exchange_now.async_task", lambda *task: asked.append(task))
    return asked


@pytest.fixture
def alice(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("alice"))
    return client


@pytest.fixture
def lms(night: date) -> Iterator[Connection]:
    connection = Connection.objects.select_related("organisation").get(organisation__vpd="901")
    with within(connection.organisation):
        yield connection


def run_of(lms: Connection) -> NightlyRun:
    return NightlyRun.objects.get(job=JOB, subject=lms.code, organisation=lms.organisation)


def test_it_says_what_will_happen_and_the_queue_does_it_once(
    night: date,
    lms: Connection,
    alice: Client,
    queue: Asked,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    url = address("exchange_now", connection=lms.pk)
    assert url in alice.get(address("connection", connection=lms.pk)).content.decode()
    before = run_of(lms)
    (Folders.of(lms).inbox / "notes.txt").write_text("no file of the exchange")
    page = alice.get(url).content.decode()
    assert "1 file in In: notes.txt" in page
    assert "A changes file, if anything has changed since GO_901" in page
    with django_capture_on_commit_callbacks(execute=True):
        asked = [alice.post(url, follow=True).content.decode() for _ in range(2)]
    assert all("The exchange begins soon" in one and "progress.js" in one for one in asked)
    assert [(task[0], task[-1]) for task in queue] == [("interface.tasks.exchange_connection", "alice")] * 2
    done = [tasks.exchange_connection(*task[1:]) for task in queue]
    # With the one that is held; its answer is the file that goes out.
    assert "2 files in, 1 out" in done[0]
    assert "is done" in done[1]
    after = run_of(lms)
    assert (after.pk, after.attempts) == (before.pk, 1)
    assert before.finished_at is not None
    assert after.finished_at is not None
    assert after.finished_at > before.finished_at
    page = alice.get(url).content.decode()
    assert "The last exchange is done" in page
    assert "Nothing: In is empty." in page
    told = AuditEvent.objects.filter(verb="exchange asked for")
    assert {(one.actor, json.loads(one.after)["business_date"]) for one in told} == {
        ("alice", night.isoformat())
    }


def test_not_while_it_is_under_way_or_paused_and_again_after_it_failed_too_often(
    night: date, lms: Connection, alice: Client, queue: Asked
) -> None:
    url = address("exchange_now", connection=lms.pk)
    with running(organisation=lms.organisation, job=JOB, subject=lms.code, on=night, by_hand=True):
        assert "The exchange is under way" in alice.get(url).content.decode()
        assert "is under way." in alice.post(url, follow=True).content.decode()
    NightlyRun.objects.filter(pk=run_of(lms).pk).update(state="failed", attempts=5, error="disk full")
    assert "disk full" in alice.get(url).content.decode()
    alice.post(url)
    assert run_of(lms).attempts == 0
    asked = AuditEvent.objects.filter(verb="exchange asked for").count()
    pause(lms, by="alice", reason="The LMS is moved.")
    for page in (alice.get(url), alice.post(url, follow=True)):
        assert "The LMS is moved." in page.content.decode()
    assert AuditEvent.objects.filter(verb="exchange asked for").count() == asked == 1


@pytest.mark.scoped
def test_only_who_may_does_it_and_only_at_home(
    request: pytest.FixtureRequest, client: Client, queue: Asked
) -> None:
    with everywhere("a test's own data"):
        request.getfixturevalue("night")
        somebody: Somebody = request.getfixturevalue("somebody")
        mona = somebody("mona", "901", URP.INTERFACE_ADMINISTRATION, URP.LEARNING_ADMINISTRATION)
        bob = somebody("bob", "901", URP.LEARNING_ADMINISTRATION)
        theirs, ours = (Connection.objects.filter(organisation__vpd=vpd)[0] for vpd in ("902", "901"))
    answers = {}
    for user in (mona, bob):
        client.force_login(user)
        urls = [address("exchange_now", connection=one.pk) for one in (ours, theirs)]
        answers[user.username] = [
            asked(url).status_code for url in urls for asked in (client.get, client.post)
        ]
    assert answers == {"mona": [200, 302, 404, 404], "bob": [403, 403, 403, 403]}
    assert "Exchange now" not in client.get(address("connection", connection=ours.pk)).content.decode()

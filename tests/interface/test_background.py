"""What the queue does for somebody who waits: previews of large files, replays of many records."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from competencies.models import Competence
from cstf_site.console.page import address
from interface import background
from interface.actions import map_course, pause
from interface.models import InboundFile, InboundRecord, Mapping, OpenFailure, OutboundFile
from people.models import NightlyRun
from tests.cstf_site.console.conftest import night as night  # the demo after its first night

WAITING = "/admin/interface/openfailure/"
TASKS: dict[str, Callable[..., str]] = {
    "interface.background.preview_file": background.preview_file,
    "interface.background.replay_course": background.replay_course,
    "interface.background.replay_lines": background.replay_lines,
}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue does what it is given when the transaction ends, and everything is large."""
    monkeypatch.setattr(background, "async_task", lambda name, *given: TASKS[name](*given))
    monkeypatch.setattr(background, "LARGE", 0)
    monkeypatch.setattr("cstf_site.console.pages.mapping.LARGE", 0)


@pytest.fixture
def alice(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("alice"))
    return client


def test_a_large_file_is_looked_ahead_at_by_the_queue(
    night: date, alice: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    held = InboundFile.objects.get(state="held")
    url = address("preview_file", inboundfile=held.pk)
    lines = InboundRecord.objects.count()
    assert "A large file" in alice.get(url).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert "in the background" in alice.post(url, follow=True).content.decode()
    page = alice.get(url)
    assert "Worked out on" in page.content.decode()
    assert sum(count for _, _, count in page.context["counts"]) == held.records
    assert len(page.context["names"]) == page.context["seen"]["people_changed"] > 0
    assert InboundRecord.objects.count() == lines
    held.refresh_from_db()
    assert held.state == "held"
    # Of what is decided the answer is known at once.
    answered = InboundFile.objects.filter(state="answered")[0]
    assert not background.previews_slowly(answered)


def test_many_records_are_decided_again_by_the_queue(
    night: date, alice: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    failure = OpenFailure.objects.filter(code="E320").exclude(course_code="").select_related("connection")[0]
    competence = Competence.objects.cstf().in_force(on=night)[0]
    map_course(failure.connection, course_code=failure.course_code, competences=[competence], by="alice")
    url = address("replay_course", connection=failure.connection_id)
    given = {"course": failure.course_code, "version": failure.course_version}
    with django_capture_on_commit_callbacks(execute=True):
        alice.post(url, given)
    supplement = OutboundFile.objects.get(kind="LCS")
    assert supplement.name in alice.get(url).content.decode()
    # A person's no is told, and nothing is done.
    pause(failure.connection, by="alice", reason="The LMS is moved.")
    failing = OpenFailure.objects.filter(connection=failure.connection, code="E320").exclude(course_code="")[
        0
    ]
    with django_capture_on_commit_callbacks(execute=True):
        alice.post(url, {"course": failing.course_code, "version": failing.course_version})
    assert "The LMS is moved." in alice.get(url).content.decode()


def test_taken_up_by_two_workers_it_is_done_by_one(night: date) -> None:
    held = InboundFile.objects.select_related("organisation").get(state="held")
    from people.runs import running

    with running(
        organisation=held.organisation, job=background.PREVIEW, subject=str(held.pk), on=night, by_hand=True
    ):
        assert "is being done by" in background.preview_file(held.pk, night.isoformat())
    assert NightlyRun.objects.get(job=background.PREVIEW).state == "done"


def test_lines_that_are_chosen_are_decided_again(
    night: date, alice: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    """A mapping to a competence that has ended is mended: what failed for it is not among the courses not mapped."""
    ended = OpenFailure.objects.select_related("connection").get(code="E322")
    line = InboundRecord.objects.get(file=ended.file, line_number=ended.line_number)
    assert address("inbound_record", inboundrecord=line.pk) in alice.get(WAITING).content.decode()
    mapping = Mapping.objects.get(connection=ended.connection, course_code="SGC-L1-OLD")
    mapping.competence = Competence.objects.cstf().in_force(on=night).exclude(pk=mapping.competence_id)[0]
    mapping.save(update_fields=["competence"])
    chosen = {"action": "decide_again", "_selected_action": [ended.pk]}
    with django_capture_on_commit_callbacks(execute=True):
        told = alice.post(WAITING, chosen, follow=True).content.decode()
    assert "To be decided again in the background: 1 record." in told
    assert not OpenFailure.objects.filter(pk=ended.pk).exists()
    page = alice.get(address("replay_course", connection=ended.connection_id)).content.decode()
    assert "1 of the records was decided again" in page

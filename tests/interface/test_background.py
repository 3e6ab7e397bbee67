"""What the queue does for somebody who waits: previews of large files, replays of many records."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from competencies.models import Competence
from cstf_site.console.page import address
from interface import background
from interface.actions import map_course, pause
from interface.models import InboundFile, InboundRecord, Mapping, OpenFailure, OutboundFile
from interface.progress import telling
from interface.recovery.actions import preview
from people.models import NightlyRun
from people.runs import running
from tests.cstf_site.conftest import night as night  # the demo after its first night

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
    small = preview(held.connection, file=held, on=night, limit=1000)
    with django_capture_on_commit_callbacks() as asked:
        waiting = alice.post(url, follow=True).content.decode()
    assert "It begins soon." in waiting
    assert "progress.js" in waiting
    asked[0]()
    page = alice.get(url)
    assert "Worked out on" in page.content.decode()
    assert sum(count for _, _, count in page.context["counts"]) == held.records
    # Before and after, as of a small file.
    shown = page.context["foreseen"]
    assert page.context["shown"] == page.context["seen"]["people_changed"] == len(small.people) > 0
    assert [one.person for _, one in shown] == [change.person for change in small.people][:25]
    for (_, one), change in zip(shown, small.people, strict=False):
        assert [what for what, _ in one.before] == [element.competence for element in change.before]
        assert [what for what, _ in one.after] == [element.competence for element in change.after]
    assert InboundRecord.objects.count() == lines
    held.refresh_from_db()
    assert held.state == "held"
    # Of what is decided the answer is known at once.
    answered = InboundFile.objects.filter(state="answered")[0]
    assert not background.previews_slowly(answered)


def test_what_was_foreseen_is_bounded_and_kept_for_a_day_and_progress_is_shown(
    night: date, alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = InboundFile.objects.select_related("organisation").get(state="held")
    monkeypatch.setattr(background, "FORESEEN", 2)
    background.preview_file(held.pk, night.isoformat())
    background.preview_file(held.pk, night.isoformat())
    assert list(held.foreseen.values_list("place", flat=True)) == [1, 2]
    url = address("preview_file", inboundfile=held.pk)
    assert "of whom 2 are shown" in alice.get(url).content.decode()
    assert background.clear_away_tonight() == 0
    held.foreseen.update(foreseen_at=timezone.now() - timedelta(days=2))
    assert background.clear_away_tonight() == 2
    assert "work it out anew" in alice.get(url).content.decode()
    told: list[tuple[int, int]] = []
    preview(held.connection, file=held, on=night, tell=lambda done, total: told.append((done, total)))
    assert told[-1] == (held.records, held.records)
    with (
        running(
            organisation=held.organisation,
            job=background.PREVIEW,
            subject=str(held.pk),
            on=night,
            by_hand=True,
        ) as run,
        telling(run) as tell,
    ):
        tell(1, 4)
        page = alice.get(url).content.decode()
    assert '<progress max="100" value="25"' in page
    assert "1 of 4 lines" in page
    # A worker that was killed is no longer waited for.
    runs = NightlyRun.objects.filter(job=background.PREVIEW)
    runs.update(state="running", worker="elsewhere/1/1", lease_until=timezone.now() - timedelta(seconds=1))
    page = alice.get(url).content.decode()
    assert "It could not be worked out" in page
    assert "ended without a word" in page


def test_whoever_asked_is_told_that_it_begins_soon(db: None) -> None:
    now = timezone.now()
    assert background.progress_of(None, asked_at=now)["is_running"]
    assert not background.progress_of(None, asked_at=now - timedelta(minutes=11))["is_running"]
    assert not background.progress_of(None)["is_running"]
    done = NightlyRun(state="done", finished_at=now)
    assert background.progress_of(done, asked_at=now - timedelta(seconds=1))["is_done"]
    assert not background.progress_of(done, asked_at=now + timedelta(seconds=1))["is_done"]


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
    url = address("replay_course", connection=ended.connection_id)
    assert "1 of the records was decided again" in alice.get(url).content.decode()
    run = NightlyRun.objects.get(job=background.REPLAY)
    NightlyRun.objects.filter(pk=run.pk).update(
        state="running", lease_until=timezone.now() + timedelta(hours=1)
    )
    with telling(run) as tell:
        tell(3, 4)
        assert '<progress max="100" value="75"' in alice.get(url).content.decode()

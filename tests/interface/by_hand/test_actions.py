"""From the file to its result: shown before anything is done, done as it was shown, once, or not at all."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from interface.by_hand import actions, storage, work
from interface.by_hand.wrong_rows import PART
from interface.models import Connection, Upload
from people.models import AuditEvent, PersonVersion, Position
from roles.models import Grant
from tests.interface.by_hand.desk import CAST, KEEPERS, Desk, told
from tests.interface.by_hand.sheets.workbooks import workbook

POSITIONS = "vpd,position_id,name\n277,27710,Sister\n277,27711,Porter\n278,1,X\n277,27712,\n"


def names(desk: Desk) -> set[str]:
    return set(Position.objects.filter(organisation=desk.ours).values_list("name", flat=True))


def test_a_preview_shows_and_does_nothing(desk: Desk) -> None:
    events = AuditEvent.objects.count()
    upload = desk.checked("positions", POSITIONS)
    assert (upload.state, upload.rows) == ("checked", 4)
    assert upload.counts == {"added": 1, "changed": 1, "wrong": 2}
    assert upload.changes[0] == {"line": 2, "what": "changed", "cells": [["name", "Nurse", "Sister"]]}
    assert told(upload) == [
        "4 vpd: no organisation has the VPD “278”, of those that this file is for",
        "5 name: is missing",
    ]
    assert names(desk) == {"Nurse"}
    assert AuditEvent.objects.count() == events


@pytest.mark.parametrize("name", ["rows.csv", "rows.xlsx"])
def test_the_rows_that_were_wrong_come_back_to_be_corrected(desk: Desk, name: str) -> None:
    rows = [line.split(",") for line in POSITIONS.splitlines()]
    content = POSITIONS.encode() if name == "rows.csv" else workbook(rows)
    upload = desk.applied("positions", content, name=name)
    assert names(desk) == {"Sister", "Porter"}
    wrong = storage.place(upload.token, PART).read_bytes()
    again = desk.checked("positions", wrong, name=name)
    assert (again.counts, [one.split(" ")[1] for one in told(again)]) == ({"wrong": 2}, ["vpd:", "name:"])
    if name == "rows.csv":
        assert wrong.decode("utf-8-sig").splitlines()[0] == "vpd,position_id,name,what_is_wrong"
        corrected = wrong.replace(b"278,", b"277,").replace(b"27712,,", b"27712,Nurse,")
        assert desk.applied("positions", corrected).counts == {"added": 2}


def test_what_is_applied_is_audited(desk: Desk) -> None:
    desk.applied("positions", POSITIONS)
    verbs = (
        AuditEvent.objects.filter(channel="upload").order_by("id").values_list("verb", "actor", "channel_key")
    )
    assert list(verbs) == [("changed", "harriet", "rows.csv"), ("added", "harriet", "rows.csv")]
    assert AuditEvent.objects.filter(verb="uploaded", actor="harriet").count() == 1


def test_confirmed_twice_or_delivered_twice_it_is_applied_once(desk: Desk) -> None:
    upload = desk.checked("positions", POSITIONS)
    actions.confirm(upload, outcome=upload.outcome, by=upload.user)
    with pytest.raises(actions.UploadStaleError):
        actions.confirm(upload, outcome=upload.outcome, by=upload.user)
    actions.apply(upload.pk)
    Position.objects.filter(position_id="27711").update(name="Head Porter")
    actions.apply(upload.pk)
    actions.check(upload.pk)
    assert names(desk) == {"Sister", "Head Porter"}


def test_a_preview_that_no_longer_holds_is_shown_anew_and_not_applied(desk: Desk) -> None:
    upload = desk.checked("positions", POSITIONS)
    Position.objects.filter(position_id="27710").update(name="Matron")
    actions.confirm(upload, outcome=upload.outcome, by=upload.user)
    actions.apply(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.message) == ("checked", work.STALE)
    assert upload.changes[0]["cells"] == [["name", "Matron", "Sister"]]
    assert names(desk) == {"Matron"}
    actions.confirm(upload, outcome=upload.outcome, by=upload.user)
    actions.apply(upload.pk)
    assert names(desk) == {"Sister", "Porter"}


def test_only_the_newest_preview_can_be_confirmed(desk: Desk) -> None:
    upload = desk.checked("positions", POSITIONS)
    for outcome in ("", "0" * 64):
        with pytest.raises(actions.UploadStaleError):
            actions.confirm(upload, outcome=outcome, by=upload.user)


def test_bytes_that_changed_under_us_are_not_applied(desk: Desk) -> None:
    upload = desk.checked("positions", POSITIONS)
    storage.place(upload.token).write_bytes(b"vpd,position_id,name\n277,1,Forged\n")
    actions.confirm(upload, outcome=upload.outcome, by=upload.user)
    actions.apply(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, told(upload)) == ("refused", [f"0 : {work.GONE}"])
    assert names(desk) == {"Nurse"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "0 : it is empty"),
        ("vpd,name\n277,x\n", "1 position_id: this column is missing"),
        ("vpd,position_id,name,colour\n277,1,x,blue\n", "1 colour: this column is not known"),
        ("vpd,position_id,name,name\n277,1,x,x\n", "1 name: this column is there twice"),
        ("vpd,position_id,name\n277,1,x\n\xff".encode("latin-1"), "3 : byte 0xFF is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_whole(desk: Desk, content: str | bytes, sentence: str) -> None:
    upload = desk.checked("positions", content)
    assert upload.state == "refused"
    assert told(upload)[0].startswith(sentence)
    assert names(desk) == {"Nurse"}


def test_what_is_shown_is_bounded(desk: Desk) -> None:
    good = "".join(f"277,{number},Porter\n" for number in range(700))
    bad = "".join(f"277,{number},\n" for number in range(700, 1400))
    upload = desk.checked("positions", "vpd,position_id,name\n" + good + bad)
    assert upload.counts == {"added": 700, "wrong": 700}
    assert (len(upload.changes), len(upload.problems)) == (100, 100)
    assert storage.place(upload.token, PART).read_text("utf-8-sig").count("is missing") == 700


# --- Who may ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CAST)
@pytest.mark.parametrize("table", KEEPERS)
def test_who_may_upload_what(desk: Desk, table: str, name: str) -> None:
    """Two keep mappings; every other table is one role's. Nobody uploads for an organisation without a grant there."""
    allowed = name == KEEPERS[table] or (table, name) == ("mappings", "ivy")
    connection = Connection.objects.get(organisation=desk.ours) if table == "completions" else None
    if not allowed:
        with pytest.raises(actions.UploadNotAllowedError):
            desk.receive(table, "vpd\n", by=name, connection=connection)
    else:
        desk.receive(table, "vpd\n", by=name, connection=connection)
    with pytest.raises(actions.UploadNotAllowedError):
        desk.receive(table, "vpd\n", by=name, organisation=desk.theirs, connection=connection)


def test_a_right_that_was_withdrawn_is_withdrawn_for_what_was_confirmed_too(desk: Desk) -> None:
    upload = desk.checked("positions", POSITIONS)
    actions.confirm(upload, outcome=upload.outcome, by=upload.user)
    Grant.objects.filter(user=upload.user).delete()
    actions.apply(upload.pk)
    upload.refresh_from_db()
    assert upload.state == "failed"
    assert "was withdrawn" in upload.message
    assert names(desk) == {"Nurse"}


# --- What goes wrong with the work --------------------------------------------------------------------


def test_an_error_of_ours_leaves_nothing_and_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = desk.checked("positions", POSITIONS)
    actions.confirm(upload, outcome=upload.outcome, by=upload.user)

    def broken(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(work, "record", broken)
        with pytest.raises(ZeroDivisionError):
            actions.apply(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, "error in the program" in upload.message) == ("failed", True)
    assert names(desk) == {"Nurse"}
    actions.start_again(upload)
    actions.check(upload.pk)
    upload.refresh_from_db()
    assert upload.state == "checked"


def test_one_that_kills_its_workers_is_given_up(desk: Desk, settings: Settings) -> None:
    upload = desk.receive("positions", POSITIONS)
    Upload.objects.filter(pk=upload.pk).update(attempts=settings.RUN_MAX_ATTEMPTS)
    actions.check(upload.pk)
    upload.refresh_from_db()
    assert upload.state == "failed"


def test_what_is_done_cannot_be_started_again(desk: Desk) -> None:
    with pytest.raises(actions.UploadStaleError):
        actions.start_again(desk.applied("positions", POSITIONS))


# --- Where it lies, and for how long ------------------------------------------------------------------


def test_the_folder_is_for_the_application_alone(desk: Desk, upload_root: Path) -> None:
    upload = desk.checked("positions", POSITIONS)
    assert stat.S_IMODE(upload_root.stat().st_mode) == 0o700
    files = list(upload_root.iterdir())
    assert {stat.S_IMODE(one.stat().st_mode) for one in files} == {0o600}
    assert all(one.name.startswith(upload.token) for one in files)
    assert len(upload.token) == 32


def test_after_use_the_bytes_are_gone(
    desk: Desk, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        applied = desk.applied("positions", POSITIONS)
        refused = desk.checked("positions", "")
    assert not storage.place(applied.token).exists()
    assert storage.place(applied.token, PART).exists()
    assert not storage.place(refused.token).exists()
    with django_capture_on_commit_callbacks(execute=True):
        actions.discard(applied)
    assert not storage.place(applied.token, PART).exists()
    assert not Upload.objects.filter(pk=applied.pk).exists()


def test_what_is_under_way_is_not_discarded(desk: Desk) -> None:
    with pytest.raises(actions.UploadStaleError):
        actions.discard(desk.receive("positions", POSITIONS))


def test_old_uploads_and_strays_are_cleared_away(desk: Desk, upload_root: Path, settings: Settings) -> None:
    old, young = (desk.checked("positions", POSITIONS) for _ in range(2))
    Upload.objects.filter(pk=old.pk).update(uploaded_at=timezone.now() - timedelta(hours=25))
    stray = upload_root / storage.new_token()
    stray.write_bytes(b"")
    not_ours = upload_root / "notes.txt"
    not_ours.write_bytes(b"")
    settings.UPLOAD_KEEP_HOURS = 24
    assert actions.clear_away() == 1
    assert {one.name[:32] for one in upload_root.iterdir()} == {young.token, stray.name, "notes.txt"}
    with storage.scratch() as left_by_a_killed_process:
        assert storage.forget_strays(older_than=-1, known={young.token}) == 2
        assert not left_by_a_killed_process.exists()
    assert not_ours.exists()


def test_the_newest_version_is_the_upload_s(desk: Desk) -> None:
    """Amended by hand now: an extract of before does not take it back."""
    before = timezone.now()
    desk.applied(
        "persons", "vpd,person_id,effective_start,last_name,system_person_type\n277,2771,2024-01-01,X,EMP\n"
    )
    version = PersonVersion.objects.get(person__person_id="2771")
    assert version.last_update is not None
    assert version.last_update >= before

"""Large uploads: the queue's own worker applies them; one that is killed leaves nothing, the next does all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from interface.by_hand import actions, storage, tasks
from interface.models import Upload
from people.models import Organisation, Position
from people.tenancy import everywhere
from tests.interface.by_hand.desk import Desk

ROOT = Path(__file__).resolve().parents[3]
ROWS = "vpd,position_id,name\n" + "".join(f"277,{number},Porter\n" for number in range(1200))
# Killed when the second block is done, in the middle of the transaction.
KILLED = """
import os, signal, sys, django
django.setup()
from interface.by_hand import storage, tasks
def die(token, rows, total):
    if rows >= 1000:
        os.kill(os.getpid(), signal.SIGKILL)
storage.say_progress = die
tasks.apply_upload(int(sys.argv[1]))
"""

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def upload(desk: Desk, settings: Settings) -> Upload:
    settings.UPLOAD_BACKGROUND_ROWS = 1000
    upload = desk.receive("positions", ROWS)
    assert upload.is_large
    return upload


def child(*arguments: str, upload_root: Path) -> subprocess.CompletedProcess[str]:
    """A process of its own, on the database of these tests."""
    name = connection.settings_dict["NAME"]
    url = f"sqlite:///{name}"
    if connection.vendor == "postgresql":
        url = os.environ["DATABASE_URL"].replace("/cstf?", f"/{name}?")
    environment = {**os.environ, "DATABASE_URL": url, "UPLOAD_ROOT": str(upload_root), "WORKERS": "1"}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )


def test_it_tells_how_many_of_all(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(storage, "say_progress", lambda token, rows, total: told.append((rows, total)))
    assert tasks.check_upload(upload.pk) == "checked"
    assert told == [(500, 1200), (1000, 1200), (1200, 1200)]


def test_the_queue_s_worker_applies_it(upload: Upload, upload_root: Path) -> None:
    assert tasks.check_upload(upload.pk) == "checked"
    upload.refresh_from_db()
    actions.confirm(upload, outcome=upload.outcome, by=upload.user)
    tasks.apply_soon(upload)
    told = child("manage.py", "qcluster", "--run-once", upload_root=upload_root)
    upload.refresh_from_db()
    assert (upload.state, upload.counts) == ("applied", {"added": 1200}), told.stderr
    assert Position.objects.filter(name="Porter").count() == 1200


def test_a_killed_worker_leaves_nothing_and_the_next_does_all_once(upload: Upload, upload_root: Path) -> None:
    actions.check(upload.pk)
    upload.refresh_from_db()
    actions.confirm(upload, outcome=upload.outcome, by=upload.user)
    killed = child("-c", KILLED, str(upload.pk), upload_root=upload_root)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    upload.refresh_from_db()
    assert (upload.state, upload.attempts) == ("applying", 1)
    assert not Position.objects.filter(name="Porter").exists()
    assert tasks.apply_upload(upload.pk) == "applied"
    assert tasks.apply_upload(upload.pk) == "applied"
    assert Position.objects.filter(name="Porter").count() == 1200


def test_it_waits_for_a_file_of_the_staff_record_that_is_being_loaded(upload: Upload) -> None:
    """Which has read what everybody was before it: written beside it, the load would overwrite it with older values."""
    actions.check(upload.pk)
    upload.refresh_from_db()
    actions.confirm(upload, outcome=upload.outcome, by=upload.user)
    with ThreadPoolExecutor(1) as worker:
        with transaction.atomic(), everywhere("as a load does"):
            Organisation.objects.select_for_update(no_key=True).get(pk=upload.organisation_id)
            applying = worker.submit(apply_elsewhere, upload.pk)
            wait([applying], timeout=2)
            assert not applying.done(), "it did not wait"
        applying.result()
    upload.refresh_from_db()
    assert upload.state == "applied"


def apply_elsewhere(key: int) -> None:
    """On a database connection of its own."""
    try:
        tasks.apply_upload(key)
    finally:
        connection.close()

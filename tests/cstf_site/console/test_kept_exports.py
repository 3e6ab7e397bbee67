"""A long list is made into a file by the queue, whole or not at all, and fetched by whoever may still take it away."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from django.utils.module_loading import import_string
from openpyxl import load_workbook
from pytest_django import Settings

from cstf_site.console import exporting
from cstf_site.console.exporting import make_export
from cstf_site.console.page import address
from interface.by_hand import kept_exports, storage
from interface.by_hand.list_columns import columns_of
from interface.by_hand.tasks import clear_away_tonight
from interface.models import Export, Mapping
from people.models import AuditEvent, Organisation
from roles.actions import end_grant
from roles.models import Grant
from roles.urps import URP
from tests.cstf_site.conftest import Somebody

MAPPINGS = f"{address('export_list')}?list=interface.mapping"
LIST = address("export_list")


@pytest.fixture(autouse=True)
def queue(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Of more than one row; what is asked for waits here, as it does in the queue."""
    asked: list[int] = []
    settings.EXPORT_BACKGROUND_ROWS, settings.UPLOAD_ROOT = 1, tmp_path / "uploads"

    def put(name: str, key: int) -> None:
        assert import_string(name) is make_export
        asked.append(key)

    monkeypatch.setattr(exporting, "async_task", put)
    return asked


@pytest.fixture
def ask(fam: Client, django_capture_on_commit_callbacks: Any) -> Callable[..., Export]:
    """Asks for a list, as a browser does."""

    def asked(query: str = "", kind: str = "csv") -> Export:
        with django_capture_on_commit_callbacks(execute=True):
            answer = fam.post(MAPPINGS + query, {"kind": kind})
        assert answer.status_code == 302
        export = Export.objects.latest("pk")
        assert answer.headers["Location"] == page_of(export)
        return export

    return asked


def page_of(export: Export) -> str:
    return address("export", export=export.pk)


def shown(client: Client, export: Export) -> str:
    return client.get(page_of(export)).content.decode()


def fetched(client: Client, export: Export) -> Any:
    return client.get(page_of(export), {"file": "1"})


def content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def events(verb: str) -> list[tuple[int, str, dict[str, Any]]]:
    found = AuditEvent.objects.filter(verb=verb).order_by("organisation_id")
    return [(one.organisation_id, one.actor, json.loads(one.after)) for one in found]


def left_behind() -> list[str]:
    return sorted(path.name for path in storage.place("x").parent.iterdir())


def test_from_the_list_to_the_file(fam: Client, ask: Callable[..., Export], queue: list[int]) -> None:
    assert "in the background" in fam.get(MAPPINGS).content.decode()
    export = ask("&o=-1")
    assert queue == [export.pk]
    assert "It begins soon" in shown(fam, export)
    assert "Look again" in shown(fam, export)
    assert make_export(export.pk) == "ready"
    assert make_export(export.pk).startswith("done already")
    text = shown(fam, export)
    assert "2 rows, " in text
    assert "?file=1" in text
    answer = fetched(fam, export)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="mappings.csv"'
    rows = list(csv.reader(io.StringIO(content(answer).decode("utf-8-sig"))))
    assert [row[0] for row in rows] == ["Course code", "B", "'=1+1"]
    assert page_of(export) in fam.get(LIST).content.decode()


def test_the_audit_of_each_organisation_says_that_it_was_made_and_fetched(
    fam: Client, ask: Callable[..., Export]
) -> None:
    export = ask("&direction__exact=both", kind="xlsx")
    keys = list(Organisation.objects.order_by("pk").values_list("pk", flat=True))
    make_export(export.pk)
    told = {"rows": 1, "what": "list.xlsx", "export": export.pk}
    made = events("exported")
    assert [(key, by, after["filters"]) for key, by, after in made] == [
        (key, "fam", {"direction__exact": "both"}) for key in keys
    ]
    assert all(told.items() <= after.items() for _, _, after in made)
    assert not events("fetched")
    sheet = load_workbook(io.BytesIO(content(fetched(fam, export)))).active
    assert sheet is not None
    assert len(list(sheet.iter_rows())) == 3
    assert events("fetched") == [(key, "fam", told) for key in keys]


def test_it_is_nobody_else_s(client: Client, ask: Callable[..., Export], somebody: Somebody) -> None:
    export = ask()
    make_export(export.pk)
    client.force_login(somebody("learning", "911", URP.LEARNING_ADMINISTRATION))
    for answer in (client.get(page_of(export)), fetched(client, export)):
        assert answer.status_code == 404
    assert client.post(page_of(export), {"do": "discard"}).status_code == 404
    assert page_of(export) not in client.get(LIST).content.decode()


def withdraw(client: Client, *vpds: str) -> None:
    """The roles of the account there; being logged out, it comes back."""
    root = User.objects.get(username="root")
    for one in Grant.objects.filter(user__username="fam", organisation__vpd__in=vpds):
        end_grant(one, by=root, reason="a test")
    client.force_login(User.objects.get(username="fam"))


def test_what_was_withdrawn_before_it_is_made_is_not_in_it(
    fam: Client, ask: Callable[..., Export], settings: Settings
) -> None:
    export = ask()
    withdraw(fam, "922")
    make_export(export.pk)
    assert b"'=1+1" in (file := content(fetched(fam, export)))
    assert b"-1" not in file
    settings.EXPORT_BACKGROUND_ROWS = 0
    again = ask()
    withdraw(fam, "911")
    assert make_export(again.pk) == "failed"
    assert "Your role does not let you" in Export.objects.get(pk=again.pk).message


def test_what_is_withdrawn_after_it_was_made_is_not_fetched(fam: Client, ask: Callable[..., Export]) -> None:
    export = ask()
    make_export(export.pk)
    withdraw(fam, "922")
    assert "not yours to take away any more" in (text := shown(fam, export))
    assert "?file=1" not in text
    assert fetched(fam, export).status_code == 403
    assert len(events("refused")) == 1
    assert not events("fetched")


def test_a_superuser_s_is_no_longer_theirs_when_they_are_none(
    client: Client, trusts: None, somebody: Somebody
) -> None:
    """Even where each organisation whose rows are in it is theirs: the installation's rows were, too."""
    user = somebody("alice", "911", URP.AUDITOR)
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    client.force_login(user)
    client.post(f"{LIST}?list=people.auditevent", {"kind": "csv"})
    export = Export.objects.get()
    assert make_export(export.pk) == "ready"
    assert b"granted" in content(fetched(client, export))
    User.objects.filter(pk=user.pk).update(is_superuser=False)
    assert fetched(client, export).status_code == 403


# --- What goes wrong ----------------------------------------------------------------------------------


def given_up() -> OperationalError:
    """As PostgreSQL tells of a statement that took too long."""
    cause = Exception()
    cause.sqlstate = "57014"  # type: ignore[attr-defined]  # as psycopg's errors have it
    error = OperationalError()
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "disk may be full"),
        (given_up(), "narrow the list"),
        (ZeroDivisionError(), "an error in the program"),
    ],
)
def test_what_stops_it_is_told_and_it_may_be_made_again(
    fam: Client,
    ask: Callable[..., Export],
    queue: list[int],
    error: Exception,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    def stopped(rows: Any, columns: Any, *, file: Any, **given: Any) -> None:
        file.write(b"half")
        raise error

    export = ask()
    with monkeypatch.context() as patched:
        patched.setattr(exporting, "write_list", stopped)
        with pytest.raises(type(error)):
            make_export(export.pk)
    assert told in (text := shown(fam, export))
    assert "progress.js" not in text
    assert "No space" not in text
    assert left_behind() == []
    assert fetched(fam, export).status_code == 404
    assert not events("exported")
    with django_capture_on_commit_callbacks(execute=True):
        fam.post(page_of(export), {"do": "again"})
    assert queue == [export.pk, export.pk]
    assert make_export(export.pk) == "ready"


def test_a_list_that_has_become_another_is_told(
    fam: Client, ask: Callable[..., Export], settings: Settings
) -> None:
    Export.objects.filter(pk=(wrong := ask("&o=1")).pk).update(narrowed="course_code__of=x")
    make_export(wrong.pk)
    assert "cannot be narrowed so" in shown(fam, wrong)
    more = ask()
    settings.EXPORT_MAX_ROWS = 1
    make_export(more.pk)
    assert "more than 1 rows" in shown(fam, more)
    settings.EXPORT_MAX_ROWS = 10
    none = ask("&o=2")
    Mapping.objects.all().delete()
    make_export(none.pk)
    assert "no row that you may take away" in shown(fam, none)


def half_made(export: Export) -> Export:
    """Its worker was killed in the middle of the file: nothing is left of it but what it wrote last."""
    mine = kept_exports.claim(export.pk)
    assert mine is not None
    kept_exports.file_of(mine).write_bytes(b"half")
    kept_exports.tell_progress(mine, 1)
    gone = f"{socket.gethostname()}/{os.getpid()}/1"
    Export.objects.filter(pk=export.pk).update(worker=gone)
    return mine


def test_killed_and_taken_up_again_it_is_whole(fam: Client, ask: Callable[..., Export]) -> None:
    export = ask()
    mine = half_made(export)
    assert make_export(export.pk) == "ready"
    assert content(fetched(fam, export)).count(b"NHS|LOCAL|Fire|") == 2
    # The one before, were it alive after all, has no say any more.
    kept_exports.file_of(mine).write_bytes(b"late")
    with pytest.raises(kept_exports.NotOursError):
        kept_exports.keep(mine, {1: 1}, of_all=False, told={})
    kept_exports.fail(mine, "late")
    assert left_behind() == [Export.objects.get().token]
    assert b"LOCAL" in content(fetched(fam, export))


def test_killed_it_is_told_to_whoever_looks(fam: Client, ask: Callable[..., Export]) -> None:
    export = ask()
    half_made(export)
    assert "was stopped before the file was whole" in shown(fam, export)
    assert "Not made" in fam.get(LIST).content.decode()
    assert make_export(export.pk).startswith("done already")
    assert left_behind() == []


def test_one_that_is_at_work_is_left_to_it_until_it_is_silent_for_too_long(
    fam: Client, ask: Callable[..., Export], settings: Settings
) -> None:
    export = ask()
    mine = kept_exports.claim(export.pk)
    assert mine is not None
    assert kept_exports.claim(export.pk) is None
    kept_exports.tell_progress(mine, 1)
    assert "50 %" in shown(fam, export)
    with time_machine.travel(timezone.now() + timedelta(seconds=settings.RUN_LEASE_SECONDS + 1)):
        assert kept_exports.is_stopped(mine)


def test_one_that_kills_its_worker_each_time_is_given_up(
    fam: Client, ask: Callable[..., Export], settings: Settings
) -> None:
    export = ask()
    for _ in range(settings.RUN_MAX_ATTEMPTS):
        half_made(export)
    assert kept_exports.claim(export.pk) is None
    assert "stopped each time" in shown(fam, export)


def test_a_queue_that_does_not_begin_is_told(fam: Client, ask: Callable[..., Export]) -> None:
    export = ask()
    assert "Nobody has begun" not in shown(fam, export)
    Export.objects.update(asked_at=timezone.now() - timedelta(minutes=11))
    assert "Nobody has begun" in shown(fam, export)


# --- How many, and how long ---------------------------------------------------------------------------


def test_asked_for_twice_it_is_made_once_and_nobody_fills_the_queue(
    fam: Client, ask: Callable[..., Export]
) -> None:
    assert ask() == ask()
    ask(kind="xlsx")
    ask("&o=1")
    answer = fam.post(f"{MAPPINGS}&o=2", {"kind": "csv"}, follow=True)
    assert "3 of your exports are being made already" in answer.content.decode()
    assert Export.objects.count() == 3
    fam.post(page_of(Export.objects.latest("pk")), {"do": "discard"})
    ask("&o=2")


def test_one_that_is_discarded_while_it_is_made_stops(
    fam: Client, ask: Callable[..., Export], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("interface.by_hand.exports._READ_AT_ONCE", 1)
    export = ask()

    def discarding(changelist: Any) -> Any:
        fam.post(page_of(export), {"do": "discard"})
        return columns_of(changelist)

    monkeypatch.setattr(exporting, "columns_of", discarding)
    assert make_export(export.pk).startswith("discarded")
    assert left_behind() == []
    assert not events("exported")


def test_old_it_is_gone_with_its_file(
    fam: Client, ask: Callable[..., Export], django_capture_on_commit_callbacks: Any
) -> None:
    first, second = ask(), ask("&o=1")
    for one in (first, second):
        make_export(one.pk)
    with django_capture_on_commit_callbacks(execute=True):
        fam.post(page_of(first), {"do": "discard"})
    token = Export.objects.get().token
    assert left_behind() == [token]
    storage.place(token).write_bytes(b"another")
    assert fetched(fam, second).status_code == 404
    storage.forget(token)
    assert "not there any more" in shown(fam, second)
    storage.place(token).write_bytes(b"and another")
    assert clear_away_tonight() == 0
    tomorrow = timezone.now() + timedelta(hours=25)
    with django_capture_on_commit_callbacks(execute=True), time_machine.travel(tomorrow):
        assert clear_away_tonight() == 1
    assert left_behind() == []
    assert not Export.objects.exists()

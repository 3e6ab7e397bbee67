"""Every page of the console opens, whatever is on it, and none asks the database once a row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.options import ModelAdmin
from django.contrib.auth.models import User
from django.core.checks import run_checks
from django.db import connection as database
from django.db.models import Model
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from competencies.models import Competence
from interface.by_hand.downloads import DOWNLOADS
from interface.models import (
    Connection,
    ExtractHold,
    FileCalendar,
    InboundFile,
    InboundState,
    Mapping,
    OpenFailure,
    OutboundFile,
    OutboundHold,
)
from people.audit.actions import record
from people.models import NightlyRun, Organisation
from roles.actions import grant
from roles.models import NotificationRecipient
from roles.urps import URP
from tests.cstf_site.mended import replayed_and_undone

OURS = {"people", "roles", "competencies", "interface"}
# Session, user, permissions, the page's own few, and prefetches. Thirty rows of anything asked one by one are more.
MOST_QUERIES = 15


def pages() -> list[tuple[type[Model], ModelAdmin[Any]]]:
    return [(model, page) for model, page in admin.site._registry.items() if model._meta.app_label in OURS]


def address(model: type[Model], view: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


@pytest.fixture
def alice(client: Client) -> Client:
    client.force_login(User.objects.get_or_create(username="alice", is_superuser=True, is_staff=True)[0])
    return client


@pytest.fixture
def one_of_each(night: date) -> None:
    """The demo after its first exchange, with a row of whatever that leaves none of."""
    learn = Connection.objects.get(code="LEARN")
    record(verb="looked at", about=learn, before={"a": 1}, after={"a": 2})
    OutboundHold.objects.create(
        organisation=learn.organisation,
        connection=learn,
        kind="GOC",
        business_date=night,
        population=100,
        changed=80,
        deleted=0,
        held_at=timezone.now(),
    )
    ExtractHold.objects.create(
        organisation=learn.organisation,
        file_name="go.dat",
        sha256="0" * 64,
        size=1,
        encoding="utf-8",
        extracted_at=timezone.now(),
        held_at=timezone.now(),
        held_by="alice",
    )
    FileCalendar.objects.create(
        organisation=learn.organisation, connection=learn, since=night, weekdays=[1, 2], by_time=time(5)
    )
    alice = User.objects.get_or_create(username="alice", is_superuser=True, is_staff=True)[0]
    bob = User.objects.create_user("bob")
    grant(user=bob, organisation=learn.organisation, urp=URP.AUDITOR, reason="the yearly audit", by=alice)
    NotificationRecipient.objects.create(
        organisation=learn.organisation, role="iat", email="team@learn.example"
    )
    replayed_and_undone()


def test_every_model_of_ours_has_its_page() -> None:
    from django.apps import apps

    registered = {model for model, _ in pages()}
    # Shown on the page of what they are versions or counters of.
    beside = {"PersonVersion", "AssignmentVersion", "ElementCounter"}
    # Shown with the file, the connection, the code or the list that they are about.
    beside |= {"AuditHead", "Upload", "Export", "ForeseenChange"}
    assert {
        model.__name__
        for app in OURS
        for model in apps.get_app_config(app).get_models()
        if model not in registered
    } == beside


@pytest.mark.once
def test_every_page_opens_with_few_queries(one_of_each: None, alice: Client) -> None:
    slow: dict[str, int] = {}
    for model, page in pages():
        for path in paths_of(model, page):
            with CaptureQueriesContext(
                database,
            ) as queries:
                response = alice.get(path)
            assert response.status_code == 200, path
            # On PostgreSQL a request is a transaction, here one within the test's: no question to the database.
            asked = [query for query in queries if "SAVEPOINT" not in query["sql"]]
            if len(asked) > MOST_QUERIES:
                slow[path] = len(asked)
    assert not slow


def paths_of(model: type[Model], page: ModelAdmin[Any]) -> Iterator[str]:
    everything = address(model, "changelist")
    yield everything
    yield f"{everything}?q=1"
    request = RequestFactory().get(everything)
    request.user = User(is_superuser=True, is_active=True)
    row = model._default_manager.order_by("pk").first()
    assert row is not None, model
    yield address(model, "change", row.pk)
    yield address(model, "history", row.pk)
    if page.has_add_permission(request):
        yield address(model, "add")
    for chosen in page.get_changelist_instance(request).get_filters(request)[0]:
        for choice in list(chosen.choices(page.get_changelist_instance(request)))[:3]:
            yield everything + str(choice["query_string"])


def test_ledgers_are_for_reading(one_of_each: None, alice: Client) -> None:
    for model, page in pages():
        request = RequestFactory().get("/")
        request.user = User(is_superuser=True, is_active=True)
        if model in (Organisation, Competence, Connection, Mapping) or page.has_change_permission(request):
            continue
        row = model._default_manager.first()
        assert row is not None
        for view in ("change", "delete"):
            assert alice.post(address(model, view, row.pk), {"post": "yes"}).status_code == 403, (model, view)
        assert alice.get(address(model, "add")).status_code == 403


def test_what_others_refer_to_is_never_deleted(one_of_each: None, alice: Client) -> None:
    for model in (Organisation, Competence, Connection):
        row = model._default_manager.first()
        assert row is not None
        assert alice.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403


# --- The verbs ----------------------------------------------------------------------------------------


def test_the_list_of_runs_shows_none_as_running_whose_worker_is_gone(
    one_of_each: None, alice: Client
) -> None:
    NightlyRun.objects.filter(subject="LEARN").update(
        state="running", worker="elsewhere/1/1", lease_until=timezone.now() - timedelta(seconds=1)
    )
    response = alice.get(address(NightlyRun, "changelist"), {"state": "running"})
    assert "0 nightly runs" in response.content.decode()
    assert NightlyRun.objects.get(subject="LEARN").state == "failed"


def act(client: Client, row: Model, action: str, *, reason: str = "") -> str:
    chosen = {"action": action, "_selected_action": [row.pk], "reason": reason}
    return client.post(address(type(row), "changelist"), chosen, follow=True).content.decode()


def test_a_held_file_is_let_through(one_of_each: None, alice: Client) -> None:
    held = InboundFile.objects.get(state=InboundState.HELD)
    assert "write beside the action why" in act(alice, held, "pass_over_the_gap")
    assert "will be taken in at the next exchange" in act(
        alice, held, "pass_over_the_gap", reason="never made"
    )
    held.refresh_from_db()
    assert held.released_by == "alice"
    answered = InboundFile.objects.filter(state=InboundState.ANSWERED).first()
    assert answered is not None
    assert "is not held" in act(alice, answered, "pass_over_the_gap", reason="a slip")


def test_a_file_that_was_set_aside_is_tried_again(one_of_each: None, alice: Client) -> None:
    file = InboundFile.objects.filter(state=InboundState.ANSWERED).first()
    assert file is not None
    assert "was not set aside" in act(alice, file, "try_again")
    InboundFile.objects.filter(pk=file.pk).update(state=InboundState.QUARANTINED)
    assert "will be tried again" in act(alice, file, "try_again")


def test_a_hold_is_let_go(one_of_each: None, alice: Client) -> None:
    hold = OutboundHold.objects.get()
    assert "will go out at the next exchange" in act(alice, hold, "let_it_go_out", reason="a merger")
    hold.refresh_from_db()
    assert hold.released_by == "alice"
    OutboundHold.objects.update(settled_at=timezone.now())
    assert "nothing is held any more" in act(alice, hold, "let_it_go_out", reason="a merger")


def test_a_lost_file_is_published_again(one_of_each: None, alice: Client, exchange_root: Path) -> None:
    file = OutboundFile.objects.filter(kind="GOF").select_related("connection__organisation").first()
    assert file is not None
    (lost,) = exchange_root.rglob(f"{file.connection.code}/Out/{file.name}")
    content = lost.read_bytes()
    lost.unlink()
    assert "published again" in act(alice, file, "publish_again")
    assert lost.read_bytes() == content
    (archived,) = exchange_root.rglob(f"{file.connection.code}/Archive/out/{file.name}")
    archived.write_bytes(b"somebody's")
    assert "is not the file that was rendered" in act(alice, file, "publish_again")


def test_a_full_file_is_asked_for(one_of_each: None, alice: Client) -> None:
    connection = Connection.objects.first()
    assert connection is not None
    assert "will get a full file" in act(alice, connection, "ask_for_full_file")
    connection.refresh_from_db()
    assert connection.full_file_wanted == "asked for by alice"


ACTIONS = {
    InboundFile: {"pass_over_the_gap": "release_inboundfile", "try_again": "release_inboundfile"},
    OutboundFile: {"publish_again": "republish_outboundfile"},
    OutboundHold: {"let_it_go_out": "release_outboundhold"},
    OpenFailure: {"decide_again": "replay_inboundrecord"},
    Connection: {"ask_for_full_file": "want_full_file_connection"},
}


@pytest.mark.parametrize("model", ACTIONS)
def test_each_verb_has_its_own_permission(model: type[Model], monkeypatch: pytest.MonkeyPatch) -> None:
    page = admin.site._registry[model]
    request = RequestFactory().get("/")
    request.user = User(is_staff=True)
    held = {f"interface.view_{model._meta.model_name}"}
    monkeypatch.setattr(User, "has_perm", lambda self, permission, obj=None: permission in held)
    for action, codename in ACTIONS[model].items():
        assert action not in page.get_actions(request)
        held.add(f"interface.{codename}")
        assert action in page.get_actions(request)
        held.remove(f"interface.{codename}")


def test_every_page_of_the_console_is_somebodys() -> None:
    """A new model's page joins the table of URPs, or is the superuser's by name (roles/urps.py)."""
    assert not run_checks(tags=["roles"])


# --- Upload and download ------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", DOWNLOADS)
def test_a_list_is_downloaded_as_it_is_narrowed(one_of_each: None, alice: Client, slug: str) -> None:
    """Of one organisation, with few questions to the database, whichever list it is."""
    table, whose = DOWNLOADS[slug], Organisation.objects.get(vpd="901")
    url = f"{reverse('admin:download')}?table={slug}"
    assert alice.get(url).status_code == 200
    of = {"connection": Connection.objects.get(code="LEARN").pk, "organisation": whose.pk}
    with CaptureQueriesContext(database) as queries:
        answer = alice.post(url, {**of, "kind": "csv"})
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) <= MOST_QUERIES, slug
    if slug == "completions":  # none was uploaded by hand
        assert "shows no row" in answer.content.decode()
        return
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    headers, *rows = csv.reader(io.StringIO(content_of(answer).decode("utf-8-sig")))
    assert headers == [name for name, _, _ in table.columns()]
    assert rows
    nothing = alice.post(f"{url}&q=nothing-is-called-so", {**of, "kind": "xlsx"})
    assert "shows no row" in nothing.content.decode()


def content_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_a_download_that_cannot_be_says_so(one_of_each: None, alice: Client) -> None:
    url = reverse("admin:download")
    assert b"Download mappings" in alice.get(url).content
    assert alice.post(url, {}).status_code == 404
    assert alice.get(f"{url}?table=secrets").status_code == 404
    assert alice.post(f"{url}?table=positions", {"kind": "csv"}).context["form"].errors
    ours = Organisation.objects.get(vpd="901").pk
    answer = alice.post(f"{url}?table=positions&name__of=x", {"organisation": ours, "kind": "csv"})
    assert answer.status_code == 400

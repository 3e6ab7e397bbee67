"""The walk, up and down: what each role downloads, and what comes of uploading another organisation's rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django import Settings

from interface.by_hand.downloads import DOWNLOADS
from interface.by_hand.tables import TABLES as BY_HAND
from interface.by_hand.tables import VIEW, Table
from interface.models import Connection, Export, Upload
from people.models import Person
from people.tenancy import within
from roles.holdings import holdings_of
from roles.urps import PERMISSIONS
from tests.walk.walker import (
    FORBIDDEN_OR_UNKNOWN,
    keys,
    names_in_console,
    walker,
)
from tests.walk.world import OURS, THEIRS, World


@pytest.mark.parametrize("slug", DOWNLOADS)
def test_downloads(world: World, role: str, slug: str) -> None:
    """Of ours for whom the role lets take it; theirs under no address and by no form."""
    table, who = DOWNLOADS[slug], walker(world, role)
    url, held = f"{reverse('admin:download')}?table={slug}", holdings_of(world.accounts[role])
    wanted = (table.listed.replace("_", ".view_"), *(table.permissions if table.is_personal else ()))
    forms = [
        {"organisation": tenant.organisation.pk, "connection": keys(tenant, Connection), "kind": "csv"}
        for tenant in (world.ours, world.theirs)
    ]
    if not all(map(held.allow, wanted)):
        assert who.get(url).status_code in FORBIDDEN_OR_UNKNOWN
        assert all(who.post(url, form).status_code in FORBIDDEN_OR_UNKNOWN for form in forms)
        return
    assert who.get(url).status_code == 200
    ours = who.post(url, forms[0])
    # Of completions none was uploaded by hand: then the page says so.
    assert slug == "completions" or ours.headers["Content-Disposition"].startswith("attachment")
    assert who.post(url, forms[1]).context["form"].errors
    narrowed = f"{url}&organisation={THEIRS}"
    assert who.get(narrowed).status_code == 200
    who.post(narrowed, forms[0])


@pytest.mark.parametrize("slug", BY_HAND)
def test_uploads(world: World, role: str, slug: str, tmp_path: Path, settings: Settings) -> None:
    """A file with their rows, as they would download it: nothing of it is written, whatever is confirmed."""
    settings.UPLOAD_ROOT, settings.EXCHANGE_ROOT = tmp_path / "uploads", tmp_path / "exchange"
    table, who = BY_HAND[slug], walker(world, role)
    url = f"{reverse('admin:files_by_hand')}?table={slug}"
    wanted = (VIEW, *table.permissions)
    if not all(holdings_of(world.accounts[role]).allow(one) for one in wanted):
        assert who.get(url).status_code in FORBIDDEN_OR_UNKNOWN
        assert who.post(url, {}).status_code in FORBIDDEN_OR_UNKNOWN
        return
    assert who.get(url).status_code == 200
    content = rows_of(world, table)
    for text in (content, content.replace(f"{THEIRS},", f"{OURS},", 1)):
        for tenant in (world.theirs, world.ours):
            file = SimpleUploadedFile("table.csv", text.encode(), "text/csv")
            whose = {"organisation": tenant.organisation.pk, "connection": keys(tenant, Connection)}
            answer = who.post(url, {**whose, "file": file}, echoes=True)
            if tenant is world.theirs:
                assert answer.status_code == 200
                continue
            shown = who.client.get(answer.headers["Location"])
            assert shown.status_code == 200
            upload = shown.context["upload"]
            who.post(answer.headers["Location"], {"do": "confirm", "outcome": upload.outcome}, echoes=True)


def rows_of(world: World, table: Table) -> str:
    if table.resource is None:
        columns = "person_id,last_name,date_of_birth,competence_id,completion_date"
        return f"{columns}\n{world.theirs.row(Person)},X,1980-01-01,1,2026-01-01\n"
    with within(world.theirs.organisation):
        rows = table.resource._meta.model._default_manager.filter(organisation=world.theirs.organisation)
        return str(table.resource().export(rows).csv)


def test_an_upload_is_nobody_else_s(world: World, role: str) -> None:
    for tenant in (world.ours, world.theirs):
        url = reverse("admin:upload", args=(keys(tenant, Upload),))
        assert walker(world, role).get(url).status_code in FORBIDDEN_OR_UNKNOWN
        assert walker(world, role).post(url, {"do": "discard"}).status_code in FORBIDDEN_OR_UNKNOWN


def test_an_export_is_nobody_else_s(world: World, role: str) -> None:
    for tenant in (world.ours, world.theirs):
        url = reverse("admin:export", args=(keys(tenant, Export),))
        for query in ("", "?file=1"):
            assert walker(world, role).get(url + query).status_code in FORBIDDEN_OR_UNKNOWN
        assert walker(world, role).post(url, {"do": "discard"}).status_code in FORBIDDEN_OR_UNKNOWN
    assert Export.objects.count() == 2


def test_no_page_of_the_package_is_there() -> None:
    """By default any member of staff may upload: here there is no such page, and nobody holds its permission."""
    package = ("_import", "_process_import", "_export")
    assert not [name for name in names_in_console() if name.endswith(package)]
    assert not any("_by_nobody" in one for held in PERMISSIONS.values() for one in held)

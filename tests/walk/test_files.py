"""The walk, up and down: what each role downloads, and what comes of uploading another organisation's rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django import Settings

from interface.by_hand.tables import TABLES as BY_HAND
from interface.by_hand.tables import VIEW, Table
from interface.models import Connection, Upload
from people.console_admin import ReferenceAdmin
from people.models import Person
from people.tenancy import within
from roles.holdings import holdings_of
from roles.urps import PERMISSIONS
from tests.walk.walker import (
    FORBIDDEN_OR_UNKNOWN,
    ROLES,
    address,
    keys,
    may,
    names_in_console,
    pages,
    scoped_pages,
    walker,
)
from tests.walk.world import OURS, THEIRS, World, mark

by_role = pytest.mark.parametrize("role", ROLES)

TABLES = [label for label in scoped_pages() if isinstance(pages()[label][1], ReferenceAdmin)]


def resource_of(label: str) -> Any:
    page = pages()[label][1]
    return page.resource_classes[0]  # type: ignore[attr-defined]  # import-export has no types


@by_role
@pytest.mark.parametrize("label", TABLES)
def test_downloads(world: World, role: str, label: str) -> None:
    model, _ = pages()[label]
    who, resource = walker(world, role), resource_of(label)
    columns = {f"{resource.__name__.lower()}_{name}": "on" for name in resource.fields}
    form: dict[str, Any] = {"format": "0", "resource": "", **columns}
    url = address(model, "export")
    if not may(world, role, model):
        assert who.get(url).status_code == 403
        assert who.post(url, form).status_code == 403
        return
    assert who.get(url).status_code == 200
    assert OURS in who.post(url, form).content.decode()
    chosen = who.post(url, {**form, "export_items": [keys(world.theirs, model)]})
    assert mark(OURS) not in chosen.content.decode().casefold()
    assert who.get(url, organisation=THEIRS).status_code in {200, 400}


@by_role
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


@by_role
def test_an_upload_is_nobody_else_s(world: World, role: str) -> None:
    for tenant in (world.ours, world.theirs):
        url = reverse("admin:upload", args=(keys(tenant, Upload),))
        assert walker(world, role).get(url).status_code in FORBIDDEN_OR_UNKNOWN
        assert walker(world, role).post(url, {"do": "discard"}).status_code in FORBIDDEN_OR_UNKNOWN


def test_no_page_of_the_package_uploads() -> None:
    """By default any member of staff may: here there is no such page, and nobody holds its permission."""
    assert not [name for name in names_in_console() if name.endswith(("_import", "_process_import"))]
    assert not any("import_by_nobody" in one for held in PERMISSIONS.values() for one in held)

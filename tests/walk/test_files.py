"""The walk, up and down: what each role downloads, and what comes of uploading another organisation's rows."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from people.admin import ReferenceAdmin
from people.tenancy import within
from tests.walk.walker import (
    ROLES,
    address,
    keys,
    may,
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
@pytest.mark.parametrize("label", TABLES)
def test_uploads(world: World, role: str, label: str) -> None:
    """A file with their rows, as they would download it: nothing of it is written, whatever is confirmed."""
    model, _ = pages()[label]
    with within(world.theirs.organisation):
        rows = model._default_manager.filter(pk=keys(world.theirs, model))
        content = resource_of(label)().export(rows).csv
    who, url = walker(world, role), address(model, "import")
    for text in (content, content.replace(f"{THEIRS},", f"{OURS},", 1)):
        file = SimpleUploadedFile("table.csv", text.encode(), "text/csv")
        answer = who.post(url, {"import_file": file, "format": "0", "resource": ""}, echoes=True)
        if not may(world, role, model, "add"):
            assert answer.status_code == 403
            return
        assert answer.status_code == 200
        confirm = answer.context.get("confirm_form")
        if confirm is not None:
            who.post(address(model, "process_import"), confirm.initial)
    told = answer.content.decode()
    assert len(list(csv.reader(io.StringIO(content)))) >= 2
    assert "Traceback" not in told

"""P6 and P7 where a kill proves nothing: what would a power cut leave, and does the ledger's hash say what was told?

A rename may reach the disk before the bytes it names. So the order is asserted: bytes, their flush, the rename, the
flush of the folder; and only then the row that speaks of them.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from interface.inbound import answer as answering
from interface.inbound.receive import receive
from interface.models import InboundFile, OutboundFile
from interface.outbound.actions import send_changes
from interface.publishing import Draft
from tests.interface.inbound.desk import Desk
from tests.interface.outbound.staff import TODAY

Steps = list[tuple[str, str]]


@pytest.fixture
def steps(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Steps:
    """What is flushed and renamed, by name, in order."""
    done: Steps = []
    fsync, replace = os.fsync, Path.replace

    def flushed(descriptor: int) -> None:
        done.append(("flush", Path(os.readlink(f"/proc/self/fd/{descriptor}")).name))
        fsync(descriptor)

    def renamed(path: Path, target: Any) -> Path:
        done.append(("rename", Path(target).name))
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(Path, "replace", renamed)
    return done


def whole(name: str, folder: str, part: str = "") -> Steps:
    return [("flush", part or f"{name}.part"), ("rename", name), ("flush", folder)]


def test_a_file_is_on_the_disk_before_its_name_and_its_name_before_the_ledger(
    desk: Desk, steps: Steps
) -> None:
    file = send_changes(desk.connection, on=TODAY, by="tests").file
    assert file is not None
    assert steps == whole(file.name, "out") + whole(file.name, "Out")


def test_what_comes_in_is_on_the_disk_before_the_ledger_knows_it_and_before_it_leaves_in(
    desk: Desk, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, data = desk.file(desk.lua("R1"))
    path = desk.put(name, data)
    before: list[Steps] = []
    register = InboundFile.objects.get_or_create

    def registered(**values: Any) -> Any:
        before.append([*steps])
        return register(**values)

    monkeypatch.setattr(InboundFile.objects, "get_or_create", registered)
    (delivery,) = receive(desk.connection, on=TODAY, trouble=pytest.fail)
    archived = desk.folders.archived(delivery.file).name
    assert before == [whole(archived, "in", "receiving.part")]
    assert path.exists()


def test_an_answer_is_on_the_disk_before_its_name(desk: Desk, steps: Steps) -> None:
    desk.send(desk.lua("R1"), "LUX~")
    (file,) = OutboundFile.objects.all()
    mine = [step for step in steps if step[1].startswith(file.name)]
    assert mine == 2 * whole(file.name, "")[:2]


@pytest.mark.parametrize("line", ["LUX~", "LUD~R9"])
def test_rendered_again_from_what_is_stored_an_answer_has_the_ledger_s_hash(desk: Desk, line: str) -> None:
    """Whatever has happened since: the outcomes, not today's data, are what is told."""
    with time_machine.travel("2026-11-03T21:30:00Z", tick=False):
        desk.send(desk.lua("R1"), line, desk.lua("R2", person="40002", last="Other"))
        told = OutboundFile.objects.get()
        file = desk.only()
        for person in desk.people:
            person.versions.update(last_name="Changed")
            person.elements.update(withdrawn_at=timezone.now())
        with Draft(desk.connection, "again.DAT") as draft:
            answering._render(draft, file, told.name, is_refused=False)
    assert draft.sha256 == told.sha256

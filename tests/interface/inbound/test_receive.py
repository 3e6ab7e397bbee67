"""Receiving: what is taken from In, what is left there, and what a crash between the steps leaves behind."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from interface.inbound import receive as module
from interface.inbound.receive import Delivery, discard
from interface.models import InboundFile, InboundState
from tests.interface.inbound.desk import Desk
from tests.interface.outbound.staff import TODAY


def receive(desk: Desk) -> list[Delivery]:
    deliveries = module.receive(desk.connection, on=TODAY, trouble=pytest.fail)
    for delivery in deliveries:
        discard(delivery, trouble=pytest.fail)
    return deliveries


def received(desk: Desk) -> list[str]:
    return [delivery.name for delivery in receive(desk)]


@pytest.mark.parametrize("name", ["a.part", "a.tmp", "a.DAT.filepart", "a.PARTIAL", ".a.DAT", ".hidden"])
def test_a_file_still_being_written_is_left_alone(desk: Desk, name: str) -> None:
    path = desk.put(name, b"half")
    assert received(desk) == []
    assert path.read_bytes() == b"half"
    assert not InboundFile.objects.exists()


def test_links_and_folders_are_left_alone(desk: Desk, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("not the partner's")
    (desk.folders.inbox / "GI_277_CST_LCU_20261103_00000001.DAT").symlink_to(secret)
    (desk.folders.inbox / "folder").mkdir()
    (desk.folders.inbox / "folder" / "a.DAT").write_bytes(b"deeper")
    assert received(desk) == []
    assert secret.exists()


def test_bytes_are_archived_registered_and_gone_from_in(desk: Desk) -> None:
    path = desk.put("b.DAT", b"bytes")
    (delivery,) = receive(desk)
    assert delivery.is_new
    assert not path.exists()
    assert desk.folders.archived(delivery.file).read_bytes() == b"bytes"
    assert (delivery.file.state, delivery.file.size) == (InboundState.RECEIVED, 5)
    assert sorted(path.name for path in desk.folders.archive_in.iterdir()) == [
        f"b.DAT.{delivery.file.sha256[:16]}"
    ]


def test_deliveries_come_in_the_order_of_their_names(desk: Desk) -> None:
    for name in ("c", "a", "b"):
        desk.put(name, name.encode())
    assert received(desk) == ["a", "b", "c"]


def test_a_file_that_is_replaced_while_it_is_read_is_another_delivery(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = desk.put("a.DAT", b"first")
    archive = module._archive

    def archive_then_replaced(*arguments: Any) -> tuple[str, int]:
        result = archive(*arguments)
        other = path.with_name("new.part")
        other.write_bytes(b"second")
        other.replace(path)
        return result

    with monkeypatch.context() as patched:
        patched.setattr(module, "_archive", archive_then_replaced)
        (first,) = receive(desk)
    assert path.read_bytes() == b"second"
    (second,) = receive(desk)
    assert desk.folders.archived(first.file).read_bytes() == b"first"
    assert desk.folders.archived(second.file).read_bytes() == b"second"
    assert (first.name, second.name) == ("a.DAT", "a.DAT")


@pytest.mark.parametrize("moment", ["listed", "archived"])
def test_a_file_that_the_partner_takes_away_stops_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    path = desk.put("a.DAT", b"first")
    desk.put("b.DAT", b"second")
    waiting: Callable[[Path], list[Path]] = module.lying_in
    archive = module._archive

    def listed_then_gone(inbox: Path) -> list[Path]:
        listed = waiting(inbox)
        path.unlink()
        return listed

    def archived_then_gone(reading: Any, name: str, folders: Any) -> tuple[str, int]:
        result = archive(reading, name, folders)
        if name == path.name:
            path.unlink()
        return result

    if moment == "listed":
        monkeypatch.setattr(module, "lying_in", listed_then_gone)
    else:
        monkeypatch.setattr(module, "_archive", archived_then_gone)
    assert received(desk)[-1] == "b.DAT"


@pytest.mark.parametrize(
    "name",
    [
        os.fsdecode(b"caf\xe9~\x01.DAT"),
        "é" * 125 + ".DAT",
        "n" * 251 + ".DAT",
        "\N{HALFWIDTH KATAKANA LETTER A}" * 80,
        os.fsdecode(b"\xff" * 255),
        "line\nend\tand\x7f",
    ],
    ids=["latin", "two bytes", "long", "three bytes", "no text", "controls"],
)
def test_any_name_that_a_folder_takes_is_received_and_refused(desk: Desk, name: str) -> None:
    path = desk.folders.inbox / name
    path.write_bytes(b"whatever")
    (file,) = desk.collect()
    assert (file.state, file.code) == (InboundState.REFUSED, "F01")
    assert desk.folders.archived(file).read_bytes() == b"whatever"
    assert len(desk.out()) == 1
    assert not path.exists()


def test_names_that_differ_after_the_cut_alone_are_two_files(desk: Desk) -> None:
    desk.put("n" * 210 + "1", b"one")
    desk.put("n" * 210 + "2", b"two")
    contents = {desk.folders.archived(one).read_bytes() for one in desk.collect()}
    assert contents == {b"one", b"two"}


def test_killed_between_archive_and_ledger_the_file_is_received_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = desk.put("a.DAT", b"bytes")

    def killed(*arguments: Any, **values: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(InboundFile.objects, "get_or_create", killed)
        with pytest.raises(KeyboardInterrupt):
            receive(desk)
    assert path.exists()
    assert received(desk) == ["a.DAT"]
    assert desk.only().sha256


def test_killed_between_ledger_and_unlink_the_file_is_taken_in_once(desk: Desk) -> None:
    name, data = desk.file(desk.lua("R1"))
    desk.put(name, data)
    receive(desk)
    desk.put(name, data)
    desk.collect()
    assert desk.only().state == InboundState.ANSWERED
    assert not list(desk.folders.inbox.iterdir())

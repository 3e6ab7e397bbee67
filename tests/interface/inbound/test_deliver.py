"""A file put into In by hand lies there whole, under a name that the exchange takes, and the audit says by whom."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from interface.inbound.deliver import DeliveryRefusedError, deliver
from people.models import AuditEvent
from tests.interface.inbound.desk import Desk


def waiting(desk: Desk) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in desk.folders.inbox.iterdir()}


def test_it_is_taken_in_as_if_the_lms_had_sent_it(desk: Desk) -> None:
    name, data = desk.file(desk.lua("R1"))
    deliver(desk.connection, name=name, content=[data[:10], data[10:]], by="alice")
    assert waiting(desk) == {name: data}
    told = AuditEvent.objects.get(verb="put into In")
    assert (told.actor, json.loads(told.after)["file"]) == ("alice", name)
    (file,) = desk.collect()
    assert (file.name, file.counts) == (name, {"I100": 1})


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("notes.txt", "is not the name of a file that an LMS sends"),
        ("../GI_277_CST_LCU_20261103_00000001.DAT", "is not the name of a file"),
        ("GI_277_CST_LCC_20261103_00000001.DAT", "is not the name of a file"),
        (
            "GI_278_CST_LCU_20261103_00000001.DAT",
            "is not for 277/TOTARA: its files are named with 277 and CST",
        ),
        ("GI_277_XYZ_LCU_20261103_00000001.DAT", "is not for 277/TOTARA"),
    ],
)
def test_what_the_exchange_would_not_take_is_not_put_there(desk: Desk, name: str, why: str) -> None:
    with pytest.raises(DeliveryRefusedError, match=why):
        deliver(desk.connection, name=name, content=[b"HDR"], by="alice")
    assert not waiting(desk)


def test_what_waits_there_is_not_replaced(desk: Desk) -> None:
    name, data = desk.file(desk.lua("R1"))
    desk.put(name, data)
    with pytest.raises(DeliveryRefusedError, match="waits in In already"):
        deliver(desk.connection, name=name, content=[b"HDR"], by="alice")
    assert waiting(desk) == {name: data}


def test_half_a_file_leaves_nothing(desk: Desk) -> None:
    def broken() -> Iterator[bytes]:
        yield b"HDR"
        raise OSError("The connection was lost.")

    with pytest.raises(OSError, match="lost"):
        deliver(desk.connection, name=desk.file()[0], content=broken(), by="alice")
    assert not waiting(desk)
    assert not AuditEvent.objects.filter(verb="put into In").exists()

"""The verbs of the inbound side: files that wait for a number, and are let through."""

import hashlib
from datetime import date

import pytest
from pytest_django import Settings

from interface.inbound.actions import release_file, retry_quarantined
from interface.inbound.judge import judge
from interface.models import Connection, InboundFile, InboundRecord, InboundState
from tests.interface.inbound.desk import Desk, outcome
from tests.interface.outbound.staff import TODAY


def test_two_contents_held_under_one_number_are_taken_once(desk: Desk) -> None:
    first = desk.file(desk.lua("R2", on=date(2026, 10, 5)), number=2)
    second = desk.file(desk.lua("R3", on=date(2026, 10, 6)), number=2)
    for name, data in (first, second):
        desk.put(name, data)
        desk.collect()
    assert [file.code for file in InboundFile.objects.all()] == ["F08", "F08"]
    desk.put(*desk.file(desk.lua("R1"), number=1))
    desk.collect()
    by_hash = {file.sha256: (file.state, file.code) for file in InboundFile.objects.filter(number=2)}
    assert by_hash[hashlib.sha256(first[1]).hexdigest()] == (InboundState.ANSWERED, "")
    assert by_hash[hashlib.sha256(second[1]).hexdigest()] == (InboundState.REFUSED, "F07")


def test_a_held_file_is_released_once(desk: Desk) -> None:
    desk.put(*desk.file(desk.lua("R1"), number=3))
    desk.collect()
    file = desk.only()
    release_file(file, by="alice")
    assert (file.released_by, file.released_at is not None) == ("alice", True)
    with pytest.raises(ValueError, match="not held"):
        release_file(file, by="bob")
    desk.collect()
    assert outcome(desk)[0] == InboundState.ANSWERED
    with pytest.raises(ValueError, match="not held"):
        release_file(desk.only(), by="bob")
    assert desk.only().released_by == "alice"


def test_a_release_while_the_night_is_judging_is_not_lost(desk: Desk) -> None:
    desk.put(*desk.file(desk.lua("R1"), number=3))
    desk.collect()
    loaded = InboundFile.objects.select_related("connection__organisation").get()
    release_file(desk.only(), by="alice")
    judge(loaded, on=TODAY)
    assert desk.only().released_by == "alice"
    desk.collect()
    assert outcome(desk)[0] == InboundState.ANSWERED


def test_what_was_changed_in_the_archive_while_it_waited_is_not_decided(
    desk: Desk, settings: Settings
) -> None:
    settings.FILE_MAX_ATTEMPTS = 1
    name, data = desk.file(desk.lua("R2"), number=2)
    desk.put(name, data)
    desk.collect()
    desk.folders.archived(desk.only()).write_bytes(data.replace(b"20261102", b"20261001"))
    desk.put(*desk.file(desk.lua("R1", on=date(2026, 10, 5)), number=1))
    desk.collect()
    waiting = InboundFile.objects.get(name=name)
    assert waiting.state == InboundState.QUARANTINED
    assert "(ReceivedBytesGoneError)" in waiting.message
    retry_quarantined(waiting, by="alice")
    desk.put(name, data)
    desk.collect()
    assert InboundFile.objects.get(name=name).state == InboundState.ANSWERED
    assert InboundRecord.objects.get(file=waiting).raw == desk.lua("R2")


def test_what_waits_before_a_released_file_is_not_passed_over(desk: Desk) -> None:
    """Number 1 is missing, 2 and 3 are here: only what is missing is passed over."""
    for number in (2, 3):
        desk.put(*desk.file(desk.lua(f"R{number}", on=date(2026, 10, number)), number=number))
    desk.collect()
    release_file(InboundFile.objects.get(number=3), by="alice")
    desk.collect()
    assert set(InboundFile.objects.values_list("state", "code")) == {(InboundState.ANSWERED, "")}
    desk.connection.refresh_from_db()
    assert desk.connection.next_inbound == 4


def test_a_number_set_back_by_mistake_accepts_no_number_twice(desk: Desk) -> None:
    desk.send(desk.lua("R1"), number=1)
    Connection.objects.update(next_inbound=1)
    desk.put(*desk.file(desk.lua("R2", on=date(2026, 10, 5)), number=1))
    desk.collect()
    assert sorted(InboundFile.objects.values_list("state", "code")) == [
        (InboundState.ANSWERED, ""),
        (InboundState.REFUSED, "F07"),
    ]

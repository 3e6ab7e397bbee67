"""The verbs on a connection itself."""

from datetime import timedelta

import pytest

from interface.actions import PauseRefusedError, pause, resume
from interface.models import Connection, InboundFile, OutboundFile
from interface.nightly import exchange
from interface.outbound.actions import NotLiveError, send_full_file
from people.models import NightlyRun
from tests.interface.inbound.conftest import desk
from tests.interface.inbound.desk import Desk
from tests.interface.outbound.staff import TODAY

__all__ = ["desk"]


def test_paused_nothing_goes_out_and_what_comes_waits(desk: Desk) -> None:
    desk.put(*desk.file(desk.lua("R1")))
    pause(desk.connection, by="alice", reason="The LMS is moved.")
    report = exchange(desk.connection, on=TODAY, by="tests")
    assert report.state == "skipped"
    (why,) = report.waiting
    assert "Paused by alice since" in why
    assert "The LMS is moved. Nothing was taken in or sent." in why
    assert report.left_undone == []
    assert len(list(desk.folders.inbox.iterdir())) == 1
    assert not any(model.objects.exists() for model in (InboundFile, OutboundFile, NightlyRun))
    with pytest.raises(NotLiveError, match="paused by alice: The LMS is moved"):
        send_full_file(desk.connection, on=TODAY, by="tests", reason="")


def test_resumed_what_waited_is_taken_in(desk: Desk) -> None:
    desk.put(*desk.file(desk.lua("R1")))
    pause(desk.connection, by="alice", reason="The LMS is moved.")
    exchange(desk.connection, on=TODAY, by="tests")
    resume(desk.connection, by="bob", reason="It has moved.")
    report = exchange(desk.connection, on=TODAY + timedelta(days=1), by="tests")
    assert [file.state for file in report.inbound] == ["answered"]
    assert [file.kind for file in report.outbound] == ["LCC", "GOF"]


def test_a_worker_with_an_old_row_in_hand_sees_the_pause(desk: Desk) -> None:
    old = Connection.objects.get()
    pause(desk.connection, by="alice", reason="The LMS is moved.")
    assert exchange(old, on=TODAY, by="tests").state == "skipped"


def test_reasons_are_wanted_and_the_state_is_checked(desk: Desk) -> None:
    with pytest.raises(PauseRefusedError, match="Say why"):
        pause(desk.connection, by="alice", reason=" ")
    with pytest.raises(PauseRefusedError, match="is not paused"):
        resume(desk.connection, by="alice", reason="over")
    pause(desk.connection, by="alice", reason="once")
    with pytest.raises(PauseRefusedError, match="paused already"):
        pause(desk.connection, by="bob", reason="twice")
    assert Connection.objects.get().paused_by == "alice"
    with pytest.raises(PauseRefusedError, match="Say why"):
        resume(desk.connection, by="alice", reason="")

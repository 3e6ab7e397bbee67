"""The verbs of the inbound side: what a run that was killed or another worker left is taken up, once."""

from datetime import date, timedelta

import pytest

from competencies.acceptance import EmptyPolicy
from interface.inbound import actions
from interface.inbound.answer import answer
from interface.inbound.apply import FileTakenError, apply_file
from interface.inbound.receive import receive
from interface.models import InboundState, OutboundFile
from tests.interface.inbound.desk import Desk, killed, outcome
from tests.interface.outbound.staff import TODAY

TOMORROW = TODAY + timedelta(days=1)


def test_a_file_taken_up_on_another_day_is_decided_as_of_the_day_it_was_accepted(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A completion of TOMORROW lies in the future of the file's business date, whenever it is decided."""
    desk.put(*desk.file(desk.lua("R1", on=TOMORROW), desk.lua("R2")))
    with monkeypatch.context() as patched:
        patched.setattr(actions, "apply_file", killed)
        with pytest.raises(KeyboardInterrupt):
            desk.collect()
    desk.collect(TOMORROW + timedelta(days=3))
    assert desk.only().counts == {"E330": 1, "I100": 1}


def test_a_refusal_is_answered_even_if_the_run_was_killed_before(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.put("a.csv", b"nothing")
    with monkeypatch.context() as patched:
        patched.setattr(actions, "publish_pending", killed)
        with pytest.raises(KeyboardInterrupt):
            desk.collect()
    assert OutboundFile.objects.get().published_at is None
    assert desk.out() == {}
    desk.collect()
    assert OutboundFile.objects.get().published_at is not None
    assert len(desk.out()) == 1


def test_a_received_file_is_judged_in_the_run_after_a_kill(desk: Desk) -> None:
    desk.put(*desk.file(desk.lua("R1")))
    receive(desk.connection, on=TODAY, trouble=pytest.fail)
    desk.collect(TOMORROW)
    assert outcome(desk)[0] == InboundState.ANSWERED
    assert desk.only().business_date == TOMORROW


def test_bytes_that_came_again_are_answered_again_even_if_the_run_was_killed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed with half a copy in Out: the file is not in In any more, so the ledger has to know."""
    name, data = desk.file(desk.lua("R1"))
    desk.put(name, data)
    desk.collect()
    first = desk.out()
    for path in desk.folders.outbox.iterdir():
        path.unlink()
    desk.put(name, data)
    with monkeypatch.context() as patched:
        patched.setattr("interface.publishing._copy", killed)
        with pytest.raises(KeyboardInterrupt):
            desk.collect()
    desk.collect()
    assert desk.out() == first


def test_an_answer_that_is_lost_from_the_archive_fails_one_night_and_blocks_no_other(desk: Desk) -> None:
    name, data = desk.file(desk.lua("R1"))
    desk.put(name, data)
    desk.collect()
    (desk.folders.archive_out / name.replace("LCU", "LCC")).unlink()
    desk.put(name, data)
    with pytest.raises(FileNotFoundError, match="LCC"):
        desk.collect()
    assert desk.send(desk.lua("R2", on=date(2026, 10, 5)), number=2) == ["I100"]


def test_another_worker_s_answer_is_not_rendered_again(desk: Desk) -> None:
    desk.put(*desk.file(desk.lua("R1")))
    desk.collect()
    late = desk.only()
    late.answered_at, late.state = None, InboundState.APPLIED
    before = OutboundFile.objects.values().get()
    answer(late)
    assert OutboundFile.objects.values().get() == before


def test_another_worker_s_batch_is_not_written_twice(desk: Desk) -> None:
    desk.put(*desk.file(desk.lua("R1"), desk.lua("R2", on=date(2026, 10, 5))))
    desk.collect()
    late = desk.only()
    late.next_line, late.state, late.counts = 2, InboundState.ACCEPTED, {}
    with pytest.raises(FileTakenError):
        apply_file(late, policy=EmptyPolicy(), progress=lambda lines: None)
    late.next_line = 4
    with pytest.raises(FileTakenError):
        apply_file(late, policy=EmptyPolicy(), progress=lambda lines: None)
    assert outcome(desk)[0] == InboundState.ANSWERED
    assert desk.only().counts == {"I100": 2}

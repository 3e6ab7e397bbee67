"""The verbs of the inbound side: bytes that come again, files that wait, files that fail."""

import hashlib
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from pytest_django import Settings

from competencies.acceptance import EmptyPolicy
from interface.inbound import actions
from interface.inbound.actions import release_file, retry_quarantined
from interface.inbound.answer import answer
from interface.inbound.apply import FileTakenError, apply_file
from interface.inbound.judge import judge
from interface.inbound.receive import receive
from interface.models import (
    Connection,
    InboundFile,
    InboundKind,
    InboundRecord,
    InboundState,
    OutboundFile,
)
from tests.interface.inbound.desk import Desk
from tests.interface.outbound.staff import TODAY
from tests.simulation import wire

TOMORROW = TODAY + timedelta(days=1)
RESEED = wire.completions_name("277", TODAY, 7, kind="GDR")


def reseed() -> bytes:
    return f"HDR~{RESEED}~20261103 200000\n".encode()


def outcome(desk: Desk) -> tuple[str, str, str]:
    file = desk.only()
    return file.state, file.code, file.name


# --- The same bytes under other names ---------------------------------------------------------------


def test_bytes_under_a_wrong_name_are_accepted_under_the_right_one(desk: Desk) -> None:
    name, data = desk.file(desk.lua("R1"))
    desk.put("upload.csv", data)
    desk.collect()
    assert outcome(desk) == (InboundState.REFUSED, "F05", "upload.csv")
    desk.put(name, data)
    desk.collect(TOMORROW)
    assert outcome(desk) == (InboundState.ANSWERED, "", name)
    assert sorted(desk.out())[0].startswith("GI_277_CST_LCC_20261103_00000001")


@pytest.mark.parametrize("wrong", ["A.csv", "z.csv"])
def test_bytes_that_lie_there_under_both_names_are_accepted(desk: Desk, wrong: str) -> None:
    name, data = desk.file(desk.lua("R1"))
    desk.put(wrong, data)
    desk.put(name, data)
    desk.collect()
    assert outcome(desk) == (InboundState.ANSWERED, "", name)


def test_bytes_refused_but_not_yet_answered_are_accepted_under_the_right_name(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the refusal and its answer; meanwhile the sender has seen its mistake."""
    name, data = desk.file(desk.lua("R1"))
    desk.put("upload.csv", data)
    with monkeypatch.context() as patched:
        patched.setattr(actions, "answer", killed)
        with pytest.raises(KeyboardInterrupt):
            desk.collect()
    assert outcome(desk)[:2] == (InboundState.REFUSED, "F05")
    desk.put(name, data)
    desk.collect()
    assert outcome(desk) == (InboundState.ANSWERED, "", name)


def killed(*arguments: Any, **values: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("together", [True, False])
def test_a_reseed_request_under_a_wrong_name_first_works_under_the_right_one(
    desk: Desk, together: bool
) -> None:
    desk.put("A.DAT", reseed())
    if not together:
        desk.collect()
    desk.put(RESEED, reseed())
    desk.collect()
    assert outcome(desk) == (InboundState.ANSWERED, "", RESEED)
    assert desk.only().kind == InboundKind.RESEED
    desk.connection.refresh_from_db()
    assert RESEED in desk.connection.full_file_wanted


def test_bytes_refused_under_two_wrong_names_get_the_same_answer(desk: Desk) -> None:
    _, data = desk.file(desk.lua("R1"))
    desk.put("a.csv", data)
    desk.collect()
    first = desk.out()
    for day in (TODAY, TOMORROW):
        desk.put("b.csv", data)
        desk.collect(day)
        assert desk.out() == first
    assert outcome(desk) == (InboundState.REFUSED, "F05", "a.csv")


def test_answered_bytes_under_another_name_get_the_stored_answer(desk: Desk) -> None:
    name, data = desk.file(desk.lua("R1"))
    desk.put(name, data)
    desk.collect()
    first = desk.out()
    desk.put("copy.csv", data)
    desk.collect(TOMORROW)
    assert desk.out() == first
    assert outcome(desk) == (InboundState.ANSWERED, "", name)


# --- Refusals that hang on our own settings ---------------------------------------------------------


def test_not_live_first_then_a_gap_then_accepted(desk: Desk) -> None:
    Connection.objects.update(live_on=TOMORROW)
    desk.connection.refresh_from_db()
    name, data = desk.file(desk.lua("R2", on=date(2026, 10, 5)), number=2)
    desk.put(name, data)
    desk.collect()
    assert outcome(desk) == (InboundState.REFUSED, "F09", name)
    (refusal,) = desk.out()
    desk.put(name, data)
    desk.collect(TOMORROW)
    assert outcome(desk) == (InboundState.HELD, "F08", name)
    assert desk.only().answered_at is None
    desk.put(*desk.file(desk.lua("R1"), number=1))
    desk.collect(TOMORROW)
    assert set(InboundFile.objects.values_list("state", flat=True)) == {InboundState.ANSWERED}
    assert [one[:14] for one in desk.out()] == ["GI_277_CST_LCC", "GI_277_CST_LCC", refusal[:14]]
    # Again: the confirmation, and not the refusal of before.
    confirmation = name.replace("LCU", "LCC")
    for path in desk.folders.outbox.iterdir():
        path.unlink()
    desk.put(name, data)
    desk.collect(TOMORROW)
    assert list(desk.out()) == [confirmation]


def test_another_reason_of_the_same_refusal_changes_no_published_answer(desk: Desk) -> None:
    Connection.objects.update(live_on=TOMORROW)
    desk.connection.refresh_from_db()
    name, data = desk.file(desk.lua("R1"))
    desk.put(name, data)
    desk.collect()
    first = desk.out()
    Connection.objects.update(live_on=None)
    desk.connection.refresh_from_db()
    desk.put(name, data)
    desk.collect()
    assert desk.out() == first


def refused_as(desk: Desk) -> str:
    """The code in the one refusal that lies in Out."""
    (data,) = (data for name, data in desk.out().items() if "_LCR_" in name)
    return data.decode().splitlines()[1].split("~")[3]


def test_another_verdict_on_refused_bytes_changes_no_published_answer(desk: Desk) -> None:
    """Not live, then in the wrong encoding: both refusals would bear the same name (promises P3 and P7)."""
    Connection.objects.update(live_on=TOMORROW)
    desk.connection.refresh_from_db()
    name, data = desk.file(desk.lua("R1", last="Ach\xe9be"))
    desk.put(name, data)
    desk.collect()
    first = desk.out()
    assert refused_as(desk) == "F09"
    Connection.objects.update(encoding="utf-8")
    desk.connection.refresh_from_db()
    for path in desk.folders.outbox.iterdir():
        path.unlink()
    for _ in range(2):
        desk.put(name, data)
        desk.collect(TOMORROW)
        assert desk.out() == first  # it lies there again, for whoever sent the bytes again
    file = desk.only()
    # The operator is told what is wrong now, and what the LMS was told.
    assert (file.state, file.code) == (InboundState.REFUSED, "F04")
    assert file.message.startswith("Answered F09 before, and that answer stands. Now: the file holds")
    assert [hashlib.sha256(one).hexdigest() for one in first.values()] == [OutboundFile.objects.get().sha256]
    # The mended file, which is other bytes, has its own answer; so have these, once they are right.
    Connection.objects.update(encoding="iso-8859-1")
    desk.connection.refresh_from_db()
    desk.put(name, data)
    desk.collect(TOMORROW)
    assert outcome(desk) == (InboundState.ANSWERED, "", name)
    assert sorted(desk.out()) == [name.replace("LCU", "LCC"), *first]


def test_refused_then_held_then_refused_changes_no_published_answer(desk: Desk) -> None:
    Connection.objects.update(live_on=TOMORROW)
    desk.connection.refresh_from_db()
    late = desk.file(desk.lua("R2"), number=2)
    desk.put(*late)
    desk.collect()
    first = desk.out()
    desk.put(*late)
    desk.collect(TOMORROW)
    assert outcome(desk)[:2] == (InboundState.HELD, "F08")
    Connection.objects.update(next_inbound=3)  # the operator begins anew after it
    desk.collect(TOMORROW)
    file = desk.only()
    assert (file.state, file.code, file.message[:12]) == (InboundState.REFUSED, "F07", "Answered F09")
    assert desk.out() == first


# --- Held files -------------------------------------------------------------------------------------


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


# --- Files that fail --------------------------------------------------------------------------------


class PoisonError(RuntimeError):
    """What a bug of ours would raise."""


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """File names whose decision fails."""
    names: list[str] = []

    def apply_unless_poisoned(file: InboundFile, **values: Any) -> None:
        if file.name in names:
            raise PoisonError(file.name)
        apply_file(file, **values)

    monkeypatch.setattr(actions, "apply_file", apply_unless_poisoned)
    return names


def test_a_file_that_fails_again_and_again_is_set_aside_and_others_go_on(
    desk: Desk, poisoned: list[str], settings: Settings
) -> None:
    settings.FILE_MAX_ATTEMPTS = 3
    name, data = desk.file(desk.lua("R1"), number=1)
    poisoned.append(name)
    desk.put(name, data)
    desk.put(*desk.file(desk.lua("R2", on=date(2026, 10, 5)), number=2))
    for attempt in (1, 2):
        with pytest.raises(PoisonError):
            desk.collect()
        assert InboundFile.objects.get(number=1).attempts == attempt
    desk.collect()
    bad, good = InboundFile.objects.order_by("number")
    assert (bad.state, good.state) == (InboundState.QUARANTINED, InboundState.ANSWERED)
    assert bad.message == "It could not be decided from line 2 on: 3 attempts failed (PoisonError)."
    assert list(desk.out()) == [good.name.replace("LCU", "LCC")]
    # Its number stays taken, and the same bytes again wake nothing up.
    desk.put(name, data)
    desk.collect()
    assert InboundFile.objects.get(number=1).state == InboundState.QUARANTINED


def test_a_file_that_was_set_aside_is_tried_again_on_demand(
    desk: Desk, poisoned: list[str], settings: Settings
) -> None:
    settings.FILE_MAX_ATTEMPTS = 2
    name, data = desk.file(desk.lua("R1"))
    poisoned.append(name)
    desk.put(name, data)
    with pytest.raises(PoisonError):
        desk.collect()
    with pytest.raises(ValueError, match="not set aside"):
        retry_quarantined(desk.only(), by="alice")
    desk.collect()
    file = desk.only()
    assert file.state == InboundState.QUARANTINED
    poisoned.clear()
    retry_quarantined(file, by="alice")
    assert (file.state, file.attempts, file.message) == (InboundState.ACCEPTED, 0, "")
    desk.collect()
    assert outcome(desk)[0] == InboundState.ANSWERED
    with pytest.raises(ValueError, match="not set aside"):
        retry_quarantined(desk.only(), by="alice")


@pytest.mark.parametrize(
    ("step", "told", "sequence_goes_on"),
    [
        ("judge", "It could not be checked: 2 attempts failed (PoisonError).", False),
        ("answer", "It could not be answered: 2 attempts failed (PoisonError).", True),
    ],
)
def test_a_file_that_fails_at_another_step_is_set_aside_and_mended_too(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    step: str,
    told: str,
    *,
    sequence_goes_on: bool,
) -> None:
    settings.FILE_MAX_ATTEMPTS = 2
    done = getattr(actions, step)

    def unless_poisoned(file: InboundFile, **values: Any) -> None:
        if file.name.endswith("1.DAT"):
            raise PoisonError
        done(file, **values)

    for number in (1, 2):
        desk.put(*desk.file(desk.lua(f"R{number}", on=date(2026, 10, number)), number=number))
    with monkeypatch.context() as patched:
        patched.setattr(actions, step, unless_poisoned)
        with pytest.raises(PoisonError):
            desk.collect()
        desk.collect()
    bad, good = InboundFile.objects.order_by("pk")
    assert (bad.state, bad.code, bad.message) == (InboundState.QUARANTINED, "", told)
    # A number that was never taken is missing, and said to be: nothing is passed over in silence.
    assert good.state == (InboundState.ANSWERED if sequence_goes_on else InboundState.HELD)
    retry_quarantined(bad, by="alice")
    desk.collect()
    assert set(InboundFile.objects.values_list("state", "attempts")) == {(InboundState.ANSWERED, 0)}
    assert InboundRecord.objects.count() == 2


def test_a_file_that_kills_its_worker_is_set_aside(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    """Nothing is written down after the kill: the attempt was counted before it."""
    settings.FILE_MAX_ATTEMPTS = 2
    desk.put(*desk.file(desk.lua("R1")))
    with monkeypatch.context() as patched:
        patched.setattr(actions, "apply_file", killed)
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                desk.collect()
        desk.collect()
    file = desk.only()
    assert file.state == InboundState.QUARANTINED
    assert file.message.endswith("2 attempts failed (the worker was stopped each time).")


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), OperationalError("gone away")])
def test_what_is_not_a_file_s_fault_never_sets_it_aside(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, settings: Settings, error: Exception
) -> None:
    settings.FILE_MAX_ATTEMPTS = 1

    def fail(*arguments: Any, **values: Any) -> None:
        raise error

    desk.put(*desk.file(desk.lua("R1")))
    with monkeypatch.context() as patched:
        patched.setattr(actions, "apply_file", fail)
        for _ in range(4):
            with pytest.raises(type(error)):
                desk.collect()
    desk.collect()
    assert outcome(desk)[0] == InboundState.ANSWERED


def test_a_file_whose_archived_bytes_are_gone_is_set_aside(desk: Desk, settings: Settings) -> None:
    settings.FILE_MAX_ATTEMPTS = 1
    desk.put(*desk.file(desk.lua("R1")))
    (delivery,) = receive(desk.connection, on=TODAY, trouble=pytest.fail)
    delivery.path.unlink()
    desk.folders.archived(delivery.file).unlink()
    desk.collect()
    assert desk.only().message == "It could not be checked: its one attempt failed (FileNotFoundError)."


# --- Taken up later ---------------------------------------------------------------------------------


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

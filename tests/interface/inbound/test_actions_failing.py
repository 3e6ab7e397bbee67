"""The verbs of the inbound side: files that fail, again and again, and are set aside."""

from datetime import date
from typing import Any

import pytest
from django.db import OperationalError
from pytest_django import Settings

from interface.inbound import actions
from interface.inbound.actions import retry_quarantined
from interface.inbound.apply import apply_file
from interface.inbound.receive import receive
from interface.models import InboundFile, InboundRecord, InboundState
from tests.interface.inbound.desk import Desk, killed, outcome
from tests.interface.outbound.staff import TODAY


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

"""The verbs of the inbound side: bytes that come again, and refusals that hang on our own settings."""

import hashlib
from datetime import date, timedelta

import pytest

from interface.inbound import actions
from interface.models import Connection, InboundFile, InboundKind, InboundState, OutboundFile
from tests.interface.inbound.desk import Desk, killed, outcome
from tests.interface.outbound.staff import TODAY
from tests.simulation import wire

TOMORROW = TODAY + timedelta(days=1)
RESEED = wire.completions_name("277", TODAY, 7, kind="GDR")


def reseed() -> bytes:
    return f"HDR~{RESEED}~20261103 200000\n".encode()


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

"""Undo: what a file changed is as it was before, the partner is told, and whatever depends on it stands in the way."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from competencies.models import CompetencyElement
from interface.models import (
    Connection,
    InboundFile,
    InboundRecord,
    Mapping,
    OpenFailure,
    Undo,
)
from interface.outbound.actions import send_changes
from interface.recovery import undo as module
from interface.recovery.actions import UndoRefusedError, replay, undo
from tests.interface.inbound.desk import Desk
from tests.interface.outbound.staff import TODAY, out
from tests.simulation import wire

LATER, LATEST = "20261103 010000", "20261103 020000"
OCTOBER = date(2026, 10, 1)
STATE = (
    "element_id", "person_id", "competence_id", "date_from", "date_to", "source_date_to", "proficiency_level",
    "certification_method", "content_digest", "last_update", "withdrawn_at",
)  # fmt: skip


def take_back(desk: Desk, number: int, reason: str = "sent by mistake") -> Undo:
    return undo(InboundFile.objects.get(number=number), by="alice", reason=reason)


def state() -> list[tuple[Any, ...]]:
    return list(CompetencyElement.objects.held().order_by("element_id").values_list(*STATE))


def refusal(desk: Desk, number: int) -> str:
    with pytest.raises(UndoRefusedError) as caught:
        take_back(desk, number)
    assert not Undo.objects.exists()
    return str(caught.value)


# --- What is taken back -------------------------------------------------------------------------------


def test_additions_are_withdrawn(desk: Desk) -> None:
    desk.send(desk.lua("R1"), desk.lua("R2", person="40002"))
    made = take_back(desk, 1)
    assert state() == []
    assert (made.withdrawn, made.restored, made.undone_by, made.reason) == (2, 0, "alice", "sent by mistake")
    # The trail: the outcomes stand, the file stays answered, its number taken.
    assert list(InboundRecord.objects.values_list("code", flat=True)) == ["I100", "I100"]
    file = desk.only()
    desk.connection.refresh_from_db()
    assert (file.state, desk.connection.next_inbound) == ("answered", 2)


def test_what_was_amended_advanced_and_withdrawn_is_as_before(desk: Desk) -> None:
    days = [date(2026, 10, day) for day in (1, 2, 3)]
    desk.send(desk.lua("R1"), *[desk.lua(f"R{at}", on=day) for at, day in enumerate(days, 2)])
    before = state()
    codes = desk.send(
        desk.lua("R1", level="2", updated=LATER),
        desk.lua("R2", on=days[0], updated=LATER),
        wire.lud("R3"),
        desk.lua("R4", person="40002", on=days[2], updated=LATER),
        number=2,
    )
    assert codes == ["I101", "I102", "I103", "I101"]
    made = take_back(desk, 2)
    assert state() == before
    assert (made.withdrawn, made.restored) == (1, 4)


def test_its_replays_are_taken_back_with_it(desk: Desk) -> None:
    desk.send(desk.lua("R1"), desk.lua("R2", course="KNITTING", on=OCTOBER))
    Mapping.objects.create(
        organisation=desk.staff.organisation,
        connection=desk.connection,
        course_code="KNITTING",
        competence=desk.staff.competences[1],
    )
    replay(desk.connection, failures=OpenFailure.objects.all(), on=TODAY, by="alice")
    assert len(state()) == 2
    assert take_back(desk, 1).withdrawn == 2
    assert state() == []


def test_open_failures_of_it_are_open_no_more(desk: Desk) -> None:
    desk.send(desk.lua("R1", course="KNITTING"))
    take_back(desk, 1)
    assert not OpenFailure.objects.exists()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_file_undone_leaves_what_was_before(desk: Desk, settings: Settings, data: st.DataObject) -> None:
    settings.INBOUND_BATCH_LINES = 2
    number = Connection.objects.get().next_inbound
    line = st.one_of(
        st.builds(
            lambda reference, person, day, level, hour: desk.lua(
                reference, person=person, on=date(2026, 10, day), level=level,
                updated=f"202611{number:02} 0{hour}0000",
            ),
            st.sampled_from(["R1", "R2", "R3"]), st.sampled_from(["40001", "40002"]), st.sampled_from([1, 2]),
            st.sampled_from(["", "2"]), st.integers(1, 4),
        ),
        st.sampled_from(["R1", "R2", "R3"]).map(wire.lud),
    )  # fmt: skip
    before = state()
    desk.send(*data.draw(st.lists(line, min_size=1, max_size=6)), number=number)
    file = InboundFile.objects.get(number=number)
    if data.draw(st.booleans()):
        undo(file, by="alice", reason="to see")
        assert state() == before


# --- What comes after ---------------------------------------------------------------------------------


def test_the_same_records_in_a_new_file_are_added_again(desk: Desk) -> None:
    desk.send(desk.lua("R1"))
    take_back(desk, 1)
    assert desk.send(desk.lua("R1"), number=2) == ["I100"]


def test_the_same_bytes_get_the_stored_answer_and_change_nothing(desk: Desk) -> None:
    name, data = desk.file(desk.lua("R1"))
    desk.put(name, data)
    desk.collect()
    answers = desk.out()
    take_back(desk, 1)
    desk.put(name, data)
    desk.collect()
    assert state() == []
    assert desk.out() == answers


def test_the_next_changes_file_deletes_what_was_added(desk: Desk) -> None:
    send_changes(desk.connection, on=TODAY, by="tests")
    desk.send(desk.lua("R1"))
    take_back(desk, 1)
    file = send_changes(desk.connection, on=TODAY + timedelta(days=1), by="tests").file
    assert out(file) == ["CMD~900000000001"]


@pytest.mark.parametrize("sent_between", [True, False])
@pytest.mark.parametrize("how", ["amended", "withdrawn", "moved"])
def test_the_next_changes_file_tells_what_is_held_again(desk: Desk, sent_between: bool, how: str) -> None:
    desk.send(desk.lua("R1", level="1"))
    send_changes(desk.connection, on=TODAY, by="tests")
    second = {
        "amended": desk.lua("R1", level="2", updated=LATER),
        "withdrawn": wire.lud("R1"),
        "moved": desk.lua("R1", person="40002", updated=LATER),
    }[how]
    desk.send(second, number=2)
    if sent_between:
        send_changes(desk.connection, on=TODAY + timedelta(days=1), by="tests")
    take_back(desk, 2)
    lines = out(send_changes(desk.connection, on=TODAY + timedelta(days=2), by="tests").file)
    (told,) = [line for line in lines if line.startswith("CMA")]
    assert told.split("~")[1:3] == ["40001", "900000000001"]
    assert told.split("~")[8] == "1"
    assert [line for line in lines if line.startswith("CMD")] == (
        ["CMD~900000000002"] if how == "moved" else []
    )


def test_undone_again_the_first_undo_stands(desk: Desk) -> None:
    desk.send(desk.lua("R1"))
    first = take_back(desk, 1)
    assert take_back(desk, 1, reason="another") == first
    assert Undo.objects.get().reason == "sent by mistake"


# --- What stands in the way ---------------------------------------------------------------------------


def test_a_reason_is_wanted(desk: Desk) -> None:
    desk.send(desk.lua("R1"))
    with pytest.raises(UndoRefusedError, match="Say why"):
        take_back(desk, 1, reason="  ")


def test_a_refused_file_has_nothing_to_undo(desk: Desk) -> None:
    desk.put(desk.file(desk.lua("R1"))[0], b"HDR~\n")
    desk.collect()
    with pytest.raises(UndoRefusedError, match="nothing to undo"):
        undo(desk.only(), by="alice", reason="by mistake")


def test_a_file_of_before_the_values_were_kept(desk: Desk) -> None:
    desk.send(desk.lua("R1"))
    InboundFile.objects.update(added=None)
    assert "before the values before a file were kept" in refusal(desk, 1)


@pytest.mark.parametrize(
    ("later", "code"),
    [
        ({"level": "2", "updated": LATER}, "I101"),
        ({"updated": LATER}, "I102"),
        ({}, "I102"),
        ({"level": "2", "updated": "20261101 010000"}, "W203"),
    ],
)
def test_a_later_line_of_the_same_reference(desk: Desk, later: dict[str, Any], code: str) -> None:
    desk.send(desk.lua("R1"))
    assert desk.send(desk.lua("R2", on=OCTOBER), desk.lua("R1", **later), number=2) == ["I100", code]
    assert f"LCU_20261103_00000002.DAT line 3: answered {code}" in refusal(desk, 1)
    # The later file first, then this one.
    take_back(desk, 2)
    take_back(desk, 1)
    assert state() == []


def test_a_later_withdrawal(desk: Desk) -> None:
    desk.send(desk.lua("R1"))
    desk.send(wire.lud("R1"), number=2)
    assert "line 2: answered I103" in refusal(desk, 1)


def test_a_withdrawal_in_vain_of_what_the_file_withdrew(desk: Desk) -> None:
    desk.send(desk.lua("R1"))
    desk.send(wire.lud("R1"), number=2)
    desk.send(wire.lud("R1"), number=3)
    assert "line 2: answered W204" in refusal(desk, 2)


def test_a_later_line_that_was_not_added_because_of_it(desk: Desk) -> None:
    desk.send(desk.lua("R1"))
    assert desk.send(desk.lua("R2"), number=2) == ["W202"]
    assert "line 2: answered W202, because what this file added was held" in refusal(desk, 1)


def test_failures_under_its_references_depend_on_nothing(desk: Desk) -> None:
    desk.send(desk.lua("R1"))
    assert desk.send(desk.lua("R1", course="KNITTING", updated=LATER), number=2) == ["E320"]
    take_back(desk, 1)


def test_a_later_replay_of_another_file(desk: Desk) -> None:
    desk.send(desk.lua("R1", course="KNITTING", updated=LATEST))
    desk.send(desk.lua("R1", updated=LATER), number=2)
    Mapping.objects.create(
        organisation=desk.staff.organisation,
        connection=desk.connection,
        course_code="KNITTING",
        competence=desk.staff.competences[0],
    )
    (made,) = replay(desk.connection, failures=OpenFailure.objects.all(), on=TODAY, by="alice")
    assert made.counts == {"I101": 1}
    assert "LCU_20261103_00000001.DAT line 2: answered I101" in refusal(desk, 2)
    # What came after the replay depends on it, and what came before does not.
    assert desk.send(desk.lua("R1", course="KNITTING", updated=LATEST), number=3) == ["I102"]
    assert "LCU_20261103_00000003.DAT line 2: answered I102" in refusal(desk, 1)
    for number in (3, 1, 2):
        take_back(desk, number)
    assert state() == []


def test_no_more_reasons_than_a_person_reads(desk: Desk) -> None:
    lines = [desk.lua(f"R{day}", on=date(2026, 9, day)) for day in range(1, 28)]
    desk.send(*lines)
    desk.send(*lines, desk.lua("R99"), number=2)
    with pytest.raises(UndoRefusedError) as caught:
        take_back(desk, 1)
    assert len(caught.value.dependants) == 20


# --- Killed -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["_withdraw_additions", "_restore", "doubt"])
def test_killed_anywhere_nothing_has_happened(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    desk.send(desk.lua("R1"), desk.lua("R2", on=OCTOBER))
    desk.send(desk.lua("R1", level="2", updated=LATER), desk.lua("R3", person="40002"), number=2)
    before = state()
    step = getattr(module, where)

    def killed(*arguments: Any) -> None:
        step(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(module, where, killed)
        with pytest.raises(KeyboardInterrupt):
            take_back(desk, 2)
    assert state() == before
    assert not Undo.objects.exists()
    take_back(desk, 2)
    assert len(state()) == 2

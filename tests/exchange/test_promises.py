"""P1 to P4, P10 and P11 through the real intake: any bytes, any order, any version."""

from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from competencies.models import CompetencyElement
from interface.inbound.actions import collect
from interface.models import Connection, InboundFile, InboundRecord
from tests.exchange import world as w
from tests.exchange.world import VPD, World, completion
from tests.simulation import wire
from tests.simulation.wire import lud

A = w.ACHEBE
DAY = w.TODAY


def take_in(world: World) -> None:
    """The intake alone, for speed: outbound has nothing to do with what is tested."""
    collect(Connection.objects.get(code=world.code), on=DAY, by="tests")


# --- P1: whatever a line holds ------------------------------------------------------------------------

SOME_LINES = [
    completion(A, "R1"), completion(A, "R2", course="ADULTS"), completion(w.HALE, "R3", expires="20300101"),
    lud("R1"), lud("R9"), "LUA", "LUD", "TRL~3", "HDR~", "~~~~", " ", "\t", "LUA~~~~~~~~~~~~~~", "\x0b\x0c", "\x1c\x85",
]  # fmt: skip
any_line = st.one_of(
    st.sampled_from(SOME_LINES),
    st.binary(max_size=40).map(
        lambda data: data.replace(b"\n", b"").replace(b"\r", b"").decode("iso-8859-1")
    ),
    st.lists(st.text("~LUAD0129 R", max_size=6), max_size=20).map("~".join),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(any_line, max_size=9))
def test_p1_every_line_has_one_outcome_and_one_answer(
    lines: list[str], world: World, django_settings: None
) -> None:
    world.number = Connection.objects.get(code=world.code).next_inbound - 1
    name, data = world.file(lines)
    world.put(name, data)
    take_in(world)
    file = InboundFile.objects.latest("pk")
    answers = {name: data for name, data in world.out.items() if name.startswith("GI_")}
    world.empty_out()
    assert len(answers) == 1
    ((answer_name, answer_data),) = answers.items()
    answer = wire.read(answer_name, answer_data)
    if "_LCR_" in answer_name:
        # Only control characters make the file unreadable, or not: then nothing of it was applied.
        assert answer.rows[0][3] in {"F03", "F04"}
        assert not file.lines.exists()
        return
    records = wire.without_blank(lines)
    outcomes = list(file.lines.order_by("line_number").values_list("line_number", "code"))
    assert len(outcomes) == len(answer.rows) - 1 == file.records
    assert [(int(cells[1]), cells[5]) for cells in answer.rows[1:]] == outcomes
    assert sum(file.counts.values()) == file.records
    assert len(records) >= file.records  # what is white space to Python need not be a blank line


@pytest.fixture
def django_settings(settings: Settings) -> None:
    settings.INBOUND_BATCH_LINES = 3  # several batches, even in a small file


# --- P2: a bad file is never half applied -------------------------------------------------------------


@pytest.fixture
def small(world: World, settings: Settings) -> tuple[str, bytes]:
    settings.INBOUND_BATCH_LINES = 1
    return world.file([completion(A, "R1"), lud("R9")])


def settle(world: World) -> None:
    """As if the file had never come."""
    from interface.models import ElementBefore, OpenFailure, OutboundFile, SentPicture

    for model in (
        SentPicture, OpenFailure, ElementBefore, OutboundFile, InboundRecord, InboundFile, CompetencyElement,
    ):  # fmt: skip
        model.objects.all().delete()
    Connection.objects.update(next_inbound=1)
    world.empty_out()


def applied(world: World) -> bool:
    """Whether the file was applied, in whole; fails where it was in part."""
    (file,) = InboundFile.objects.all()
    done, answers = InboundRecord.objects.count(), [name for name in world.out if name.startswith("GI_")]
    held = CompetencyElement.objects.count()
    if file.state == "answered":
        assert done == file.records
        assert [name for name in answers if "_LCC_" in name] == answers
        return True
    assert (done, held) == (0, 0), file.state
    assert file.state in {"refused", "held"}
    assert len(answers) == (file.state == "refused")
    return False


@pytest.mark.once
def test_p2_cut_at_every_byte(world: World, small: tuple[str, bytes]) -> None:
    name, data = small
    settle(world)
    for length in range(len(data)):
        world.put(name, data[:length])
        take_in(world)
        assert applied(world) == (length == len(data) - 1), length  # the last line's end may be missing
        settle(world)


@pytest.mark.once
def test_p2_flip_every_byte(world: World, small: tuple[str, bytes]) -> None:
    name, data = small
    settle(world)
    for at in range(len(data)):
        flipped = bytearray(data)
        flipped[at] ^= 0x20 if at % 2 else 0x5A
        world.put(name, bytes(flipped))
        take_in(world)
        applied(world)
        settle(world)


# --- P3 and P4: order and repetition ------------------------------------------------------------------


def outcome(world: World) -> list[object]:
    rows = InboundRecord.objects.order_by("file__number", "line_number")
    return [*world.held(), *rows.values_list("file__number", "line_number", "code", "element_ids")]


@pytest.mark.parametrize("order", sorted(set(permutations(["f", "f", "g"]))))
def test_p3_repeated_in_any_order(order: tuple[str, ...], world: World) -> None:
    files = {
        "f": world.file([completion(A, "R1"), completion(A, "R2", course="CONFLICT")], number=1),
        "g": world.file([completion(A, "R1", level="2", updated="20261103 010000"), lud("R2")], number=2),
    }
    answers: dict[str, bytes] = {}
    for which in order:
        world.put(*files[which])
        world.exchange()
        for name, data in world.out.items():
            assert answers.setdefault(name, data) == data, name
    assert world.held() == ["900000000001 40001 900004 20261102-20281101"]
    codes = InboundRecord.objects.order_by("file__number", "line_number").values_list("code", flat=True)
    assert list(codes) == ["I100", "I100", "I101", "I103"]
    assert len([name for name in answers if "_LCC_" in name]) == 2


@pytest.mark.parametrize("order", list(permutations([1, 2, 3])))
def test_p4_three_files_in_any_order_of_arrival(order: tuple[int, ...], world: World) -> None:
    lines = {
        1: [completion(A, "R1"), completion(w.HALE, "R2")],
        2: [completion(A, "R1", level="2", updated="20261103 010000"), lud("R2")],
        3: [
            completion(A, "R1", level="3", updated="20261103 020000"),
            completion(w.HALE, "R2", updated="20261103 030000"),
        ],
    }
    for day, number in enumerate(order):
        world.put(*world.file(lines[number], number=number))
        world.exchange(DAY + timedelta(days=day))
        arrived = set(order[: day + 1])
        whole = next(number for number in range(4) if number + 1 not in arrived)
        answered = InboundFile.objects.filter(state="answered").order_by("number")
        assert list(answered.values_list("number", flat=True)) == list(range(1, whole + 1))
    codes = InboundRecord.objects.order_by("file__number", "line_number").values_list("code", flat=True)
    assert list(codes) == ["I100", "I100", "I101", "I103", "I101", "I100"]
    assert world.held() == [
        "900000000001 40001 900004 20261102-20281101", "900000000003 40002 900004 20261102-20281101",
    ]  # fmt: skip


# --- P10: stale never overwrites newer ----------------------------------------------------------------


@pytest.mark.parametrize(
    "contents",
    [("a", "b", "c"), ("a", "b", "a"), ("a", "a", "b"), ("a", "b", "b")],
    ids=["three contents", "the first again last", "repeated, then another", "another, repeated"],
)
@pytest.mark.parametrize("one_night", [False, True], ids=["a file each", "one night"])
def test_p10_any_order_of_versions_ends_the_same(
    contents: tuple[str, ...], one_night: bool, world: World
) -> None:
    levels = {"a": "1 - Attended", "b": "2 - Passed", "c": "3 - Distinguished"}
    versions = [
        completion(
            A,
            "R1",
            level=levels[content],
            on=date(2026, 10, 1 + "abc".index(content)),
            updated=f"20261102 0{at}0000",
        )
        for at, content in enumerate(contents)
    ]
    ends = set()
    for order in permutations(versions):
        settle(world)
        for number, line in enumerate(order, start=1):
            world.put(*world.file([line], number=number))
            if not one_night:
                take_in(world)
        take_in(world)
        (element,) = CompetencyElement.objects.filter(withdrawn_at=None)
        ends.add((element.proficiency_level, element.date_from, element.date_to, f"{element.last_update:%H}"))
    assert len(ends) == 1
    level, since, _, _ = ends.pop()
    assert (level, since) == (levels[contents[-1]], date(2026, 10, 1 + "abc".index(contents[-1])))


# --- P11: nothing changes unnoticed -------------------------------------------------------------------


def test_what_an_lms_sent_is_not_echoed_but_for_the_dates_that_differ(world: World) -> None:
    world.exchange(date(2026, 11, 2))  # the full file
    world.empty_out()
    answer = world.send(
        completion(A, "R1"), completion(w.HALE, "R2", expires="20300101"), completion(w.WHITLOCK, "R3", last="Other"),
        completion(w.BOTH, "R4", course="ADULTS"),
    )  # fmt: skip
    assert answer.codes == ["I100", "W201", "W200", "I100"]
    (name,) = [name for name in world.out if name.startswith("GO_")]
    rows = wire.read(name, world.out[name]).rows
    assert [(cells[0], cells[1], cells[2], cells[7]) for cells in rows] == [
        ("CMA", "40002", answer.lines[1][8], "20281101")
    ]
    world.empty_out()
    world.exchange(date(2026, 11, 4))
    (name,) = [name for name in world.out if name.startswith("GO_")]
    # Nobody else, but whoever left yesterday: LEAVER's last day was the third.
    assert all(cells[1] in {w.LEAVER.person, "70005"} for cells in wire.read(name, world.out[name]).rows)


def test_a_leaver_is_amended_and_out_of_scope_from_the_next_day(world: World) -> None:
    assert world.send(completion(w.LEAVER, "R1")).codes == ["I100"]
    tomorrow = DAY + timedelta(days=1)
    assert world.send(completion(w.LEAVER, "R2", on=date(2026, 10, 1)), day=tomorrow).codes == ["E312"]


@pytest.mark.parametrize(
    ("code", "sub", "inside", "outside"),
    [
        ("BANK", "CST", w.WEEKLY, A),
        ("PORTERS", "POR", w.WEEKLY, A),
        ("ONE", "ONE", w.WEEKLY, A),
        ("ONE", "ONE", w.WHITLOCK, w.ACCEPTED),
    ],
    ids=["payroll", "position", "assignment number", "an applicant's assignment id"],
)
def test_a_restriction_is_scope_in_both_directions(
    code: str, sub: str, inside: w.Somebody, outside: w.Somebody, world: World
) -> None:
    lms = world.at(code, sub)
    answer = lms.send(completion(inside, "R1"), completion(outside, "R2"))
    assert answer.codes == ["I100", "E312"]
    (name,) = [name for name in lms.out if name.startswith("GO_")]
    assert name.startswith(f"GO_{VPD}_{sub}_GOF_")
    told = {
        cells[1]
        for cells in wire.read(name, lms.out[name], "utf-8" if code == "BANK" else "iso-8859-1").rows
        if cells[0] == "PRA"
    }
    assert inside.person in told
    assert outside.person not in told

"""Every record code, by the exact line that provokes it: real files in, the whole answer out.

An expectation reads ``code person ids``: the ids are the ordinals of element ids of our own, or an id as it is.
Where the specification leaves the person of a failed line open, ``?`` stands for it.
"""

from dataclasses import dataclass, field
from datetime import date

import pytest

from tests.exchange import world as w
from tests.exchange.world import World, completion, own
from tests.simulation.wire import lua, lud

A, H, P = w.ACHEBE, w.HALE, w.WHITLOCK
NEWER, NEWEST, OLDER = "20261103 080000", "20261103 090000", "20261101 080000"
FIRE = "20261102-20281101"  # two years from the usual completion date


@dataclass(frozen=True)
class Case:
    """Files in order; the last file's answers, and what is held after it."""

    lines: list[str]
    answers: list[str]
    held: list[str] = field(default_factory=list)
    before: list[list[str]] = field(default_factory=list)


def one(line: str, answer: str, *held: str, before: list[list[str]] | None = None) -> Case:
    return Case([line], [answer], list(held), before or [])


FIRST = [completion(A, "R1")]
HELD_1 = f"1 40001 900004 {FIRE}"
LONG = "x" * 65

CASES: dict[str, Case] = {
    # --- I: done -------------------------------------------------------------------------------------
    "I100 by employee number": one(completion(A, "R1"), "I100 40001 1", HELD_1),
    "I100 by person id": one(completion(A, "R1", person="40001", number=""), "I100 40001 1", HELD_1),
    "I100 by both": one(completion(A, "R1", person="40001"), "I100 40001 1", HELD_1),
    "I100 for an applicant": one(completion(P, "R1"), "I100 40003 1", f"1 40003 900004 {FIRE}"),
    "I100 offer accepted": one(completion(w.ACCEPTED, "R1"), "I100 40013 1", f"1 40013 900004 {FIRE}"),
    "I100 unconditional": one(completion(w.UNCONDITIONAL, "R1"), "I100 40014 1", f"1 40014 900004 {FIRE}"),
    "I100 employee and applicant": one(completion(w.BOTH, "R1"), "I100 40011 1", f"1 40011 900004 {FIRE}"),
    "I100 on the last day": one(completion(w.LEAVER, "R1"), "I100 40005 1", f"1 40005 900004 {FIRE}"),
    "I100 by competence id": one(completion(A, "R1", competence="900004"), "I100 40001 1", HELD_1),
    "I100 by competence name": one(completion(A, "R1", name=w.FIRE_2), "I100 40001 1", HELD_1),
    "I100 one course, two competences": one(
        completion(A, "R1", course="ADULTS"), "I100 40001 1|2",
        "1 40001 900021 20261102-20291101", "2 40001 900022 20261102-20291101",
    ),
    "I100 six months": one(
        completion(A, "R1", course="RESUS", on=date(2026, 8, 31)), "I100 40001 1", "1 40001 900040 20260831-20270227"
    ),
    "I100 leap day": one(
        completion(A, "R1", name=w.FIRE_1, on=date(2024, 2, 29)), "I100 40001 1", "1 40001 900003 20240229-20250227"
    ),
    "I100 leap day to leap day": one(
        completion(A, "R1", on=date(2024, 2, 29)), "I100 40001 1", "1 40001 900004 20240229-20260227"
    ),
    "I100 no renewal period": one(completion(A, "R1", course="CONFLICT"), "I100 40001 1", "1 40001 900030 20261102-"),
    "I100 the LMS's expiry agrees": one(completion(A, "R1", expires="20281101"), "I100 40001 1", HELD_1),
    "I100 an own date rules": one(
        completion(A, "R1", course="FIRE-OWN", expires="20270101"), "I100 40001 1", "1 40001 900004 20261102-20270101"
    ),
    "I100 an own date that is not sent": one(completion(A, "R1", course="FIRE-OWN"), "I100 40001 1", HELD_1),
    "I100 completed today": one(
        completion(A, "R1", on=w.TODAY), "I100 40001 1", "1 40001 900004 20261103-20281102"
    ),
    "I100 an older completion is history": one(
        completion(A, "R2", on=date(2025, 1, 1)), "I100 40001 2",
        HELD_1, "2 40001 900004 20250101-20261231", before=[FIRST],
    ),
    "I100 first filled decides: id before name": one(
        completion(A, "R1", competence="900003", name=w.FIRE_2), "I100 40001 1", "1 40001 900003 20261102-20271101"
    ),
    "I100 first filled decides: name before course": one(
        completion(A, "R1", name=w.FIRE_1, course="COOKING"), "I100 40001 1", "1 40001 900003 20261102-20271101"
    ),
    "I100 again after it was withdrawn": one(
        completion(A, "R1", updated=NEWER), "I100 40001 2", f"2 40001 900004 {FIRE}", before=[FIRST, [lud("R1")]]
    ),
    "I100 one of two is held otherwise": one(
        completion(A, "R2", course="ADULTS"), "I100 40001 ?",
        "1 40001 900021 20261102-20291101", "2 40001 900022 20261102-20291101",
        before=[[completion(A, "R1", name=w.ADULTS_1)]],
    ),
    "I101 another method": one(
        completion(A, "R1", method="Classroom", updated=NEWER), "I101 40001 1", HELD_1, before=[FIRST]
    ),
    "I101 another day": one(
        completion(A, "R1", on=date(2026, 10, 30), updated=NEWER), "I101 40001 1", "1 40001 900004 20261030-20281029",
        before=[FIRST],
    ),
    "I102 the same again": one(completion(A, "R1"), "I102 40001 1", HELD_1, before=[FIRST]),
    "I102 the same, said later": one(completion(A, "R1", updated=NEWER), "I102 40001 1", HELD_1, before=[FIRST]),
    "I102 the same, said earlier": one(completion(A, "R1", updated=OLDER), "I102 40001 1", HELD_1, before=[FIRST]),
    "I102 two competences": one(
        completion(A, "R1", course="ADULTS"), "I102 40001 1|2",
        "1 40001 900021 20261102-20291101", "2 40001 900022 20261102-20291101",
        before=[[completion(A, "R1", course="ADULTS")]],
    ),
    "I102 twice in one file": Case([completion(A, "R1")] * 2, ["I100 40001 1", "I102 40001 1"], [HELD_1]),
    "I102 twice in one file, said later": Case(
        [completion(A, "R1"), completion(A, "R1", updated=NEWER)], ["I100 40001 1", "I102 40001 1"], [HELD_1]
    ),
    "I103": one(lud("R1"), "I103 ? 1", before=[FIRST]),
    "I103 two competences": one(lud("R1"), "I103 ? 1|2", before=[[completion(A, "R1", course="ADULTS")]]),
    "I103 in the file that added it": Case([completion(A, "R1"), lud("R1")], ["I100 40001 1", "I103 ? 1"]),
    "W204 before it is added": Case([lud("R1"), completion(A, "R1")], ["W204  ", "I100 40001 1"], [HELD_1]),
    "withdrawn, newer, withdrawn in one file": Case(
        [lud("R1"), completion(A, "R1", updated=NEWER), lud("R1")], ["I103 ? 1", "I100 40001 2", "I103 ? 2"],
        before=[FIRST],
    ),
    # --- W: done, but ----------------------------------------------------------------------------------
    "W200": one(completion(A, "R1", last="Okafor"), "W200 40001 1", HELD_1),
    "W200 on an amendment": one(
        completion(A, "R1", last="Okafor", method="Classroom", updated=NEWER), "W200 40001 1", HELD_1, before=[FIRST]
    ),
    "W200 before W201": one(completion(A, "R1", last="Okafor", expires="20271231"), "W200 40001 1", HELD_1),
    "no W200: case, accent, hyphen": one(
        completion(H, "R1", last="FERNANDEZ HALE"), "I100 40002 1", f"1 40002 900004 {FIRE}"
    ),
    "no W200: previous name": one(completion(H, "R1", last="hale"), "I100 40002 1", f"1 40002 900004 {FIRE}"),
    "no W200: maiden name": one(completion(H, "R1", last="OConnor"), "I100 40002 1", f"1 40002 900004 {FIRE}"),
    "no W200: preferred name": one(completion(H, "R1", last="NESSA"), "I100 40002 1", f"1 40002 900004 {FIRE}"),
    "W201": one(completion(A, "R1", expires="20271231"), "W201 40001 1", HELD_1),
    "W201 the LMS's is later": one(completion(A, "R1", expires="20300101"), "W201 40001 1", HELD_1),
    "W201 the absence of a renewal period rules": one(
        completion(A, "R1", course="CONFLICT", expires="20271231"), "W201 40001 1", "1 40001 900030 20261102-"
    ),
    "W201 own dates rule by course code alone": one(
        completion(A, "R1", name=w.FIRE_2, course="FIRE-OWN", expires="20270101"), "W201 40001 1", HELD_1
    ),
    "W201 on an amendment": one(
        completion(A, "R1", expires="20271231", updated=NEWER), "W201 40001 1", HELD_1, before=[FIRST]
    ),
    "W202 another reference": one(completion(A, "R2"), "W202 40001 1", HELD_1, before=[FIRST]),
    "W202 another reference in the same file": Case(
        [completion(A, "R1"), completion(A, "R2")], ["I100 40001 1", "W202 40001 1"], [HELD_1]
    ),
    "W202 held by GO": one(completion(w.WEEKLY, "R1", on=date(2026, 10, 1)), f"W202 40006 {w.GO_ELEMENT}"),
    "W202 not bound: nothing to withdraw": one(
        lud("R2"), "W204  ", HELD_1, before=[FIRST, [completion(A, "R2")]]
    ),
    "W202 not bound: again": one(completion(A, "R2"), "W202 40001 1", HELD_1, before=[FIRST, [completion(A, "R2")]]),
    "W202 all of two": one(
        completion(A, "R3", course="ADULTS"), "W202 40001 1|2",
        "1 40001 900021 20261102-20291101", "2 40001 900022 20261102-20291101",
        before=[[completion(A, "R1", name=w.ADULTS_1), completion(A, "R2", name=w.ADULTS_2)]],
    ),
    "W203 older": one(
        completion(A, "R1", method="Classroom", updated=OLDER), "W203 40001 ", HELD_1, before=[FIRST]
    ),
    "W203 equally old": one(completion(A, "R1", method="Classroom"), "W203 40001 ", HELD_1, before=[FIRST]),
    "W203 older than what was withdrawn": one(
        completion(A, "R1", updated=OLDER), "W203 40001 ", before=[FIRST, [lud("R1")]]
    ),
    "W203 before W202: an older version that another reference holds": one(
        completion(A, "R1", on=date(2026, 10, 1), updated=OLDER), "W203 40001 ",
        HELD_1, "2 40001 900004 20261001-20280930",
        before=[FIRST, [completion(A, "R2", on=date(2026, 10, 1))]],
    ),
    "W203 though an equal content came later: the newest Last Update counts": one(
        completion(A, "R1", method="Classroom", updated=NEWER), "W203 40001 ", HELD_1,
        before=[FIRST, [completion(A, "R1", updated=NEWEST)]],
    ),
    "W204": one(lud("R9"), "W204  "),
    "W204 withdrawn twice": Case([lud("R1"), lud("R1")], ["I103 ? 1", "W204  "], before=[FIRST]),
    # --- E300–E303: form ----------------------------------------------------------------------------
    "E300 unknown type": one("LUX~R1", "E300  "),
    "E300 a column too few": one(completion(A, "R1").rpartition("~")[0], "E300  "),
    "E300 a column too many": one(completion(A, "R1") + "~", "E300  "),
    "E300 LUD with two keys": one("LUD~R1~", "E300  "),
    "E300 no columns at all": one("something else", "E300  "),
    "E300 lower case": one(completion(A, "R1").replace("LUA", "lua"), "E300  "),
    "E300 HDR within": one("HDR~GI_277_CST_LCU_20261103_00000001.DAT~20261103 210000~277~~~01", "E300  "),
    "E301 reference": one(completion(A, ""), "E301  "),
    "E301 reference of a withdrawal": one("LUD~", "E301  "),
    "E301 neither number": one(completion(A, "R1", number=""), "E301  "),
    "E301 last name": one(completion(A, "R1", last=""), "E301  "),
    "E301 last name of spaces": one(completion(A, "R1", last="  "), "E301  "),
    "E301 date of birth": one(completion(A, "R1", born=""), "E301  "),
    "E301 no competence": one(completion(A, "R1", course=""), "E301  "),
    "E301 completion date": one(completion(A, "R1", on=""), "E301  "),
    "E301 last update": one(completion(A, "R1", updated=""), "E301  "),
    "E302 date of birth": one(completion(A, "R1", born="19870231"), "E302  "),
    "E302 completion date": one(completion(A, "R1", on="2026-11-02"), "E302  "),
    "E302 expiry date": one(completion(A, "R1", expires="never"), "E302  "),
    "E302 last update a date alone": one(completion(A, "R1", updated="20261102"), "E302  "),
    "E302 last update": one(completion(A, "R1", updated="20261102 250000"), "E302  "),
    "E302 digits of another script": one(completion(A, "R1", on="2026110\xb2"), "E302  "),
    "E302 reference too long": one(completion(A, LONG), "E302  "),
    "E302 reference of a withdrawal too long": one(lud(LONG), "E302  "),
    "E302 person id too long": one(completion(A, "R1", person="4" * 21), "E302  "),
    "E302 employee number too long": one(completion(A, "R1", number="4" * 31), "E302  "),
    "E302 last name too long": one(completion(A, "R1", last="x" * 151), "E302  "),
    "E302 competence id too long": one(completion(A, "R1", competence="9" * 21), "E302  "),
    "E302 competence name too long": one(completion(A, "R1", name="x" * 256), "E302  "),
    "E302 course code too long": one(completion(A, "R1", course="x" * 101), "E302  "),
    "E302 course version too long": one(completion(A, "R1", version="x" * 21), "E302  "),
    "E302 level too long": one(completion(A, "R1", level="x" * 61), "E302  "),
    "E302 method too long": one(completion(A, "R1", method="x" * 81), "E302  "),
    "I100 values as long as may be": one(
        completion(A, "x" * 64, level="x" * 60, method="x" * 80), "I100 40001 1", HELD_1
    ),
    "E303": Case([completion(A, "R1"), completion(A, "R1", method="Classroom")], ["E303  ", "E303  "]),
    "E303 though one is newer": Case(
        [completion(A, "R1"), completion(A, "R1", method="Classroom", updated=NEWER)], ["E303  ", "E303  "]
    ),
    "E303 all of three": Case(
        [completion(A, "R1"), completion(A, "R1"), completion(A, "R1", level="2")], ["E303  "] * 3
    ),
    "E303 though one of them fails later": Case(
        [completion(A, "R1"), completion(A, "R1", born="19900101")], ["E303  ", "E303  "]
    ),
    "no E303: the other one is malformed": Case(
        [completion(A, "R1"), completion(A, "R1", on="")], ["I100 40001 1", "E301  "], [HELD_1]
    ),
    "no E303: a withdrawal between": Case(
        [completion(A, "R1"), lud("R1"), completion(A, "R1", updated=NEWER)],
        ["I100 40001 1", "I103 ? 1", "I100 40001 2"], [f"2 40001 900004 {FIRE}"],
    ),
    # --- E310–E312: person --------------------------------------------------------------------------
    "E310 unknown number": one(completion(A, "R1", number="99999999"), "E310  "),
    "E310 unknown person id": one(completion(P, "R1", person="49999"), "E310  "),
    "E310 deleted at the source": one(completion(w.DELETED, "R1"), "E310  "),
    "E311 date of birth": one(completion(A, "R1", born=date(1987, 4, 21)), "E311  "),
    "E311 two people": one(completion(A, "R1", person="40007"), "E311  "),
    "E311 date of birth of a leaver": one(completion(w.GONE, "R1", born=A.born), "E311  "),
    "E312 interview": one(completion(w.INTERVIEWEE, "R1"), "E312 ? "),
    "E312 withdrawn application": one(completion(w.WITHDRAWN, "R1"), "E312 ? "),
    "E312 left long ago": one(completion(w.GONE, "R1"), "E312 ? "),
    # --- E320–E323: competence ------------------------------------------------------------------------
    "E320 course": one(completion(A, "R1", course="COOKING"), "E320 ? "),
    "E320 competence id": one(completion(A, "R1", competence="123"), "E320 ? "),
    "E320 competence name": one(completion(A, "R1", name="NHS|CSTF|Juggling|"), "E320 ? "),
    "E320 an unknown id is not mended by the course": one(
        completion(A, "R1", competence="123", course="FIRE"), "E320 ? "
    ),
    "E320 a version that is not mapped": one(completion(A, "R1", course="ONLY-2", version="3"), "E320 ? "),
    "E320 no version, and only versions are mapped": one(completion(A, "R1", course="ONLY-2"), "E320 ? "),
    "E321 national, not CSTF": one(completion(A, "R1", name=w.NOT_CSTF), "E321 ? "),
    "E321 local": one(completion(A, "R1", competence="900091"), "E321 ? "),
    "E322 after its end": one(completion(A, "R1", course="ENDED"), "E322 ? "),
    "E322 before its beginning": one(completion(A, "R1", course="ENDED", on=date(2023, 12, 31)), "E322 ? "),
    "E322 one of two: all or none": one(completion(A, "R1", course="ENDED-AND-FIRE"), "E322 ? "),
    "I100 on its last day": one(
        completion(A, "R1", course="ENDED", on=date(2026, 6, 30)), "I100 40001 1", "1 40001 900023 20260630-20290629"
    ),
    "I100 on its first day": one(
        completion(A, "R1", course="ENDED", on=date(2024, 1, 1)), "I100 40001 1", "1 40001 900023 20240101-20261231"
    ),
    # --- E330–E331: dates -----------------------------------------------------------------------------
    "E330 tomorrow": one(completion(A, "R1", on=date(2026, 11, 4)), "E330 ? "),
    "E330 before birth": one(completion(A, "R1", on=date(1987, 4, 11)), "E330 ? "),
    "E331 the same day": one(completion(A, "R1", expires="20261102"), "E331 ? "),
    "E331 before": one(completion(A, "R1", expires="20251102"), "E331 ? "),
    # --- The order of checks: the first that fails answers ------------------------------------------
    "E300 before E301": one("LUA~~~~", "E300  "),
    "E301 before E302": one(completion(A, "R1", last="", on="soon"), "E301  "),
    "E302 before E310": one(completion(A, "R1", number="99999999", on="soon"), "E302  "),
    "E303 before E310": Case(
        [completion(A, "R1", number="99999999"), completion(A, "R1", number="99999998")], ["E303  ", "E303  "]
    ),
    "E310 before E320": one(completion(A, "R1", number="99999999", course="COOKING"), "E310  "),
    "E311 before E312": one(completion(w.INTERVIEWEE, "R1", born=A.born), "E311  "),
    "E312 before E320": one(completion(w.INTERVIEWEE, "R1", course="COOKING"), "E312 ? "),
    "E320 before E330": one(completion(A, "R1", course="COOKING", on=date(2027, 1, 1)), "E320 ? "),
    "E321 before E330": one(completion(A, "R1", name=w.LOCAL, on=date(2027, 1, 1)), "E321 ? "),
    "E322 before E331": one(completion(A, "R1", course="ENDED", expires="20261101"), "E322 ? "),
    "E330 before E331": one(completion(A, "R1", on=date(2027, 1, 1), expires="20261231"), "E330 ? "),
    "E331 before I102": one(
        completion(A, "R1", expires="20261101", updated=NEWER), "E331 ? ", HELD_1, before=[FIRST]
    ),
    "E311 before I102": one(completion(A, "R1", born=H.born), "E311  ", HELD_1, before=[FIRST]),
    "I102 before W200": one(
        completion(A, "R1", last="Okafor"), "I102 40001 1", HELD_1, before=[[completion(A, "R1", last="Okafor")]]
    ),
    "W202 before W201": one(completion(A, "R2", expires="20271231"), "W202 40001 1", HELD_1, before=[FIRST]),
    # --- Mapping versions ------------------------------------------------------------------------------
    "a version without a row of its own takes the rows for any": one(
        completion(A, "R1", course="VERSIONED", version="1"), "I100 40001 1", "1 40001 900003 20261102-20271101"
    ),
    "no version takes the rows for any": one(
        completion(A, "R1", course="VERSIONED"), "I100 40001 1", "1 40001 900003 20261102-20271101"
    ),
    "the rows of its version win": one(
        completion(A, "R1", course="VERSIONED", version="2"), "I100 40001 1", f"1 40001 900004 {FIRE}"
    ),
    "a blank line is no record and keeps its number": Case(
        ["", completion(A, "R1"), "", lud("R9")], ["", "I100 40001 1", "", "W204  "], [HELD_1]
    ),
}  # fmt: skip

SEVERITY = {"I": ("SUCCESS", "INFO"), "W": ("SUCCESS", "WARNING"), "E": ("FAIL", "ERROR")}


def spelt(ids: str) -> str:
    return "|".join(own(int(one)) if len(one) == 1 else one for one in ids.split("|")) if ids else ""


def reference_of(line: str) -> str:
    cells = line.split("~")
    return cells[1] if len(cells) > 1 else ""


def check_line(cells: list[str], at: int, line: str, expected: str) -> None:
    code, person, ids = expected.split(" ")
    assert len(cells) == 9
    assert cells[:2] == ["LUC", str(at)]
    if code != "E300" and len(reference_of(line)) <= 64:
        assert cells[2] == reference_of(line)
    assert (*cells[3:5], cells[5]) == (*SEVERITY[code[0]], code), cells
    assert cells[6], "an answer without a message"
    assert len(cells[6]) <= 200
    if person != "?":
        assert cells[7] == person, cells
    if ids != "?":
        assert cells[8] == spelt(ids), cells


@pytest.mark.parametrize("name", CASES)
def test_a_line_gets_its_answer(name: str, world: World) -> None:
    case = CASES[name]
    for lines in case.before:
        world.send(*lines)
    answer = world.send(*case.lines)
    records = [(at, line) for at, line in enumerate(case.lines, start=2) if line]
    expected = [text for text in case.answers if text]
    assert [cells[5] for cells in answer.lines] == [text.split(" ")[0] for text in expected], answer.lines
    for cells, (at, line), text in zip(answer.lines, records, expected, strict=True):
        check_line(cells, at, line, text)
    succeeded = sum(1 for text in expected if text[0] in "IW")
    warned = sum(1 for text in expected if text[0] == "W")
    counts = [str(count) for count in (len(expected), succeeded, warned, len(expected) - succeeded)]
    inbound = world.file(case.lines, world.number)[0]
    assert answer.lfc[:3] == ["LFC", inbound, "ACCEPTED"]
    assert answer.lfc[5:] == counts
    assert (answer.file.previous_run, answer.file.this_run) == ("00000000 000000", "20261103 210000")
    assert world.held() == [f"{own(int(text.split(' ')[0]))} {text.split(' ', 1)[1]}" for text in case.held]


def test_every_code_is_here() -> None:
    wanted = {f"I{number}" for number in range(100, 104)} | {f"W{number}" for number in range(200, 205)}
    wanted |= {"E300", "E301", "E302", "E303", "E310", "E311", "E312", "E320", "E321", "E322", "E330", "E331"}
    told = {text.split(" ")[0] for case in CASES.values() for text in case.answers if text}
    assert told == wanted


@pytest.mark.parametrize(
    ("columns", "named"),
    [
        ({"born": "19870231"}, "birth"),
        ({"on": "20261301"}, "completion date"),
        ({"expires": "x"}, "expiry"),
        ({"updated": "x"}, "last update"),
        ({"last": "x" * 151}, "last name"),
        ({"method": "x" * 81}, "method"),
    ],
)
def test_e302_names_the_column(columns: dict[str, str], named: str, world: World) -> None:
    answer = world.send(completion(A, "R1", **columns))
    assert answer.codes == ["E302"]
    assert named in answer.lines[0][6].lower()


def test_messages_tell_nothing_that_the_sender_did_not_send(world: World) -> None:
    answer = world.send(
        completion(A, "R1", born="19870421"),
        completion(A, "R2", person="40002"),
        completion(w.INTERVIEWEE, "R3"),
        completion(A, "R4", last="Okafor"),
        lua(
            "R5",
            number="99999999",
            last="Achebe",
            born="19870412",
            course="FIRE",
            on="20261102",
            updated=NEWER,
        ),
    )
    told = " ".join(cells[6] for cells in answer.lines)
    for secret in ("Achebe", "Fern", "19870412", "1987-04-12", "12/04/1987", "40001", "Interview"):
        assert secret not in told

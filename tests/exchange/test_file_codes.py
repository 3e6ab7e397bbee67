"""Every file code, by the exact bytes that provoke it: what is answered, what waits, what may come afterwards."""

import hashlib
from datetime import date

import pytest
from pytest_django import Settings

from competencies.models import CompetencyElement
from interface.inbound.actions import release_file
from interface.models import InboundFile, InboundRecord
from tests.exchange import world as w
from tests.exchange.world import VPD, Answer, World, completion
from tests.simulation import wire

A = w.ACHEBE
DAY = w.TODAY
NAME = "GI_277_CST_LCU_20261103_00000001.DAT"
GOOD = wire.envelope(NAME, VPD, [completion(A, "R1")], this_run="20261103 210000").encode("iso-8859-1")
RUNS = ("00000000 000000", "20261103 210000")
ZEROS = ("00000000 000000", "00000000 000000")


def swap(old: bytes, new: bytes, data: bytes = GOOD) -> bytes:
    assert old in data
    return data.replace(old, new, 1)


OTHER_NAME = "GI_277_CST_LCU_20261103_00000002.DAT"
# id: (name, bytes, code, whether the answer can repeat the header's run timestamps: None where it is open)
REFUSED: dict[str, tuple[str, bytes, str, bool | None]] = {
    "F01 empty": (NAME, b"", "F01", False),
    "F01 blank lines": (NAME, b"\n\n\n", "F01", False),
    "F01 records at once": (NAME, GOOD.split(b"\n", 1)[1], "F01", False),
    "F01 header of another kind": (NAME, swap(b"HDR~", b"HDX~"), "F01", False),
    "F01 header cut off": (NAME, b"HDR~GI_277_CST_LCU_20261103_00000001.DAT~20261103", "F01", False),
    "F02 no trailer": (NAME, swap(b"TRL~3\n", b""), "F02", True),
    "F02 trailer cut off": (NAME, swap(b"TRL~3\n", b"TRL"), "F02", True),
    "F02 header alone": (NAME, GOOD.split(b"\n")[0] + b"\n", "F02", True),
    "F02 something after the trailer": (NAME, GOOD + b"LUD~R9\n", "F02", True),
    "F03 one more": (NAME, swap(b"TRL~3", b"TRL~4"), "F03", True),
    "F03 one less": (NAME, swap(b"TRL~3", b"TRL~2"), "F03", True),
    "F03 a blank line is counted": (NAME, swap(b"TRL~3", b"\nTRL~4"), "F03", True),
    "F04 version": (NAME, swap(b"~01\n", b"~02\n"), "F04", None),
    "F04 binary": (NAME, swap(b"Achebe", b"Ach\x00ebe"), "F04", None),
    "F04 an archive": (NAME, b"PK\x03\x04" + bytes(range(256)), "F04", False),
    "F05 header names another file": (NAME, swap(b"_00000001.DAT", b"_00000002.DAT"), "F05", None),
    "F05 file bears another name": (OTHER_NAME, GOOD, "F05", None),
    "F05 no such pattern": ("completions.csv", GOOD, "F05", None),
    "F05 seven digits": (NAME.replace("_00", "_0"), swap(b"_00", b"_0"), "F05", None),
    "F05 no such day": (NAME.replace("1103", "1131"), swap(b"LCU_20261103", b"LCU_20261131"), "F05", None),
    "F05 another sub-type": (NAME.replace("CST", "XXX"), swap(b"_CST_", b"_XXX_"), "F05", None),
    "F05 an answer": (NAME.replace("LCU", "LCC"), swap(b"_LCU_", b"_LCC_"), "F05", None),
    "F06 another VPD": (NAME.replace("277", "278"), GOOD.replace(b"277", b"278"), "F06", None),
    "F06 header of another VPD": (NAME, swap(b"~277~", b"~278~"), "F06", None),
}


def refusal_name(name: str, data: bytes) -> str:
    """Date and number of a usable name, else the business date and zeros; then the start of the hash."""
    usable = name.startswith("GI_277_CST_LCU_") and len(name) == len(NAME) and "1131" not in name
    middle = name[15:-4] if usable else f"{wire.ymd(DAY)}_00000000"
    return f"GI_277_CST_LCR_{middle}_{hashlib.sha256(data).hexdigest()[:8]}.DAT"


def check_refusal(answer: Answer, name: str, code: str) -> None:
    assert answer.lines == []
    assert answer.lfc[:4] == ["LFC", name, "REFUSED", code]
    assert 0 < len(answer.lfc[4]) <= 200
    assert answer.lfc[6:] == ["0", "0", "0"] or answer.lfc[6:] == ["", "", ""]


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_is_refused(case: str, world: World) -> None:
    name, data, code, header = REFUSED[case]
    world.put(name, data)
    world.exchange()
    (answer,) = world.refusals()
    check_refusal(answer, name, code)
    # A name that is usable but for its VPD or sub-type may or may not lend its date and number.
    if code != "F06" and "sub-type" not in case and "an answer" not in case:
        assert answer.name == refusal_name(name, data)
    if header is not None:
        assert (answer.file.previous_run, answer.file.this_run) == (RUNS if header else ZEROS)
    assert not [other for other in world.out if "_LCC_" in other]
    assert not CompetencyElement.objects.exclude(element_id=w.GO_ELEMENT).exists()
    assert not InboundRecord.objects.exists()
    assert not list((world.folder / "In").iterdir())
    # The number is not used up: the mended file comes under it.
    assert world.send(completion(A, "R1")).codes == ["I100"]


@pytest.mark.parametrize("case", ["F02 no trailer", "F05 no such pattern", "F06 another VPD"])
def test_refused_bytes_are_answered_again_alike(case: str, world: World) -> None:
    name, data, _, _ = REFUSED[case]
    world.put(name, data)
    world.exchange()
    (first,) = world.refusals()
    world.empty_out()
    world.put(name, data)
    world.exchange()
    (second,) = world.refusals()
    assert (second.name, second.data) == (first.name, first.data)


def test_f04_letters_that_are_not_of_the_encoding(world: World) -> None:
    bank = world.at("BANK")
    name, data = bank.file([completion(A, "R1", last="Ach\xe9be")])  # written in ISO-8859-1, agreed was UTF-8
    bank.put(name, data)
    bank.exchange()
    (answer,) = bank.refusals()
    check_refusal(answer, name, "F04")


def test_crlf_and_no_end_of_the_last_line_are_read(world: World) -> None:
    world.put(NAME, GOOD.replace(b"\n", b"\r\n"))
    world.exchange()
    assert world.answer(NAME.replace("LCU", "LCC")).codes == ["I100"]


def test_a_quote_is_data(world: World) -> None:
    answer = world.send(
        completion(A, "R1", last='"Achebe'), completion(A, 'R"2', level='1 - "Attended', on=date(2026, 10, 2))
    )
    assert answer.codes == ["I100", "I100"]
    assert answer.lines[1][2] == 'R"2'


def test_f07_accepted_already_with_other_content(world: World) -> None:
    first = world.send(completion(A, "R1"))
    name, data = world.file([completion(A, "R2", on=date(2026, 10, 5))], number=1)
    world.put(name, data)
    world.exchange()
    (refusal,) = world.refusals()
    check_refusal(refusal, name, "F07")
    assert refusal.name == refusal_name(name, data)
    assert world.answer(first.name).data == first.data
    assert len(world.held()) == 1
    assert world.send(completion(A, "R1")).codes == ["I102"]  # file 2


def test_f07_under_the_number_of_another_day(world: World) -> None:
    world.send(completion(A, "R1"))
    name, data = world.file([completion(A, "R1")], number=1, day=date(2026, 11, 4))
    world.put(name, data)
    world.exchange(date(2026, 11, 4))
    (refusal,) = world.refusals()
    check_refusal(refusal, name, "F07")


def test_f08_waits_for_the_missing_file(world: World) -> None:
    second = world.file([completion(A, "R2", on=date(2026, 10, 5))], number=2)
    world.put(*second)
    world.exchange()
    assert not [name for name in world.out if name.startswith("GI_")]
    (held,) = InboundFile.objects.all()
    assert (held.state, held.code) == ("held", "F08")
    assert not world.held()
    world.exchange(date(2026, 11, 4))
    assert not [name for name in world.out if name.startswith("GI_")]
    world.put(*world.file([completion(A, "R1")], number=1))
    world.exchange(date(2026, 11, 5))
    assert world.answer("GI_277_CST_LCC_20261103_00000001.DAT").codes == ["I100"]
    assert world.answer("GI_277_CST_LCC_20261103_00000002.DAT").codes == ["I100"]
    ids = [line.split()[0] for line in world.held()]
    assert [line.split()[-1] for line in world.held()] == ["20261102-20281101", "20261005-20281004"]
    assert ids == sorted(ids)


def test_f08_released_by_an_operator_and_the_number_passed_over(world: World) -> None:
    world.put(*world.file([completion(A, "R3")], number=3))
    world.exchange()
    (held,) = InboundFile.objects.all()
    assert held.code == "F08"
    release_file(held, by="alice")
    world.exchange()
    assert world.answer("GI_277_CST_LCC_20261103_00000003.DAT").codes == ["I100"]
    held.refresh_from_db()
    assert held.released_by == "alice"
    # Both missing numbers are passed over: F07's second meaning.
    for number in (1, 2):
        name, data = world.file([completion(A, "R1", on=date(2026, 10, 5))], number=number)
        world.put(name, data)
        world.exchange()
        refusal = world.answer(refusal_name(name, data))
        check_refusal(refusal, name, "F07")
    world.number = 3
    assert world.send(completion(A, "R3")).codes == ["I102"]


def test_f08_files_that_wait_together_are_taken_in_number_order(world: World) -> None:
    newer, newest = "20261103 010000", "20261103 020000"
    files = [
        world.file([completion(A, "R1")], number=1),
        world.file([completion(A, "R1", level="2", updated=newer)], number=2, day=date(2026, 11, 2)),
        world.file([completion(A, "R1", level="3", updated=newest)], number=3, day=date(2026, 11, 1)),
    ]
    for name, data in reversed(files):  # by name the third comes first
        world.put(name, data)
    world.exchange()
    answers = [world.answer(name.replace("LCU", "LCC")).codes for name, _ in files]
    assert answers == [["I100"], ["I101"], ["I101"]]


def test_a_new_connection_expects_the_first_number(world: World) -> None:
    world.put(*world.file([completion(A, "R1")], number=7))
    world.exchange()
    assert InboundFile.objects.get().code == "F08"


def test_f09_is_judged_again_once_the_connection_is_live(world: World) -> None:
    later = world.at("LATER", "LAT")
    name, data = later.file([completion(A, "R1")])
    later.put(name, data)
    later.exchange()
    (refusal,) = later.refusals()
    check_refusal(refusal, name, "F09")
    assert [other for other in later.out if other.startswith("GO_")] == []
    later.empty_out()
    later.put(name, data)
    later.exchange(date(2026, 11, 20))
    (again,) = later.refusals()
    assert again.lfc[3] == "F09"
    later.empty_out()
    later.put(name, data)
    later.exchange(date(2026, 12, 1))
    assert later.answer(name.replace("LCU", "LCC")).codes == ["I100"]
    assert later.refusals() == []
    assert len(later.held()) == 1


def test_f10_larger_than_the_limit(world: World, settings: Settings) -> None:
    settings.INBOUND_MAX_BYTES = 1024
    name, data = world.file([completion(A, f"R{number}") for number in range(20)])
    assert len(data) > 1024
    world.put(name, data)
    world.exchange()
    (refusal,) = world.refusals()
    check_refusal(refusal, name, "F10")
    world.number = 0
    assert world.send(completion(A, "R1")).codes == ["I100"]


def test_the_same_bytes_again_get_the_same_answer_and_change_nothing(world: World) -> None:
    lines = [completion(A, "R1"), completion(A, "R2"), "LUX", "LUD~R7"]
    first = world.send(*lines)
    world.send(completion(A, "R1", level="2", updated="20261103 070000"))
    held = world.held()
    records = InboundRecord.objects.count()
    world.empty_out()
    name, data = world.file(lines, number=1)
    for day in (DAY, date(2026, 11, 4)):
        world.put(name, data)
        world.exchange(day)
        again = world.answer(first.name)
        assert again.data == first.data
        assert world.held() == held
        assert InboundRecord.objects.count() == records


def test_an_empty_file_is_accepted_and_uses_its_number(world: World) -> None:
    answer = world.send()
    assert answer.lfc[1:4] == [NAME, "ACCEPTED", ""]
    assert answer.lfc[5:] == ["0", "0", "0", "0"]
    assert world.send(completion(A, "R1")).codes == ["I100"]


def test_the_answer_bears_the_date_and_number_of_its_file_and_its_runs(world: World) -> None:
    name = "GI_277_CST_LCU_20261031_00000001.DAT"
    text = wire.envelope(
        name, VPD, [completion(A, "R1")], this_run="20261031 210000", previous_run="20261030 210000"
    )
    world.put(name, text.encode("iso-8859-1"))
    world.exchange()
    answer = world.answer("GI_277_CST_LCC_20261031_00000001.DAT")
    assert (answer.file.previous_run, answer.file.this_run) == ("20261030 210000", "20261031 210000")
    assert answer.file.vpd == VPD


# --- Re-seed requests -------------------------------------------------------------------------------


def ask(world: World, number: int) -> None:
    name = wire.completions_name(VPD, DAY, number, kind="GDR")
    world.put(name, f"HDR~{name}~20261103 200000\n".encode())


def sent(world: World) -> list[str]:
    return [name.split("_")[3] for name in world.out if name.startswith("GO_")]


def test_a_reseed_request_works_once_per_its_bytes_and_knows_no_sequence(world: World) -> None:
    world.exchange()
    assert sent(world) == ["GOF"]
    for day, number, kind in [(4, 55, "GOF"), (5, 55, "GOC"), (6, 7, "GOF"), (7, 8, "GOF")]:
        world.empty_out()
        ask(world, number)
        world.exchange(date(2026, 11, day))
        assert sent(world) == [kind], day
    assert not InboundFile.objects.filter(state="held").exists()


def test_a_reseed_request_does_not_touch_the_inbound_sequence(world: World) -> None:
    ask(world, 9)
    world.exchange()
    assert world.send(completion(A, "R1")).codes == ["I100"]

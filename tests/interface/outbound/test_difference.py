"""Whatever happens to people, applying the differences in wire order leaves the partner with today's state."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from interface.outbound.difference import UNKNOWN, difference, held_after, lines, person_order
from interface.outbound.digests import ASSIGNMENT, ELEMENT, PERSON, Sheet, digest_of
from interface.outbound.packing import Entry, Key
from tests.interface.outbound.staff import Holder, identity

State = dict[str, Any]
PERSONS = ("9", "10", "101")

# Whose element it is, and which of two contents it has: elements change hands, as when people are merged.
ELEMENTS = st.dictionaries(
    st.sampled_from(("1", "2", "30")), st.tuples(st.sampled_from(PERSONS), st.booleans())
)
STATES = st.fixed_dictionaries({"people": st.sets(st.sampled_from(PERSONS)), "elements": ELEMENTS})


def picture(person: str, state: State) -> dict[Key, Sheet]:
    """Today's records of a person; nothing at all for somebody who is not a member."""
    if person not in state["people"]:
        return {}
    pra = PERSON.fill((person, *[""] * (len(PERSON.fields) - 1)), None)
    asa = ASSIGNMENT.fill((person, f"7{person}", *[""] * (len(ASSIGNMENT.fields) - 2)), None)
    found = {("PRA", person): pra, ("ASA", f"7{person}"): asa}
    for element, (holder, variant) in state["elements"].items():
        if holder == person:
            content = (person, element, "Name", "", "", "level" if variant else "", "277", "", "900001")
            found["CMA", element] = ELEMENT.fill(content, None)
    return found


def digests(today: dict[Key, Sheet]) -> dict[Key, int]:
    return {key: digest_of(before + after) for key, (before, _, after) in today.items()}


@given(st.lists(STATES, min_size=1, max_size=6), st.sets(st.sampled_from(("1", "2", "30"))))
def test_differences_in_order_give_todays_state(states: list[State], unknown: set[str]) -> None:
    holder, sent = Holder(), dict[str, dict[Key, int]]()
    for state in states:
        today = {person: picture(person, state) for person in PERSONS}
        written: list[str] = []
        for person in sorted(PERSONS, key=person_order):
            change = difference(digests(today[person]), sent.get(person, {}))
            elsewhere = {key for other in PERSONS if other != person for key in today[other]}
            written += lines(today[person], change.added + change.amended, change.gone, elsewhere)
        holder.take(written)
        full = Holder()
        full.take([line for person in PERSONS for line in lines(today[person], today[person].keys(), ())])
        assert holder.records == full.records
        sent = {person: digests(today[person]) for person in PERSONS}
        for held in sent.values():
            held.update({key: UNKNOWN for key in held if key[1] in unknown})


def test_nothing_changed_is_nothing_to_write() -> None:
    state: State = {"people": {"9"}, "elements": {"1": ("9", True)}}
    today = picture("9", state)
    assert not difference(digests(today), digests(today))


def test_unknown_content_is_sent_again_and_deleted_when_gone() -> None:
    today = picture("9", {"people": {"9"}, "elements": {"1": ("9", True)}})
    change = difference(digests(today), {**digests(today), ("CMA", "1"): UNKNOWN, ("CMA", "2"): UNKNOWN})
    assert change == ([], [("CMA", "1")], [("CMA", "2")])


def test_what_did_not_differ_is_held_since_the_file_that_carried_it() -> None:
    held = {("CMA", "1"): Entry(7, -3), ("CMA", "2"): Entry(8, 4), ("CMA", "9"): Entry(1, 4)}
    today = {("CMA", "1"): 7, ("CMA", "2"): 9, ("CMA", "3"): 1}
    after = {("CMA", "1"): Entry(7, -3), ("CMA", "2"): Entry(9, 5), ("CMA", "3"): Entry(1, 5)}
    assert held_after(today, held, file=5) == after


def test_the_order_of_the_wire() -> None:
    before = picture(
        "9", {"people": {"9"}, "elements": {"1": ("9", True), "2": ("9", True), "30": ("9", True)}}
    )
    after = picture("9", {"people": {"9"}, "elements": {"2": ("9", False), "30": ("9", True)}})
    del after["ASA", "79"]
    after["ASA", "710"] = before["ASA", "79"]
    gone = [("CMA", "1"), ("ASA", "79")]
    written = list(lines(after, after.keys(), gone))
    expected = ["PRA 9", "ASD 79", "ASA 79", "CMD 1", "CMA 2", "CMA 30"]
    assert [identity(line) for line in written] == expected
    dropped = list(lines({}, (), before.keys()))
    assert dropped == ["CMD~1", "CMD~2", "CMD~30", "ASD~79", "PRD~9"]


def test_numbers_in_numeric_order_before_other_ids() -> None:
    assert sorted(["10", "9", "A1", "0011", "²"], key=person_order) == ["9", "10", "0011", "A1", "²"]

"""A batch, with all its short cuts, gives what ``decide`` gives of one line after another, whatever the lines say."""

from copy import deepcopy
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from competencies.acceptance import EmptyPolicy
from interface.decision.decide import decide, note
from interface.decision.facts import Facts, ReferenceState
from interface.decision.outcome import Outcome
from interface.decision.quick import Quick, Version
from interface.formats.completions import Completion, read
from interface.inbound.batch import Batch, Decided
from tests.interface.decision.test_decide import ADULTS_1, ALICE, FIRE, facts

# Each column's runs of values: good ones mostly, and what can be wrong with them.
PERSONS = st.sampled_from([
    "~25100001~Achebe~19870412", "~25100001~Achebe~19870412", "40001~~Okafor~19870412", "40001~~Smith~19870412",
    "~25100002~Fernández-Hale~19900930", "~25100003~Whitlock~19950117", "~25100009~Twin~19700101",
    "~99~Achebe~19870412", "~25100001~Achebe~19870421", "~~Achebe~19870412", " ~25100001~Achebe~19870412",
    "~25100001~~19870412", "~25100001~Ach\u00a0ebe~19870412", "~25100001~Achebe~19871340",
])  # fmt: skip
COURSES = st.sampled_from([
    "~~FIRE~", "~~FIRE~", "~~SGA~", "~~FIRE~2", "~~MIXED~", "~~COOKING~", "1234567~~FIRE~", "900004~~~", "~~~",
    "~nhs|cstf|fire safety -  2 years~~",
])  # fmt: skip
DAYS = st.sampled_from(["20261101", "20261101", "20261102", "20261203", "19800101", "2026", ""])
EXPIRIES = st.sampled_from(["", "", "20281231", "20281031", "20260101", "x"])
DETAILS = st.sampled_from(["~", "1 - Attended~e-learning", " ~", "\x85~", "é~"])
STAMPS = st.sampled_from(["20261102 120000", "20261102 120000", "20261103 120000", "20261103", ""])
REFERENCES = st.sampled_from(["M-1", "M-2", "M-3", "M-4", " ", "", "M" * 65, "M\x07", "M\u00ad"])
LUA = st.builds(
    lambda *parts: "~".join(["LUA", *parts]), REFERENCES, PERSONS, COURSES, DAYS, EXPIRIES, DETAILS, STAMPS
)
LINES = st.lists(
    st.one_of(
        LUA, LUA, LUA, st.sampled_from(["LUD~M-1", "LUD~M-2", "LUD~M-1~", "LUA~M-1", "ABC", "LUA~" + "x" * 9000])
    ),
    max_size=12,
)  # fmt: skip
POLICY = EmptyPolicy()
HELD_OTHERWISE = {
    (ALICE.pk, FIRE.pk, date(2026, 11, 1)): {"555": ""},
    (ALICE.pk, ADULTS_1.pk, date(2026, 11, 2)): {"556": ""},
}


def contradicted(lines: list[str]) -> frozenset[str]:
    contents: dict[str, set[str]] = {}
    for line in lines:
        record = read(line)
        if isinstance(record, Completion):
            contents.setdefault(record.source_reference, set()).add(record.content)
    return frozenset(reference for reference, found in contents.items() if len(found) > 1)


def one_by_one(lines: list[str], around: Facts) -> list[Outcome]:
    against = contradicted(lines)
    outcomes = []
    for line in lines:
        record = read(line)
        outcomes.append(decide(record, around, POLICY, against))
        note(record.source_reference, outcomes[-1], around)
    return outcomes


class Held:
    """What is held, as the database would tell it."""

    def __init__(self, states: dict[str, ReferenceState]) -> None:
        self.state = states.get

    def version(self, reference: str) -> Version | None:
        state = self.state(reference)
        if state is None or len(state.elements) != 1:
            return None
        return Version((state.elements[0].element_id,), state.digest, state.last_update)


def in_batches(lines: list[str], size: int, around: Facts) -> list[Decided]:
    """As the shell does it, the database's place taken by ``around``."""
    quick = Quick(POLICY, contradicted(lines))
    decided = []
    for start in range(0, len(lines), size):
        numbered = [(start + at, line.encode()) for at, line in enumerate(lines[start : start + size])]
        batch = Batch(numbered, "utf-8", quick)
        held = Held({one: state for one, state in around.references.items() if one in batch.references})
        loaded = facts()
        loaded.next_element_id = around.next_element_id
        for place in batch.settle(held, loaded):
            if around.holdings.get(place):
                loaded.holdings[place] = dict(around.holdings[place])
        for one in batch.outcomes(loaded, POLICY, contradicted(lines)):
            decided.append(one)
            note(one.reference, one.outcome, around)
        around.next_element_id = loaded.next_element_id
    return decided


@settings(max_examples=400, deadline=None)
@given(before=LINES, lines=LINES, size=st.integers(1, 12), is_held=st.booleans())
def test_as_one_by_one(before: list[str], lines: list[str], size: int, is_held: bool) -> None:
    around = facts(holdings=deepcopy(HELD_OTHERWISE) if is_held else {})
    one_by_one(before, around)
    other = deepcopy(around)
    expected = one_by_one(lines, around)
    decided = in_batches(lines, size, other)
    assert [one.outcome for one in decided] == expected
    assert other == around
    for line, one in zip(lines, decided, strict=True):
        record = read(line)
        assert one.reference == record.source_reference
        if one.outcome.changes.added or one.outcome.changes.amended:
            assert isinstance(record, Completion)
            assert (one.proficiency_level, one.certification_method) == (
                record.proficiency_level,
                record.certification_method,
            )

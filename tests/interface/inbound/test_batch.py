"""A batch, with all its short cuts, gives what ``decide`` gives of one line after another, whatever the lines say."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import date, datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st

from competencies.acceptance import EmptyPolicy
from competencies.lookup import ReferenceRow
from interface.decision.codes import Code
from interface.decision.decide import decide, note
from interface.decision.digests import content_digest
from interface.decision.facts import Facts, ReferenceState
from interface.decision.outcome import NOTHING, Changes, Held, Outcome
from interface.decision.quick import Quick, answer_of
from interface.formats.completions import Completion, read
from interface.inbound.batch import Added, Batch, Decided, Line, Unchanged, decided_as
from interface.inbound.loading import HeldReferences
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


def held_as(states: dict[str, ReferenceState]) -> HeldReferences:
    """What is held, as the database would tell it."""
    rows: list[ReferenceRow] = []
    for reference, state in states.items():
        version = (state.digest, int(state.last_update.timestamp()))
        for key, one in enumerate(state.elements):
            rows.append((reference, *one, *version, False, key))
        if not state.elements:
            rows.append((reference, "gone", 1, 1, date(2020, 1, 1), *version, True, 0))
    return HeldReferences(rows)


class Outcomes:
    """Each line's as ``decide`` would have said it."""

    def __init__(self) -> None:
        self.decided: list[Decided] = []

    def take(self, decided: Decided, /) -> None:
        self.decided.append(decided)

    def unchanged(self, lines: Sequence[Unchanged], newer: Mapping[str, datetime], /) -> None:
        assert newer.keys() <= {element_id for *_, element_id in lines}
        for number, raw, reference, person, element_id in lines:
            record = read(raw)
            assert isinstance(record, Completion)
            changes = Changes(advanced=(element_id,)) if element_id in newer else NOTHING
            assert newer.get(element_id) in (None, record.last_update)
            digest = content_digest(record.content)
            self._note(
                number, raw, reference, Code.UNCHANGED, "Unchanged.", person, (element_id,), changes, digest
            )

    def added(self, lines: Sequence[Added], /) -> None:
        for number, raw, reference, parts, element_ids in lines:
            who, what, detail, moment, digest = parts
            held = tuple(
                Held(element_id, who.person, competence, what.completed_on, ends, what.expires_on)
                for element_id, (competence, ends) in zip(element_ids, what.gives, strict=True)
            )
            code, message = answer_of(parts)
            ids, changes = tuple(element_ids), Changes(held)
            self._note(number, raw, reference, Code(code), message, who.person, ids, changes, digest)
            record = read(raw)
            assert isinstance(record, Completion)
            assert detail[:2] == (record.proficiency_level, record.certification_method)
            assert moment.at == record.last_update

    def _note(
        self,
        number: int,
        raw: str,
        reference: str,
        code: Code,
        message: str,
        person: int,
        element_ids: tuple[str, ...],
        changes: Changes,
        digest: int,
    ) -> None:
        record = read(raw)
        assert isinstance(record, Completion)
        outcome = Outcome(code, message, person, element_ids, changes, digest, record.last_update)
        assert reference == record.source_reference
        self.decided.append(decided_as(Line(number, raw), record, outcome))


def in_batches(lines: list[str], size: int, around: Facts) -> list[Decided]:
    """As the shell does it, ``around`` in the database's place: each batch is looked up before the last is written."""
    quick = Quick(POLICY, contradicted(lines))
    decided = []
    after: tuple[Batch, Facts] | None = None
    stored = deepcopy(around)
    for start in range(0, len(lines), size):
        numbered = [(start + at, line.encode()) for at, line in enumerate(lines[start : start + size])]
        batch = Batch(numbered, "utf-8", quick)
        held = held_as({one: state for one, state in stored.references.items() if one in batch.references})
        loaded = facts()
        loaded.next_element_id = around.next_element_id
        if after is not None:
            held.overrule(after[0].states(batch.references, after[1]))
        wanted = batch.settle(held, loaded)
        for place in wanted:
            if stored.holdings.get(place):
                loaded.holdings[place] = dict(stored.holdings[place])
        if after is not None:
            after[0].overrule_holdings(wanted, loaded, after[1])
        outcomes = Outcomes()
        batch.decide_into(outcomes, loaded, POLICY, contradicted(lines))
        stored = deepcopy(around)
        for one in sorted(outcomes.decided, key=lambda one: one.line.number):
            decided.append(one)
            note(one.reference, one.outcome, around)
        around.next_element_id = loaded.next_element_id
        after = batch, loaded
    return decided


def restamped(line: str, stamp: str) -> str:
    """The same content in another version."""
    return f"{line.rpartition('~')[0]}~{stamp}" if line.startswith("LUA~") else line


@st.composite
def nights(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """What came before, and a file that has some of it again."""
    before = draw(LINES)
    again = draw(st.lists(st.tuples(st.integers(0, 11), STAMPS), max_size=8 if before else 0))
    resent = [restamped(before[at % len(before)], stamp) for at, stamp in again]
    return before, draw(st.permutations(draw(LINES) + resent))


def good(reference: str, stamp: str = "20261102 120000") -> str:
    """Alice's fire safety of one day, under this reference."""
    return "~".join(["LUA", reference, "~25100001~Achebe~19870412", "~~FIRE~", "20261101", "", "~", stamp])


NEWER, NEWEST = "20261103 120000", "20261103 130000"


# A version that the batch before has taken over, and its place that it has left or taken, none of it stored yet.
@example(night=([good("M-1")], [good("M-1", NEWEST), good("M-1", NEWER)]), size=1, is_held=False)
@example(night=([good("M-1")], ["LUD~M-1", good("M-2")]), size=1, is_held=False)
@example(night=([], [good("M-1"), good("M-2"), "LUD~M-1", good("M-2", NEWER)]), size=1, is_held=False)
@settings(max_examples=300, deadline=None)
@given(night=nights(), size=st.integers(1, 12), is_held=st.booleans())
def test_as_one_by_one(night: tuple[list[str], list[str]], size: int, is_held: bool) -> None:
    before, lines = night
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

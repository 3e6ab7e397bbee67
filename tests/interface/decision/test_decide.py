"""``decide``: every rule of one record, as tables; and that the order of versions does not matter (promises P10)."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competencies.acceptance import EmptyPolicy
from interface.decision.codes import Code
from interface.decision.decide import decide, note, places
from interface.decision.digests import content_digest
from interface.decision.facts import (
    Catalogue,
    CompetenceFacts,
    Facts,
    HeldElement,
    PersonFacts,
    ReferenceState,
    Target,
    name_key,
)
from interface.decision.identity import folded_names
from interface.decision.outcome import Outcome
from interface.formats.completions import Completion, Unreadable, Withdrawal, completion

ON = date(2026, 11, 3)
FIRE = CompetenceFacts(1, "900004", "NHS|CSTF|Fire Safety - 2 Years|", True, None, None, 2, "Year")
ADULTS_1 = CompetenceFacts(
    2, "900021", "NHS|CSTF|Safeguarding Adults - Level 1|", True, None, None, 3, "Year"
)
ADULTS_2 = CompetenceFacts(
    3, "900022", "NHS|CSTF|Safeguarding Adults - Level 2|", True, None, None, 3, "Year"
)
LOCAL = CompetenceFacts(4, "1234567", "901|CNST", False, None, None, None, "")
ENDED = CompetenceFacts(5, "900028", "NHS|CSTF|Old|", True, date(2015, 1, 1), date(2020, 12, 31), None, "")
ALICE = PersonFacts(11, "40001", "25100001", date(1987, 4, 12), folded_names(["Achebe", "Okafor"]), "")
BOB = PersonFacts(12, "40002", "25100002", date(1990, 9, 30), folded_names(["Fernández-Hale"]), "")
CHARLIE = PersonFacts(13, "40003", "25100003", date(1995, 1, 17), folded_names(["Whitlock"]), "Not in scope.")
TWIN = PersonFacts(14, "40004", "25100009", date(1970, 1, 1), folded_names(["Twin"]), "")
OTHER_TWIN = PersonFacts(15, "40005", "25100009", date(1970, 1, 1), folded_names(["Twin"]), "")
EVERYBODY = (ALICE, BOB, CHARLIE, TWIN, OTHER_TWIN)
COMPETENCES = (FIRE, ADULTS_1, ADULTS_2, LOCAL, ENDED)


def facts(**changes: Any) -> Facts:
    by_number: dict[str, list[PersonFacts]] = {}
    for person in EVERYBODY:
        by_number.setdefault(person.employee_number, []).append(person)
    catalogue = Catalogue(
        {one.competence_id: one for one in COMPETENCES},
        {name_key(one.name): one for one in COMPETENCES},
        {
            ("FIRE", ""): [Target(FIRE, False)],
            ("FIRE", "2"): [Target(FIRE, True)],
            ("SGA", ""): [Target(ADULTS_1, False), Target(ADULTS_2, False)],
            ("MIXED", ""): [Target(FIRE, False), Target(ENDED, False)],
        },
    )
    persons = {person.person_id: person for person in EVERYBODY}
    return Facts(ON, catalogue, persons, by_number, next_element_id=900_000_000_001, **changes)


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def lua(reference: str = "M-1", **changes: Any) -> Completion:
    values: dict[str, Any] = {
        "employee_number": "25100001",
        "last_name": "Achebe",
        "date_of_birth": date(1987, 4, 12),
        "course_code": "FIRE",
        "completed_on": date(2026, 11, 2),
        "last_update": at(2),
    }
    return completion(reference, **(values | changes))


def outcome_of(record: Completion | Withdrawal | Unreadable, around: Facts | None = None) -> Outcome:
    return decide(record, around or facts(), EmptyPolicy(), frozenset())


def run(records: Sequence[Completion | Withdrawal], around: Facts) -> list[Code]:
    codes = []
    for record in records:
        outcome = outcome_of(record, around)
        note(record.source_reference, outcome, around)
        codes.append(outcome.code)
    return codes


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, Code.ADDED),
        ({"last_name": "ACHEBE"}, Code.ADDED),
        ({"last_name": "Okafor"}, Code.ADDED),
        ({"last_name": "Smith"}, Code.NAME_DIFFERS),
        ({"expires_on": date(2028, 11, 1)}, Code.ADDED),
        ({"expires_on": date(2028, 12, 31)}, Code.EXPIRY_DIFFERS),
        ({"expires_on": date(2028, 12, 31), "last_name": "Smith"}, Code.NAME_DIFFERS),
        ({"expires_on": date(2028, 12, 31), "course_version": "2"}, Code.ADDED),
        ({"employee_number": "99"}, Code.PERSON_NOT_FOUND),
        ({"employee_number": "", "person_id": "99"}, Code.PERSON_NOT_FOUND),
        ({"person_id": "40001"}, Code.ADDED),
        ({"person_id": "40002"}, Code.IDENTITY_DISAGREES),
        ({"person_id": "40001", "employee_number": "99"}, Code.IDENTITY_DISAGREES),
        ({"employee_number": "25100009", "date_of_birth": date(1970, 1, 1)}, Code.IDENTITY_DISAGREES),
        ({"date_of_birth": date(1987, 4, 21)}, Code.IDENTITY_DISAGREES),
        ({"employee_number": "25100003", "date_of_birth": date(1995, 1, 17)}, Code.PERSON_OUT_OF_SCOPE),
        ({"employee_number": "25100003"}, Code.IDENTITY_DISAGREES),
        ({"course_code": "COOKING"}, Code.NOT_MAPPED),
        ({"course_code": "FIRE", "competence_id": "1"}, Code.NOT_MAPPED),
        ({"competence_name": "nhs|cstf|fire safety -  2 years"}, Code.ADDED),
        ({"competence_name": "NHS|CSTF|Juggling|", "course_code": "FIRE"}, Code.NOT_MAPPED),
        ({"competence_id": "1234567"}, Code.NOT_CSTF),
        ({"competence_id": "900028"}, Code.NOT_IN_FORCE),
        ({"course_code": "MIXED"}, Code.NOT_IN_FORCE),
        ({"competence_id": "900028", "completed_on": date(2020, 12, 31)}, Code.ADDED),
        ({"competence_id": "900028", "completed_on": date(2014, 12, 31)}, Code.NOT_IN_FORCE),
        ({"completed_on": ON}, Code.ADDED),
        ({"completed_on": date(2026, 11, 4)}, Code.COMPLETION_DATE_IMPOSSIBLE),
        ({"completed_on": date(1987, 4, 11)}, Code.COMPLETION_DATE_IMPOSSIBLE),
        ({"expires_on": date(2026, 11, 2)}, Code.EXPIRY_DATE_IMPOSSIBLE),
        ({"completed_on": date(2026, 11, 4), "course_code": "COOKING"}, Code.NOT_MAPPED),
    ],
)
def test_one_completion_of_a_reference_not_known(changes: dict[str, Any], code: Code) -> None:
    assert outcome_of(lua(**changes)).code == code


def test_added_is_valid_by_the_renewal_period() -> None:
    outcome = outcome_of(lua(expires_on=date(2028, 12, 31)))
    (added,) = outcome.changes.added
    assert (added.date_from, added.date_to) == (date(2026, 11, 2), date(2028, 11, 1))
    assert added.source_date_to == date(2028, 12, 31)
    assert outcome.element_ids == ("900000000001",)
    assert "20281101" in outcome.message


def test_the_lms_date_rules_where_the_mapping_says_so_and_it_sends_one() -> None:
    (with_date,) = outcome_of(lua(course_version="2", expires_on=date(2030, 1, 1))).changes.added
    (without,) = outcome_of(lua(course_version="2")).changes.added
    (by_id,) = outcome_of(
        lua(competence_id="900004", course_version="2", expires_on=date(2030, 1, 1))
    ).changes.added
    assert with_date.date_to == date(2030, 1, 1)
    assert without.date_to == by_id.date_to == date(2028, 11, 1)


def test_one_to_many_writes_all_and_lists_every_element() -> None:
    outcome = outcome_of(lua(course_code="SGA"))
    assert [held.competence for held in outcome.changes.added] == [2, 3]
    assert outcome.element_ids == ("900000000001", "900000000002")


def test_contradicted_and_malformed_records_are_answered_first() -> None:
    wrong = lua(employee_number="99")
    assert decide(wrong, facts(), EmptyPolicy(), {"M-1"}).code == Code.CONTRADICTED
    unreadable = Unreadable("E301", "Last Name", "Last Name is missing.", "M-1")
    assert outcome_of(unreadable) == Outcome(Code.VALUE_MISSING, "Last Name is missing.")


class Picky:
    def refusal(self, *, competence: int, completed_on: date, on: date) -> str | None:
        return "Not from this provider." if competence == FIRE.pk else None


def test_a_policy_may_refuse_learning() -> None:
    assert decide(lua(), facts(), Picky(), frozenset()).code == Code.NOT_ACCEPTED
    assert decide(lua(course_code="SGA"), facts(), Picky(), frozenset()).code == Code.ADDED


def held(reference: str = "M-1", **changes: Any) -> Facts:
    around = facts()
    assert run([lua(reference, **changes)], around) == [Code.ADDED]
    return around


@pytest.mark.parametrize(
    ("then", "codes"),
    [
        ([lua()], [Code.UNCHANGED]),
        ([lua(last_update=at(3))], [Code.UNCHANGED]),
        ([lua(last_update=at(1))], [Code.UNCHANGED]),
        ([lua(completed_on=date(2026, 11, 1), last_update=at(3))], [Code.AMENDED]),
        ([lua(completed_on=date(2026, 11, 1), last_update=at(2))], [Code.OLDER_VERSION]),
        ([lua(completed_on=date(2026, 11, 1), last_update=at(1))], [Code.OLDER_VERSION]),
        ([lua("M-2")], [Code.ALREADY_HELD]),
        ([lua("M-2"), lua("M-2")], [Code.ALREADY_HELD, Code.ALREADY_HELD]),
        ([lua("M-2", completed_on=date(2026, 11, 1))], [Code.ADDED]),
        ([Withdrawal("M-1")], [Code.WITHDRAWN]),
        ([Withdrawal("M-1"), Withdrawal("M-1")], [Code.WITHDRAWN, Code.NOTHING_TO_WITHDRAW]),
        ([Withdrawal("M-1"), lua()], [Code.WITHDRAWN, Code.OLDER_VERSION]),
        ([Withdrawal("M-1"), lua(last_update=at(3))], [Code.WITHDRAWN, Code.ADDED]),
        ([Withdrawal("M-1"), lua("M-2")], [Code.WITHDRAWN, Code.ADDED]),
        ([Withdrawal("M-9")], [Code.NOTHING_TO_WITHDRAW]),
        ([lua(last_update=at(3)), lua(completed_on=date(2026, 11, 1), last_update=at(2, 18))],
         [Code.UNCHANGED, Code.OLDER_VERSION]),
    ],
)  # fmt: skip
def test_what_follows_a_completion_that_is_held(
    then: list[Completion | Withdrawal], codes: list[Code]
) -> None:
    assert run(then, held()) == codes


def test_amending_keeps_the_element_of_the_same_person_and_competence() -> None:
    around = held()
    amended = outcome_of(lua(completed_on=date(2026, 11, 1), last_update=at(3)), around)
    assert amended.changes.amended[0].element_id == amended.element_ids[0] == "900000000001"
    assert not amended.changes.added


def test_amending_to_another_person_withdraws_and_adds() -> None:
    around = held()
    moved = lua(employee_number="25100002", last_name="Fernandez Hale", date_of_birth=BOB.date_of_birth,
                last_update=at(3))  # fmt: skip
    outcome = outcome_of(moved, around)
    assert outcome.code == Code.AMENDED
    assert outcome.changes.withdrawn == ("900000000001",)
    assert outcome.changes.added[0].person == BOB.pk
    assert set(outcome.element_ids) == {"900000000001", "900000000002"}


def test_amending_onto_something_held_otherwise_withdraws_and_binds_nothing() -> None:
    around = held("M-2", completed_on=date(2026, 11, 1))
    assert run([lua("M-1")], around) == [Code.ADDED]
    onto = outcome_of(lua("M-1", completed_on=date(2026, 11, 1), last_update=at(3)), around)
    assert (onto.code, onto.changes.withdrawn) == (Code.ALREADY_HELD, ("900000000002",))
    assert onto.element_ids == ("900000000001",)


def test_competences_held_otherwise_count_as_written_unless_all_are() -> None:
    around = facts(holdings={(ALICE.pk, ADULTS_1.pk, date(2026, 11, 2)): {"555": ""}})
    outcome = outcome_of(lua(course_code="SGA"), around)
    assert outcome.code == Code.ADDED
    assert [one.competence for one in outcome.changes.added] == [ADULTS_2.pk]
    around.holdings[ALICE.pk, ADULTS_2.pk, date(2026, 11, 2)] = {"556": ""}
    both = outcome_of(lua(course_code="SGA"), around)
    assert (both.code, both.element_ids) == (Code.ALREADY_HELD, ("555", "556"))


def test_places_are_asked_for_unless_the_reference_is_settled() -> None:
    record = lua(course_code="SGA")
    assert list(places(record, facts())) == [(11, 2, date(2026, 11, 2)), (11, 3, date(2026, 11, 2))]
    state = ReferenceState(
        (HeldElement("1", 11, 2, record.completed_on),), content_digest(record.content), at(1)
    )
    assert list(places(record, facts(references={"M-1": state}))) == []


VERSIONS = [
    lua(completed_on=date(2026, 11, 1), last_update=at(1)),
    lua(completed_on=date(2026, 11, 2), last_update=at(2)),
    lua(completed_on=date(2026, 11, 1), last_update=at(3)),
    lua(completed_on=date(2026, 11, 3), course_code="SGA", last_update=at(4)),
]


@given(st.integers(1, 4), st.lists(st.integers(0, 3), max_size=4))
def test_any_order_of_versions_ends_the_same(count: int, repeats: list[int]) -> None:
    versions = VERSIONS[:count]
    newest = versions[-1]
    for order in permutations(versions):
        around = facts()
        run([*order, *(versions[one % count] for one in repeats)], around)
        state = around.references["M-1"]
        assert (state.digest, state.last_update) == (content_digest(newest.content), newest.last_update)
        assert {element.date_from for element in state.elements} == {newest.completed_on}
        live = [ids for ids in around.holdings.values() if ids]
        assert sum(map(len, live)) == len(state.elements)

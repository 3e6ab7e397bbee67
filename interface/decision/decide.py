"""``decide``: one inbound record and what is known around it give one outcome (wire format §5).

Pure. The shell reads lines, loads ``Facts`` for a batch, calls ``decide`` for each record and ``note`` with its
outcome, and writes all changes of the batch at once. To change a rule of the exchange, change it here.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from datetime import date
from typing import TypeAlias

from competencies.acceptance import AcceptancePolicy
from competencies.validity import valid_through
from interface.decision import checks
from interface.decision.codes import Code
from interface.decision.digests import content_digest
from interface.decision.facts import Facts, HeldElement, PersonFacts, Place, ReferenceState, Target
from interface.decision.identity import folded
from interface.decision.outcome import NOTHING, Changes, Held, Outcome, RecordRejectedError
from interface.formats.completions import Completion, Unreadable, Withdrawal

Record: TypeAlias = Completion | Withdrawal | Unreadable


def decide(record: Record, facts: Facts, policy: AcceptancePolicy, contradicted: Container[str]) -> Outcome:
    """The outcome of one record. ``contradicted`` are references the file uses twice with different content (E303)."""
    if isinstance(record, Completion):
        try:
            return _completion(record, facts, policy, contradicted)
        except RecordRejectedError as rejection:
            return rejection.outcome
    if isinstance(record, Withdrawal):
        return _withdrawal(record, facts)
    return Outcome(Code(record.code), record.message)


def places(record: Completion, facts: Facts, withdrawn: Container[str] = ()) -> Iterator[Place]:
    """Where the record's elements would be held: the places whose holdings ``decide`` will look at.

    None where its reference is held with this very content, which is how most lines of a repeated file end, unless
    it is among those ``withdrawn`` by another line.
    """
    state = facts.references.get(record.source_reference)
    is_held = state is not None and state.elements and state.digest == content_digest(record.content)
    if is_held and record.source_reference not in withdrawn:
        return
    persons = checks.candidates(record, facts)
    if len(persons) == 1:
        for target in checks.resolved(record, facts):
            yield persons[0].pk, target.competence.pk, record.completed_on


def note(reference: str, outcome: Outcome, facts: Facts) -> None:
    """Take an outcome into ``facts``, so that the next record of the batch sees it."""
    changes = outcome.changes
    if changes is NOTHING:
        return
    state = facts.references.get(reference)
    live = {element.element_id: element for element in state.elements} if state else {}
    for element_id in (*changes.withdrawn, *(held.element_id for held in changes.amended)):
        _leave(live.pop(element_id), facts)
    for held in (*changes.amended, *changes.added):
        live[held.element_id] = HeldElement(held.element_id, held.person, held.competence, held.date_from)
        place = (held.person, held.competence, held.date_from)
        facts.holdings.setdefault(place, {})[held.element_id] = reference
    last_update = outcome.last_update or (state.last_update if state else None)
    assert last_update is not None, "a change of a reference has a version"
    facts.references[reference] = ReferenceState(tuple(live.values()), outcome.digest, last_update)


def _leave(element: HeldElement, facts: Facts) -> None:
    """An element that was amended or withdrawn is no longer at its place."""
    place = facts.holdings.get((element.person, element.competence, element.date_from))
    if place is not None:
        place.pop(element.element_id, None)


def _withdrawal(record: Withdrawal, facts: Facts) -> Outcome:
    state = facts.references.get(record.source_reference)
    if state is None or not state.elements:
        return Outcome(Code.NOTHING_TO_WITHDRAW, "This reference is not held: nothing to withdraw.")
    ids = tuple(element.element_id for element in state.elements)
    return Outcome(
        Code.WITHDRAWN, "Withdrawn.", state.elements[0].person, ids, Changes(withdrawn=ids), state.digest
    )


def _completion(
    record: Completion, facts: Facts, policy: AcceptancePolicy, contradicted: Container[str]
) -> Outcome:
    if record.source_reference in contradicted:
        raise RecordRejectedError(
            Code.CONTRADICTED, "This Source Reference appears in this file with different content."
        )
    person = checks.person_of(record, facts)
    targets = checks.targets_of(record, facts, policy, person)
    checks.check_dates(record, person, on=facts.on)
    state = facts.references.get(record.source_reference)
    digest = content_digest(record.content)
    if state is not None:
        settled = _settled(record, person, state, digest)
        if settled is not None:
            return settled
    return _written(record, person, targets, state, digest, facts)


def _settled(record: Completion, person: PersonFacts, state: ReferenceState, digest: int) -> Outcome | None:
    """I102 or W203 where the record brings nothing new to its reference, else None."""
    newer = record.last_update > state.last_update
    if state.elements and state.digest == digest:
        ids = tuple(element.element_id for element in state.elements)
        # The version is taken over even so: an older one with other content must lose against it (promises P10).
        changes = Changes(advanced=ids) if newer else NOTHING
        return Outcome(Code.UNCHANGED, "Unchanged.", person.pk, ids, changes, digest, record.last_update)
    if not newer:
        return Outcome(Code.OLDER_VERSION, "Ignored: a newer version of this reference is known.", person.pk)
    return None


def _written(
    record: Completion,
    person: PersonFacts,
    targets: Sequence[Target],
    state: ReferenceState | None,
    digest: int,
    facts: Facts,
) -> Outcome:
    reference = record.source_reference
    wanted, elsewhere = [], []
    for target in targets:
        place = facts.holdings.get((person.pk, target.competence.pk, record.completed_on), {})
        others = [element_id for element_id, owner in place.items() if owner != reference]
        if others:
            elsewhere += others
        else:
            wanted.append(target)
    changes = _changes(record, person, wanted, state, facts)
    if wanted:
        amended = bool(state and state.elements)
        code, message = said(
            "Amended" if amended else "Added",
            (*changes.added, *changes.amended),
            name_agrees=folded(record.last_name) in person.names,
            otherwise=Code.AMENDED if amended else Code.ADDED,
        )
        ids = (*(one.element_id for one in (*changes.added, *changes.amended)), *changes.withdrawn)
    else:
        code, message = Code.ALREADY_HELD, "Held already for this date from another source: not added again."
        ids = tuple(elsewhere)
        # Nothing was written, unless the reference's own elements had to give way.
        changes = changes if changes.withdrawn else NOTHING
    return Outcome(code, message, person.pk, ids, changes, digest, record.last_update)


def _changes(
    record: Completion,
    person: PersonFacts,
    wanted: Sequence[Target],
    state: ReferenceState | None,
    facts: Facts,
) -> Changes:
    """Elements of the same person and competence are amended, missing ones added, those left over withdrawn."""
    left = {(one.person, one.competence): one.element_id for one in (state.elements if state else ())}
    added: list[Held] = []
    amended: list[Held] = []
    for target in wanted:
        element_id = left.pop((person.pk, target.competence.pk), None)
        (added if element_id is None else amended).append(
            Held(
                element_id or new_id(facts),
                person.pk,
                target.competence.pk,
                record.completed_on,
                date_to(record, target),
                record.expires_on,
            )
        )
    return Changes(tuple(added), tuple(amended), tuple(left.values()))


def new_id(facts: Facts) -> str:
    """The next element id, which is used up by that."""
    element_id = facts.next_element_id
    facts.next_element_id += 1
    return str(element_id)


def date_to(record: Completion, target: Target) -> date | None:
    """The last day of validity of what the record gives."""
    if target.lms_expiry and record.expires_on is not None:
        return record.expires_on
    competence = target.competence
    return valid_through(record.completed_on, competence.renewal_frequency, competence.renewal_units)


def said(what: str, written: Sequence[Held], *, name_agrees: bool, otherwise: Code) -> tuple[Code, str]:
    """Code and message of a record that was written: W200 before W201, ``otherwise`` where neither holds."""
    if not name_agrees:
        return Code.NAME_DIFFERS, f"{what}. Last Name differs; date of birth and number agree."
    differing = _differing_expiry(written)
    if differing is not None:
        held = f"{differing.date_to:%Y%m%d}" if differing.date_to else "no expiry"
        return Code.EXPIRY_DIFFERS, f"{what}. Expiry Date held: {held}, because the renewal period rules."
    return otherwise, f"{what}."


def _differing_expiry(written: Sequence[Held]) -> Held | None:
    for one in written:
        if one.source_date_to is not None and one.source_date_to != one.date_to:
            return one
    return None

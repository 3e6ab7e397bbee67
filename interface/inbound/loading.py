"""Loads the facts around a batch of records: a handful of queries a batch, none a line (architecture §4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime
from operator import itemgetter
from typing import NamedTuple

from django.db.models import F, Q, QuerySet

from competencies.lookup import Place, ReferenceRow, as_date, elements_at, elements_by_reference
from competencies.models import Competence, Source
from interface.decision.decide import Record, places
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
from interface.formats.completions import Completion, Withdrawal
from interface.models import Connection, Direction, ExpiryRule, Mapping
from interface.scope import in_scope
from people.models import Person, PersonVersion

_OUT_OF_SCOPE = "The person is not in the interface's scope: person type, applicant status or restriction."
# A batch that names more strangers than this is of a file that names most of the organisation.
_TOO_MANY_TO_ASK_FOR = 1000


def load_catalogue(connection: Connection) -> Catalogue:
    """Every competence that the connection's organisation may use, and the connection's mapping."""
    usable = Competence.objects.usable_by(connection.organisation)
    # National ones last: where a local one has the same name or ID, the national one is meant.
    usable = usable.order_by(F("organisation").desc(nulls_last=True), "pk")
    facts = {competence.pk: _competence_facts(competence) for competence in usable}
    courses: dict[tuple[str, str], list[Target]] = defaultdict(list)
    rows = Mapping.objects.filter(connection=connection).exclude(direction=Direction.OUTBOUND)
    for row in rows.filter(competence__in=facts).order_by("pk"):
        target = Target(facts[row.competence_id], row.expiry == ExpiryRule.LMS)
        courses[row.course_code, row.course_version].append(target)
    return Catalogue(
        {one.competence_id: one for one in facts.values()},
        {name_key(one.name): one for one in facts.values()},
        dict(courses),
    )


def _competence_facts(competence: Competence) -> CompetenceFacts:
    return CompetenceFacts(
        competence.pk,
        competence.competence_id,
        competence.name,
        competence.is_cstf,
        competence.date_from,
        competence.date_to,
        competence.renewal_frequency,
        competence.renewal_units,
    )


class _Version(NamedTuple):
    """What is needed of a PersonVersion: its columns, in this order."""

    person: int
    effective_start: date
    effective_end: date | None
    employee_number: str
    date_of_birth: date | None
    last_name: str
    previous_last_name: str
    maiden_name: str
    preferred_name: str

    def rank(self, on: date) -> int:
        """Higher speaks for the person: to come, past, in effect."""
        if self.effective_start > on:
            # Later ones of several to come do not overrule the first: they never tie.
            return -self.effective_start.toordinal()
        return 2 if self.effective_end is None or self.effective_end >= on else 1


class People:
    """The persons that a file's records name, loaded as they are met and kept for the rest of the file.

    Memory grows with the organisation's people, not with the file.
    """

    def __init__(self, connection: Connection, *, on: date) -> None:
        self._connection = connection
        self._on = on
        self.by_id: dict[str, PersonFacts] = {}
        self.by_number: dict[str, list[PersonFacts]] = {}
        self.wire_ids: dict[int, str] = {}
        self.everybody = False
        self._asked_numbers: set[str] = set()

    def meet(self, records: Iterable[Record]) -> None:
        """Load the persons of these records who have not been met before."""
        if self.everybody:
            return
        named = [record for record in records if isinstance(record, Completion)]
        ids = {record.person_id for record in named if record.person_id} - self.by_id.keys()
        # A number beside a Person ID is compared with that person's, so it needs no search of its own.
        numbers = {record.employee_number for record in named if not record.person_id} - self._asked_numbers
        if len(ids) + len(numbers) > _TOO_MANY_TO_ASK_FOR:
            self._load(Q())
            self.everybody = True
            return
        if ids:
            self._load(Q(person_id__in=ids))
        if numbers:
            having = PersonVersion.objects.filter(employee_number__in=numbers).values("person")
            self._load(Q(pk__in=having))
            # What was asked in vain is asked again rather than kept: a file of inventions stays small.
            self._asked_numbers.update(number for number in numbers if number in self.by_number)

    def _load(self, condition: Q) -> None:
        persons = Person.objects.filter(condition, organisation=self._connection.organisation).present()
        person_ids = dict(persons.order_by().values_list("pk", "person_id"))
        scope = in_scope(self._connection, on=self._on).filter(condition)
        inside = set(scope.order_by().values_list("pk", flat=True))
        for pk, version in self._versions(persons).items():
            person_id = person_ids[pk]
            if person_id in self.by_id:
                continue
            facts = self._facts(pk, person_id, version, is_inside=pk in inside)
            self.by_id[person_id] = facts
            self.wire_ids[pk] = person_id
            if facts.employee_number:
                self.by_number.setdefault(facts.employee_number, []).append(facts)

    def _versions(self, persons: QuerySet[Person]) -> dict[int, _Version]:
        """One version a person: that in effect, else the last before, else the first to come."""
        chosen: dict[int, _Version] = {}
        rows = PersonVersion.objects.filter(person__in=persons).order_by("person", "effective_start")
        for row in rows.values_list(*_Version._fields).iterator(chunk_size=5000):
            version = _Version._make(row)
            before = chosen.get(version.person)
            if before is None or version.rank(self._on) >= before.rank(self._on):
                chosen[version.person] = version
        return chosen

    def _facts(self, pk: int, person_id: str, version: _Version, *, is_inside: bool) -> PersonFacts:
        names = (version.last_name, version.previous_last_name, version.maiden_name, version.preferred_name)
        return PersonFacts(
            pk,
            person_id,
            version.employee_number,
            version.date_of_birth,
            folded_names(names),
            "" if is_inside else _OUT_OF_SCOPE,
        )


class HeldReferences:
    """What is held under the references of a batch. ``single``: the one live element, where there is nothing else."""

    def __init__(self, rows: Collection[ReferenceRow]) -> None:
        rest: dict[str, list[ReferenceRow]] = {}
        self.single = {row[0]: row for row in rows}
        if len(self.single) != len(rows):
            several = {row[0] for row in rows if self.single[row[0]] is not row}
            rest = {reference: [] for reference in several}
            for row in rows:
                if row[0] in several:
                    rest[row[0]].append(row)
        for reference in [reference for reference, row in self.single.items() if row[7]]:
            rest.setdefault(reference, [self.single[reference]])
        for reference in rest:
            del self.single[reference]
        self._states = {reference: _state(held) for reference, held in rest.items()}

    def state(self, reference: str) -> ReferenceState | None:
        """What ``decide`` has to know of it."""
        row = self.single.get(reference)
        return self._states.get(reference) if row is None else _state([row])

    def overrule(self, states: dict[str, ReferenceState]) -> None:
        """These have been decided since, and are about to be written."""
        for reference in states:
            self.single.pop(reference, None)
        self._states.update(states)


def _state(rows: Iterable[ReferenceRow]) -> ReferenceState:
    state: ReferenceState | None = None
    for _, element_id, person, competence, day, digest, seconds, withdrawn, _ in sorted(
        rows, key=itemgetter(8)
    ):
        moment = datetime.fromtimestamp(seconds, UTC)
        held = HeldElement(element_id, person, competence, None if day is None else as_date(day))
        live = () if withdrawn else (held,)
        if state is None:
            state = ReferenceState(live, digest, moment)
        elif moment >= state.last_update:
            state = ReferenceState((*state.elements, *live), digest, moment)
        else:
            state = state._replace(elements=(*state.elements, *live))
    assert state is not None
    return state


def load_references(connection: Connection, references: Collection[str]) -> HeldReferences:
    """What is held under these references, as it is now."""
    return HeldReferences(elements_by_reference(connection.organisation, connection.pk, references))


def load_holdings(connection: Connection, places: Collection[Place], facts: Facts) -> None:
    """Who holds what at these places, as it is now, stands in ``facts``."""
    for row in elements_at(connection.organisation, places):
        is_ours = row.source == Source.LMS and row.source_id == connection.pk
        place = facts.holdings.setdefault((row.person, row.competence, row.date_from), {})
        place[row.element_id] = row.source_reference if is_ours else ""


def load_facts(
    connection: Connection,
    records: Sequence[Record],
    catalogue: Catalogue,
    people: People,
    *,
    on: date,
    next_element_id: int,
) -> Facts:
    """Everything that deciding these records needs, as it holds now."""
    people.meet(records)
    facts = Facts(on, catalogue, people.by_id, people.by_number, next_element_id=next_element_id)
    references = {one.source_reference for one in records if isinstance(one, Completion | Withdrawal)}
    held = load_references(connection, references)
    for reference in references:
        if state := held.state(reference):
            facts.references[reference] = state
    # What is withdrawn among these may be added again among them, with the content it had.
    withdrawn = {one.source_reference for one in records if isinstance(one, Withdrawal)}
    completions = [one for one in records if isinstance(one, Completion)]
    load_holdings(connection, {at for one in completions for at in places(one, facts, withdrawn)}, facts)
    return facts

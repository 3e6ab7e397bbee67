"""Loads the facts around a batch of records: a handful of queries a batch, none a line (architecture §4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from django.db.models import F, Q, QuerySet

from competencies.lookup import elements_at, elements_by_reference
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
        self._everybody = False
        self._asked_numbers: set[str] = set()

    def meet(self, records: Iterable[Record]) -> None:
        """Load the persons of these records who have not been met before."""
        if self._everybody:
            return
        named = [record for record in records if isinstance(record, Completion)]
        ids = {record.person_id for record in named if record.person_id} - self.by_id.keys()
        # A number beside a Person ID is compared with that person's, so it needs no search of its own.
        numbers = {record.employee_number for record in named if not record.person_id} - self._asked_numbers
        if len(ids) + len(numbers) > _TOO_MANY_TO_ASK_FOR:
            self._load(Q())
            self._everybody = True
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
    _load_references(connection, records, facts)
    _load_holdings(connection, records, facts)
    return facts


def _load_references(connection: Connection, records: Sequence[Record], facts: Facts) -> None:
    wanted = {record.source_reference for record in records if isinstance(record, Completion | Withdrawal)}
    states = facts.references
    for row in elements_by_reference(connection.organisation, connection.pk, wanted):
        live = (
            () if row.withdrawn else (HeldElement(row.element_id, row.person, row.competence, row.date_from),)
        )
        before = states.get(row.source_reference)
        if before is None:
            states[row.source_reference] = ReferenceState(live, row.content_digest, row.last_update)
        elif row.last_update >= before.last_update:
            live = (*before.elements, *live)
            states[row.source_reference] = ReferenceState(live, row.content_digest, row.last_update)
        else:
            states[row.source_reference] = before._replace(elements=(*before.elements, *live))


def _load_holdings(connection: Connection, records: Sequence[Record], facts: Facts) -> None:
    # What is withdrawn in this batch may be added again in it, with the content it had.
    withdrawn = {record.source_reference for record in records if isinstance(record, Withdrawal)}
    wanted = {
        place
        for record in records
        if isinstance(record, Completion)
        for place in places(record, facts, withdrawn)
    }
    # Elements of this batch's own references are needed as well, so that they are found when they move.
    if not wanted:
        return
    for row in elements_at(connection.organisation, wanted):
        is_ours = row.source == Source.LMS and row.source_id == connection.pk
        place = facts.holdings.setdefault((row.person, row.competence, row.date_from), {})
        place[row.element_id] = row.source_reference if is_ours else ""

"""Loads the facts around a batch of records: a handful of queries a batch, none a line (architecture §4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date

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
_NAMES = ("last_name", "previous_last_name", "maiden_name", "preferred_name")


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
        self._asked_ids: set[str] = set()
        self._asked_numbers: set[str] = set()

    def meet(self, records: Iterable[Record]) -> None:
        """Load the persons of these records who have not been met before."""
        named = [record for record in records if isinstance(record, Completion)]
        ids = {record.person_id for record in named if record.person_id} - self._asked_ids
        # A number beside a Person ID is compared with that person's, so it needs no search of its own.
        numbers = {record.employee_number for record in named if not record.person_id} - self._asked_numbers
        if ids:
            self._load(Q(person_id__in=ids))
        if numbers:
            having = PersonVersion.objects.filter(employee_number__in=numbers).values("person")
            self._load(Q(pk__in=having))
        self._remember(ids, numbers)

    def _remember(self, ids: Collection[str], numbers: Collection[str]) -> None:
        # What was asked in vain is asked again in the next batch rather than kept: a file of inventions stays small.
        self._asked_ids.update(one for one in ids if one in self.by_id)
        self._asked_numbers.update(one for one in numbers if one in self.by_number)

    def _load(self, condition: Q) -> None:
        persons = Person.objects.present().filter(condition)
        person_ids = dict(persons.values_list("pk", "person_id"))
        inside = set(in_scope(self._connection, on=self._on).filter(condition).values_list("pk", flat=True))
        for pk, version in self._versions(persons).items():
            facts = self._facts(pk, person_ids[pk], version, is_inside=pk in inside)
            if facts.person_id not in self.by_id:
                self.by_id[facts.person_id] = facts
                self.wire_ids[pk] = facts.person_id
                if facts.employee_number:
                    self.by_number.setdefault(facts.employee_number, []).append(facts)

    def _versions(self, persons: QuerySet[Person]) -> dict[int, PersonVersion]:
        """One version a person: that in effect, else the last before, else the first to come."""
        chosen: dict[int, PersonVersion] = {}
        rows = PersonVersion.objects.filter(person__in=persons).order_by("person", "effective_start")
        for version in rows.only("person_id", "employee_number", "date_of_birth", "effective_start", *_NAMES):
            if version.person_id not in chosen or version.effective_start <= self._on:
                chosen[version.person_id] = version
        return chosen

    def _facts(self, pk: int, person_id: str, version: PersonVersion, *, is_inside: bool) -> PersonFacts:
        return PersonFacts(
            pk,
            person_id,
            version.employee_number,
            version.date_of_birth,
            folded_names(getattr(version, name) for name in _NAMES),
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
    for row in elements_by_reference(connection.organisation, connection.pk, wanted):
        before = facts.references.get(row.source_reference)
        live = before.elements if before else ()
        if not row.withdrawn:
            live = (*live, HeldElement(row.element_id, row.person, row.competence, row.date_from))
        if before is None or row.last_update >= before.last_update:
            before = ReferenceState(live, row.content_digest, row.last_update)
        facts.references[row.source_reference] = before._replace(elements=live)


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

"""What an inbound file made of people's records: before and after, a page of people at a time.

Asked of an applied file, and of a preview while its transaction lasts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Count, Q, Window
from django.db.models.expressions import RawSQL

from competencies.models import CompetencyElement
from interface.inbound.befores import Ranges, is_among
from interface.models import ElementBefore, InboundFile
from people.bulk import among
from people.models import Person
from people.models.person import PersonQuerySet


@dataclass(frozen=True, slots=True)
class ElementState:
    """One element as it is held, for the eye."""

    element_id: str
    competence: str
    date_from: date | None
    date_to: date | None
    proficiency_level: str
    certification_method: str


@dataclass(frozen=True, slots=True)
class PersonChange:
    """The elements of one person that the file touches: as they were held before it, and as they are after it."""

    person: Person
    before: list[ElementState]
    after: list[ElementState]


# Elements that only took over a newer version say what they said before.
_CHANGED: Final = """
    SELECT e.person_id FROM interface_elementbefore b
    JOIN competencies_competencyelement e ON e.organisation_id = b.organisation_id AND e.element_id = b.element_id
    WHERE b.file_id = %s
      AND (e.content_digest <> b.content_digest OR (e.withdrawn_at IS NULL) <> (b.withdrawn_at IS NULL))
"""
_ADDED: Final = "SELECT person_id FROM competencies_competencyelement WHERE organisation_id = %s AND ({})"
_RANGE: Final = "element_id BETWEEN %s AND %s"


def people_and_changes(
    file: InboundFile, *, offset: int = 0, limit: int = 50
) -> tuple[int, list[PersonChange]]:
    """How many people's records the file changes, and one page of them, in the order of their Person IDs.

    A file may have changed everybody's: they are found once, and counted as they are put in order.
    """
    people = _people(file)
    counted = people.annotate(of_all=Window(Count("pk"))).order_by("person_id")
    persons = list(counted[offset : offset + limit])
    count = persons[0].of_all if persons else people.count()  # type: ignore[attr-defined]  # annotated above
    return count, _changes(file, persons)


def people_amended(file: InboundFile) -> set[int]:
    """Keys of the people of whom the file changes or withdraws something that they held before it."""
    persons = Person.objects.filter(organisation=file.organisation_id, pk__in=RawSQL(_CHANGED, [file.pk]))  # noqa: S611  (our own words)
    return set(persons.order_by().values_list("pk", flat=True))


def changes_of(file: InboundFile, *, limit: int = 50) -> list[PersonChange]:
    """What it changes of the first of these people."""
    return people_and_changes(file, limit=limit)[1]


def _changes(file: InboundFile, persons: list[Person]) -> list[PersonChange]:
    elements: dict[int, list[CompetencyElement]] = defaultdict(list)
    rows = CompetencyElement.objects.filter(among("person_id", [person.pk for person in persons]))
    for element in rows.select_related("competence").order_by("element_id"):
        elements[element.person_id].append(element)
    ids = [element.element_id for some in elements.values() for element in some]
    befores = {row.element_id: row for row in file.befores.filter(element_id__in=ids)}
    return [_change(person, elements[person.pk], befores, file.added or ()) for person in persons]


def _people(file: InboundFile) -> PersonQuerySet:
    """Each kind is a condition of its own: joined to one, a database takes them for few and looks each person up."""
    touched = Q(pk__in=RawSQL(_CHANGED, [file.pk]))  # noqa: S611  (our own words)
    if file.added:
        ranges = _ADDED.format(" OR ".join([_RANGE] * len(file.added)))
        ends = [str(end) for ends in file.added for end in ends]
        touched |= Q(pk__in=RawSQL(ranges, [file.organisation_id, *ends]))  # noqa: S611  (our own words)
    return Person.objects.filter(touched, organisation=file.organisation_id)


def _change(
    person: Person, elements: Iterable[CompetencyElement], befores: dict[str, ElementBefore], added: Ranges
) -> PersonChange:
    change = PersonChange(person, [], [])
    for element in elements:
        before = befores.get(element.element_id)
        if before is not None:
            if before.withdrawn_at is None:
                change.before.append(_state(element, before))
        elif not is_among(element.element_id, added):
            continue
        if element.withdrawn_at is None:
            change.after.append(_state(element, element))
    return change


def _state(element: CompetencyElement, values: CompetencyElement | ElementBefore) -> ElementState:
    return ElementState(
        element.element_id,
        element.competence.name,
        values.date_from,
        values.date_to,
        values.proficiency_level,
        values.certification_method,
    )

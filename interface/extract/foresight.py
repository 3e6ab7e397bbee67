"""What a load would make of some people and of the record as a whole: looked at before it and after it.

The load is really done and taken back, so that what is shown is what a yes would give. Of people a bounded sample is
told, line by line; of the record how many of what it holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any, Final, NamedTuple

from competencies.models import CompetencyElement
from interface.extract import assignments, persons
from interface.extract.guard import Affected
from people.bulk import among
from people.models import Assignment, AssignmentVersion, OrganisationUnit, Person, PersonVersion, Position
from people.models.person import EMPLOYEE_TYPES

SAMPLE: Final = 100
LINES: Final = 20
# What it is, with what tells it from its like, and how it is.
Said = dict[tuple[str, str], str]
Pairs = list[list[str]]
_RELATED: Final = {"unit_id": "unit__name", "position_id": "position__name"}


class Sight(NamedTuple):
    """The record at one moment: people of the sample by key, and how many of what there are."""

    people: dict[int, Said]
    standing: dict[str, int]


def sampled(affected: Affected) -> list[int]:
    """Some of those who would be deleted, then some of those who would be changed."""
    return [*sorted(affected.deleted)[:SAMPLE], *sorted(affected.changed)[:SAMPLE]]


def look(people: Collection[int], *, on: date) -> Sight:
    """As the record is now, inside the scope of its organisation; ``on`` says what is in effect."""
    said: dict[int, Said] = {key: {} for key in people}
    for person, what, told in _lines(people):
        said[person][what] = told
    return Sight(said, _standing(on))


def difference(before: Said, after: Said) -> tuple[Pairs, Pairs]:
    """The lines that are not on both sides, a bounded number of each."""
    return _only(before, after), _only(after, before)


def _only(here: Said, there: Said) -> Pairs:
    pairs = [[what, told] for (what, which), told in here.items() if there.get((what, which)) != told]
    more = len(pairs) - LINES
    return pairs if more <= 0 else [*pairs[:LINES], [f"and {more} more", ""]]


def _standing(on: date) -> dict[str, int]:
    employed = PersonVersion.objects.in_effect(on=on).filter(person__removed_at__isnull=True)
    return {
        "People": Person.objects.present().count(),
        "Employees today": employed.filter(system_person_type__in=EMPLOYEE_TYPES).count(),
        "Assignments today": AssignmentVersion.objects.current(on=on).count(),
        "Positions": Position.objects.count(),
        "Organisation units": OrganisationUnit.objects.count(),
        "Competency elements": CompetencyElement.objects.held().count(),
    }


# --- People, line by line -----------------------------------------------------------------------------

Line = tuple[int, tuple[str, str], str]


def _lines(people: Collection[int]) -> Iterator[Line]:
    yield from _persons(people)
    yield from _assignments(people)
    yield from _elements(people)


def _persons(people: Collection[int]) -> Iterator[Line]:
    for key, removed_at in Person.objects.filter(among("id", people)).values_list("pk", "removed_at"):
        yield key, ("In the staff record", ""), "deleted" if removed_at else "yes"
    rows = PersonVersion.objects.filter(among("person_id", people)).order_by("person", "effective_start")
    for person, start, *values in rows.values_list("person_id", "effective_start", *persons.FIELDS):
        for name, told in _filled(PersonVersion, persons.FIELDS, values):
            yield person, (f"{name}, from {_day(start)}", ""), told


def _assignments(people: Collection[int]) -> Iterator[Line]:
    numbers: dict[int, str] = {}
    fields = [_RELATED.get(name, name) for name in assignments.FIELDS]
    rows = AssignmentVersion.objects.filter(assignment__in=_of(people)).order_by(
        "assignment", "effective_start"
    )
    told: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for key, number, start, *values in rows.values_list(
        "assignment_id", "assignment_number", "effective_start", *fields
    ):
        numbers[key] = number
        for name, value in _filled(AssignmentVersion, assignments.FIELDS, values):
            told[key].append((f"{name}, from {_day(start)}", value))
    for key, assignment_id, person, removed_at in _of(people).values_list(
        "pk", "assignment_id", "person_id", "removed_at"
    ):
        called = f"Assignment {numbers.get(key) or assignment_id}"
        yield person, (called, assignment_id), "deleted" if removed_at else "in the record"
        for name, value in told[key]:
            yield person, (f"{called}: {name}", assignment_id), value


def _of(people: Collection[int]) -> Any:
    return Assignment.objects.filter(among("person_id", people)).order_by("person", "pk")


def _elements(people: Collection[int]) -> Iterator[Line]:
    held = (
        CompetencyElement.objects.held().filter(among("person_id", people)).order_by("person", "element_id")
    )
    for person, element, name, start, end in held.values_list(
        "person_id", "element_id", "competence__name", "date_from", "date_to"
    ):
        yield person, (name, element), f"{_day(start) or 'no date'} – {_day(end) or 'no end'}"


def _filled(model: Any, names: Iterable[str], values: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """Fields that say something, as people call them."""
    for name, value in zip(names, values, strict=True):
        if value not in (None, ""):
            called = str(model._meta.get_field(name).verbose_name)
            yield called[:1].upper() + called[1:], _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _day(value) if isinstance(value, date) else str(value)


def _day(value: date | None) -> str:
    return f"{value.day} {value:%b %Y}" if value else ""

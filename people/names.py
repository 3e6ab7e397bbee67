"""How people are called today, for pages that list keys of theirs: in one query, whatever their number."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from people.models import Person, PersonVersion


def names_of(persons: Iterable[Person], *, on: date) -> dict[int, str]:
    """By key, "Last, First (Person ID)"; the ID alone of whom nothing is in effect."""
    shown = {person.pk: person.person_id for person in persons}
    versions = PersonVersion.objects.in_effect(on=on).filter(person__in=list(shown))
    for key, last, first in versions.order_by().values_list("person_id", "last_name", "first_name"):
        shown[key] = f"{last}, {first} ({shown[key]})"
    return shown

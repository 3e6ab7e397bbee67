"""Finding people by what somebody at a desk knows of them: a name, a number on a badge, an e-mail, an NI number.

Numbers, e-mail and NI number are taken whole; names by their beginnings, in any order. Everything is asked of the
versions of a person, so that whoever has changed their name is found by the old one too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import BooleanField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from people.bulk import among
from people.lists import COUNTED_TO
from people.models import Person, PersonVersion

HELP: Final = "name, employee number, person ID, NHS Unique ID, e-mail or NI number"
# Of whom a list shows what belongs to them: who has more namesakes than this gives more of the name, or a number.
MOST_PERSONS: Final = 200
PersonKeys = QuerySet[Person, int]
_NI_NUMBER: Final = re.compile(r"[A-Z]{2}[0-9]{6}[A-Z]?\Z")
_NUMBER: Final = re.compile(r"[A-Z]?[0-9]{3,}(-[0-9]+)?\Z")
NAMES: Final = ("last_name", "first_name", "preferred_name", "previous_last_name", "maiden_name")


@dataclass(frozen=True, slots=True)
class Sought:
    """What a search text means: exactly one of these is set, or nothing was asked."""

    ni_number: str = ""
    email: str = ""
    number: str = ""
    names: tuple[str, ...] = ()


def understand(text: str) -> Sought:
    """Which kind of thing was typed. Spaces within an NI number and commas between names do not matter."""
    text = text.strip()
    closed = re.sub(r"\s", "", text).upper()
    if _NI_NUMBER.match(closed):
        return Sought(ni_number=closed)
    if "@" in text:
        return Sought(email=text)
    if _NUMBER.match(closed):
        return Sought(number=closed)
    return Sought(names=tuple(word for word in re.split(r"[\s,]+", text) if word))


def persons_found(persons: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Those of these persons whom the text finds; all of them when nothing was asked."""
    sought = understand(text)
    if sought == Sought():
        return persons
    # The scope in force narrows this to its organisations, with which the indexes of versions begin.
    versions = PersonVersion.objects.order_by().filter(_matching(sought))
    if sought.names:
        return _named(persons, versions)
    found = Q(pk__in=versions.values("person_id"))
    return persons.filter(found | Q(person_id=sought.number) if sought.number else found)


def _named(persons: QuerySet[Any], versions: QuerySet[PersonVersion]) -> QuerySet[Any]:
    """By name everybody has to be looked at: once, and not for a list's count and its page each.

    Of more than a list counts to, its page is full soon, whoever is looked at first: then each is asked by themselves.
    """
    keys = list(versions.values_list("person_id", flat=True)[: COUNTED_TO + 1])
    if len(keys) <= COUNTED_TO:
        return persons.filter(among("pk", set(keys)))
    theirs = versions.filter(person=OuterRef("pk")).values_list(Value(True, BooleanField()))[:1]
    return persons.filter(Coalesce(Subquery(theirs), Value(False, BooleanField())))


def _matching(sought: Sought) -> Q:
    if sought.ni_number:
        return Q(ni_number=sought.ni_number)
    if sought.email:
        return Q(office_email__iexact=sought.email)
    if sought.number:
        # An assignment's number is its person's, with -2, -3 behind it.
        number = sought.number.partition("-")[0]
        return Q(employee_number=number) | Q(nhs_unique_id=number)
    matching = Q()
    for word in sought.names:
        one = Q()
        for name in NAMES:
            one |= Q(**{f"{name}__istartswith": word})
        matching &= one
    return matching


def all_keys(text: str) -> PersonKeys:
    """Of the persons whom the text finds, all: for a file of what belongs to them."""
    persons = Person.objects.order_by()
    found = persons.none() if understand(text) == Sought() else persons_found(persons, text)
    return found.values_list("pk", flat=True)


def person_keys(text: str) -> list[int]:
    """As ``all_keys``, for lists of what belongs to persons: as many as a page can use.

    One more than ``MOST_PERSONS`` where there are others, who are not looked at.
    """
    return list(all_keys(text)[: MOST_PERSONS + 1])

"""What a held outbound file would do (promises P12): whom it would delete at the partner, and what it would change.

Both as of now: the next run works the difference out anew, and so does whoever looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from interface.models import Connection, SentPicture
from interface.outbound.packing import Key, unpack
from interface.outbound.projection import Projection
from interface.scope import population
from people.models import Person
from people.models.person import PersonQuerySet

LOOKED_AT: Final = 300
_WHAT: Final = {"PRA": "person", "ASA": "assignment", "CMA": "competency element"}


def would_delete(connection: Connection, *, on: date) -> PersonQuerySet:
    """People whom the partner holds and is not to hold any more."""
    held = SentPicture.objects.filter(connection=connection, person__isnull=False).order_by()
    gone = Person.objects.filter(pk__in=held.values("person"))
    return gone.exclude(pk__in=population(connection, on=on).order_by().values("pk")).order_by("person_id")


@dataclass(frozen=True, slots=True)
class Changes:
    """Of ``looked_at`` people whom the partner holds, those of whom a record differs, with what differs in words."""

    looked_at: int
    people: list[tuple[Person, list[str]]]


def would_change(connection: Connection, *, on: date, looked_at: int = LOOKED_AT) -> Changes:
    """A sample: where a third of the people would change, a few hundred of them show how."""
    members = population(connection, on=on).order_by().values("pk")
    rows = SentPicture.objects.filter(connection=connection, person__in=members).select_related("person")
    held = {row.person: unpack(row.records) for row in rows.order_by("pk")[:looked_at] if row.person}
    pictures = Projection.of(connection, on=on).pictures({one.pk: one.person_id for one in held})
    found = []
    for person, entries in held.items():
        digests = {key: entry.digest for key, entry in entries.items()}
        if said := differences(digests, pictures[person.pk].digests()):
            found.append((person, said))
    return Changes(len(held), found)


def differences(held: Mapping[Key, int], today: Mapping[Key, int]) -> list[str]:
    """In words, what differs: "person changed", "2 competency elements new"."""
    kinds = (
        ("changed", {key for key in held.keys() & today.keys() if held[key] != today[key]}),
        ("new", today.keys() - held.keys()),
        ("deleted", held.keys() - today.keys()),
    )
    said = []
    for record_type, name in _WHAT.items():
        for words, keys in kinds:
            count = sum(1 for kind, _ in keys if kind == record_type)
            if count:
                said.append(f"{name} {words}" if count == 1 else f"{count} {name}s {words}")
    return said

"""The guard against a mass accident in what the staff record sends (promises P12): whom a load touches, and whether
that is so many that a person has to say yes first.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from interface.extract.load import Load
from interface.extract.rules import exceeds


@dataclass(frozen=True, slots=True)
class Affected:
    """Keys of the people whom a load changes and deletes, of how many there were; newcomers are counted alone."""

    population: int
    changed: frozenset[int]
    deleted: frozenset[int]
    added: int

    @classmethod
    def of(cls, load: Load) -> Affected:
        """Whom the load has touched so far."""
        deleted = load.deleted
        changed = (load.changed & load.present_before) - deleted
        return cls(len(load.present_before), frozenset(changed), frozenset(deleted), load.newcomers)

    def reasons(self) -> list[str]:
        """As ``reasons`` of the module."""
        return reasons(self.population, changed=len(self.changed), deleted=len(self.deleted))


def reasons(population: int, *, changed: int, deleted: int) -> list[str]:
    """Why it looks like an accident, in words; none where it does not."""
    return [
        f"it {verb} {people} of {population} people, and more than {share:.0%} look like an accident"
        for verb, people, share in (
            ("deletes", deleted, settings.GUARD_DELETED_SHARE),
            ("changes", changed, settings.GUARD_CHANGED_SHARE),
        )
        if exceeds(people, population, share=share, minimum=settings.GUARD_MINIMUM_PEOPLE)
    ]

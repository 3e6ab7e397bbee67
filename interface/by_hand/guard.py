"""The guard against a mass accident (promises P12) for tables uploaded by hand: whoever touches many says why.

The shares and the smallest number are those at which a file waits. Rows about people already in the record count, as in
a load of the staff record: persons and assignments that change or come to an end, people at a position that says
something else, and of completions what takes away or changes what somebody held. Newcomers and what is only added do
not; nor do tables that are about no person.
"""

from __future__ import annotations

from django.conf import settings

from interface.by_hand.tally import Tally
from interface.extract.rules import exceeds
from interface.models import Upload


def is_mass_change(tally: Tally) -> bool:
    """Whether what was done to the rows looks like an accident."""
    return _is_mass(tally.population, len(tally.touched - tally.ended), len(tally.ended))


def asks_for_reason(upload: Upload) -> bool:
    """Whether what the upload was found to do looks like an accident."""
    return _is_mass(upload.population, upload.people_changed, upload.people_ended)


def _is_mass(population: int, changed: int, ended: int) -> bool:
    return any(
        exceeds(people, population, share=share, minimum=settings.GUARD_MINIMUM_PEOPLE)
        for people, share in ((changed, settings.GUARD_CHANGED_SHARE), (ended, settings.GUARD_DELETED_SHARE))
    )

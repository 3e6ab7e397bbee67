"""The guard against a mass accident (promises P12): a file that touches too many people waits for a person.

Half an import, a restriction mistyped, a payroll renamed: each would take hundreds of people from a partner, or
rewrite them all, in one night. The shares are of the people whom the partner holds; newcomers do not count, nor
does what the partner told us itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from interface.models import Connection, OutboundHold, OutboundKind
from interface.outbound.difference import UNKNOWN, Difference
from interface.outbound.packing import Key, Records
from people.audit.actions import record


@dataclass
class Tally:
    """Of the people whom a partner holds, how many a file would change and delete."""

    population: int
    changed: int = 0
    deleted: int = 0

    def count(self, difference: Difference, sent: Records, *, dropped: bool) -> None:
        """Take one person into account."""
        if not any(record_type == "PRA" for record_type, _ in sent):
            return
        if dropped:
            self.deleted += 1
        elif any(_is_news(key, sent) for keys in difference for key in keys):
            self.changed += 1

    def exceeds(self) -> bool:
        """Whether a person has to look at it first."""
        return self._is_many(self.changed, settings.GUARD_CHANGED_SHARE) or self._is_many(
            self.deleted, settings.GUARD_DELETED_SHARE
        )

    def _is_many(self, people: int, share: float) -> bool:
        # In a population of a dozen, one leaver is more than any share.
        return people >= settings.GUARD_MINIMUM_PEOPLE and people > share * self.population


def _is_news(key: Key, sent: Records) -> bool:
    return key not in sent or sent[key].digest != UNKNOWN


class HoldSettledError(RuntimeError):
    """There is nothing left to release."""


def open_hold(connection: Connection) -> OutboundHold | None:
    """What is waiting for a person, if anything is, or has been let through by one and not gone out yet."""
    return OutboundHold.objects.filter(connection=connection, settled_at__isnull=True).first()


def hold(connection: Connection, tally: Tally, kind: OutboundKind, *, on: date) -> OutboundHold:
    """Hold a file back: from now on one hold is open, with the counts of the latest attempt."""
    found, _ = OutboundHold.objects.update_or_create(
        organisation_id=connection.organisation_id,
        connection=connection,
        settled_at=None,
        defaults={
            "kind": kind,
            "business_date": on,
            "population": tally.population,
            "changed": tally.changed,
            "deleted": tally.deleted,
        },
        create_defaults={
            "kind": kind,
            "business_date": on,
            "population": tally.population,
            "changed": tally.changed,
            "deleted": tally.deleted,
            "held_at": timezone.now(),
        },
    )
    return found


def settle(connection: Connection) -> None:
    """Nothing is held any more: a file went out, or nothing exceeds the shares."""
    OutboundHold.objects.filter(connection=connection, settled_at__isnull=True).update(
        settled_at=timezone.now()
    )


def release_hold(hold: OutboundHold, *, by: str, reason: str = "") -> None:
    """Let the file of the next run through, whatever it then holds.

    Raises HoldSettledError where it has gone out or come to nothing. Again: the first release stands.
    """
    with transaction.atomic():
        locked = OutboundHold.objects.select_for_update().get(pk=hold.pk)
        if locked.settled_at is not None:
            raise HoldSettledError(f"{locked} is settled: nothing is held any more.")
        if locked.released_at is None:
            locked.released_at, locked.released_by = timezone.now(), by
            locked.save(update_fields=["released_at", "released_by"])
            record(verb="hold released", about=locked, after={"released_by": by}, reason=reason, by=by)
    hold.refresh_from_db()

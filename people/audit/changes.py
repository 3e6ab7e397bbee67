"""Events of rows that were added, changed or deleted, with what stood there before and after."""

from __future__ import annotations

from django.db.models import Model

from people.audit.events import Event, State
from people.audit.states import difference, shown, state_of

ADDED, CHANGED, DELETED = "added", "changed", "deleted"


def change_of(row: Model, *, before: State, after: State | None = None) -> Event | None:
    """The row was added (``before`` is empty) or changed; None where it is what it was.

    ``after`` is the row as it is now, where nothing is said.
    """
    now = state_of(row) if after is None else after
    if not before:
        return Event.about(row, ADDED, after=shown(now))
    was, became = difference(before, now)
    return Event.about(row, CHANGED, before=was, after=became) if was or became else None


def deletion_of(row: Model) -> Event:
    """The row is about to be deleted, or was: a deleted row in memory may have lost its key."""
    return Event.about(row, DELETED, before=shown(state_of(row)))

"""What a load leaves in the audit.

Of every row that was there before and is not as it was, an event with before and after. Rows that are new leave none
of their own: they say themselves that they came from the staff record, and one event of the load tells the file, its
digest and how many lines came out how. So a first load costs one event, a night's a few for what changed in it.

Events are gathered and written at the end, because writing locks the organisation's chain until the commit. A load
that changes more than it is wise to remember writes what it has, and keeps the chain from then on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Model

from people.audit.actions import record_many
from people.audit.changes import CHANGED
from people.audit.events import Event, State

_MOST_REMEMBERED: Final = 20_000


@dataclass(slots=True)
class Trail:
    """The events of one load."""

    organisation_id: int
    _events: list[Event] = field(default_factory=list)

    def change(
        self,
        model: type[Model],
        key: int | str,
        name: str,
        before: State,
        after: State,
        *,
        national: bool = False,
    ) -> None:
        """A row is about to be overwritten; ``name`` is the ID by which the staff record knows it."""
        self.add(
            Event(
                CHANGED,
                0 if national else self.organisation_id,
                model._meta.label_lower,
                str(key),
                name,
                before,
                after,
            )
        )

    def add(self, event: Event) -> None:
        """Any event of this load."""
        self._events.append(event)
        if len(self._events) >= _MOST_REMEMBERED:
            self.write()

    def write(self) -> None:
        """All that has been gathered stands in the audit."""
        record_many(self._events)
        self._events.clear()


def apart(names: Sequence[str], before: Sequence[Any], after: Sequence[Any]) -> tuple[State, State]:
    """What differs between two contents in the order of ``names``, by name."""
    differing = [at for at, was in enumerate(before) if was != after[at]]
    return {names[at]: before[at] for at in differing}, {names[at]: after[at] for at in differing}

"""What a row says, before and after a change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db import router
from django.db.models import Model
from django.db.models.deletion import Collector

from people.audit.events import State

# Never written down, not even hashed: that they changed is all that the audit tells.
SECRET: Final = frozenset({"password", "data", "session_data"})
_HIDDEN: Final = "(secret)"
# Fields whose names elsewhere are no secret.
_SECRET_OF: Final = {"login.usedcode": {"code"}}


def state_of(row: Model) -> dict[str, Any]:
    """The row's columns, by field name, a reference as its key."""
    hidden = _SECRET_OF.get(row._meta.label_lower, set())
    return {
        field.name: _HIDDEN if field.name in hidden else getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key
    }


def stored_state(row: Model) -> dict[str, Any]:
    """What the database holds of this row, with the keys of what it is tied to many to many; nothing if it is new."""
    if row.pk is None:
        return {}
    stored = type(row)._base_manager.filter(pk=row.pk).first()
    if stored is None:
        return {}
    tied = {
        field.name: sorted(getattr(stored, field.name).values_list("pk", flat=True))
        for field in row._meta.many_to_many
    }
    return state_of(stored) | tied


def difference(before: State, after: State) -> tuple[dict[str, Any], dict[str, Any]]:
    """What of the two differs, secrets hidden; a field that one of the two does not know counts as different."""
    names = [name for name in {**before, **after} if before.get(name, _HIDDEN) != after.get(name, _HIDDEN)]
    return _shown(before, names), _shown(after, names)


def _shown(state: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: _HIDDEN if name in SECRET else state[name] for name in names if name in state}


def shown(state: State) -> dict[str, Any]:
    """All of a state, secrets hidden: of a row that is added or deleted."""
    return _shown(state, state)


def doomed(rows: Iterable[Model]) -> list[Model]:
    """These rows and all that would be deleted with them."""
    chosen = list(rows)
    if not chosen:
        return []
    collector = Collector(using=router.db_for_write(type(chosen[0])), origin=None)
    collector.collect(chosen)
    found = [row for instances in collector.data.values() for row in instances]
    for quick in collector.fast_deletes:
        found += list(quick)
    return found

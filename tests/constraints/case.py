"""What a constraint refuses and what it lets in, as changes of a sound row."""

from dataclasses import dataclass, field
from typing import Any

from tests.constraints.rows import Model, Values


@dataclass(frozen=True)
class Case:
    """What the sound row may not become (each of ``refused``) and what it may (each of ``allowed``).

    ``beside``: a row that stands there already, as changes of the sound one; None for rules about one row alone.
    """

    model: Model
    name: str
    refused: list[Values]
    allowed: list[Values]
    beside: Values | None = field(default=None, kw_only=True)


def once(model: Model, name: str, *allowed: Values, again: Values | None = None, **beside: Any) -> Case:
    """A row of these values is there once; ``again`` is how the refused second one differs all the same."""
    return Case(
        model,
        name,
        [beside | (again or {})],
        [beside | (again or {}) | one for one in allowed],
        beside=beside,
    )

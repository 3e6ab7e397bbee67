"""The difference between two states of what a partner holds: pure, and in the order of the wire.

A state maps record keys to digests. What the partner told us itself, before we confirmed it, is held there with
a content unknown to us: it is sent again whatever it is, and deleted when it is gone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final, NamedTuple

from interface.formats.text import join
from interface.outbound.digests import TEMPLATES, Sheet
from interface.outbound.packing import Entry, Key, Records
from interface.outbound.picture import id_order

# Stands for the digest of what the partner holds with a content unknown to us; no content has this digest.
UNKNOWN: Final = 0

_KEPT_ORDER = ("PRA", "ASD", "ASA", "CMD", "CMA", "PRD")
_DROPPED_ORDER = ("CMD", "ASD", "PRD")
_DELETES = {"PRA": "PRD", "ASA": "ASD", "CMA": "CMD", "CDA": "CDD"}
DELETES = frozenset(_DELETES.values())


class Difference(NamedTuple):
    """What changed of one person: keys that are new, amended, and gone."""

    added: list[Key]
    amended: list[Key]
    gone: list[Key]

    def __bool__(self) -> bool:
        return bool(self.added or self.amended or self.gone)


def difference(today: Mapping[Key, int], sent: Mapping[Key, int]) -> Difference:
    """Today's state against what was last sent."""
    differing = [key for key, digest in today.items() if sent.get(key) != digest]
    return Difference(
        added=[key for key in differing if key not in sent],
        amended=[key for key in differing if key in sent],
        gone=[key for key in sent if key not in today],
    )


def held_after(today: Mapping[Key, int], held: Records, *, file: int) -> dict[Key, Entry]:
    """What the partner holds once it has the file: since that file, or where nothing differs since when it had it."""
    entries = {}
    for key, digest in today.items():
        entry = held.get(key)
        entries[key] = entry if entry is not None and entry.digest == digest else Entry(digest, file)
    return entries


def lines(
    today: Mapping[Key, Sheet], write: Collection[Key], gone: Collection[Key], moved: Collection[Key] = ()
) -> Iterator[str]:
    """One person's lines in wire order: the full rows of ``write``, and deletes of what is gone.

    ``moved`` are gone keys that another person holds today: their full row says so, and a delete, wherever it
    came in the file, could take away what the partner has just been told.
    """
    by_type: dict[str, list[Key]] = {}
    for key in write:
        by_type.setdefault(key[0], []).append(key)
    for key in gone:
        if key not in moved:
            by_type.setdefault(_DELETES[key[0]], []).append(key)
    for record_type in _KEPT_ORDER if today else _DROPPED_ORDER:
        for key in sorted(by_type.get(record_type, ()), key=lambda key: id_order(key[1])):
            yield _line(record_type, key, today)


def _line(record_type: str, key: Key, today: Mapping[Key, Sheet]) -> str:
    if record_type == key[0]:
        return TEMPLATES[record_type].line(today[key])
    return join((record_type, key[1]))


def person_order(person_id: str) -> tuple[int, int, str]:
    """Ascending Person ID: numbers by value, before whatever is no number."""
    if person_id.isascii() and person_id.isdigit():
        return 0, int(person_id), person_id
    return 1, 0, person_id

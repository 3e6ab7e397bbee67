"""Keeps what an inbound file changes as it was before, so that the file can be undone.

Additions need nothing kept but their ids, which are given out in runs: a file's are a few ranges. Of an element that
stood before the file, the values are copied within the database, in the transaction that changes them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Final

from django.db import connection as database

from interface.models import InboundFile
from interface.models.undo import KEPT
from people.tenancy import check_scope

Ranges = Sequence[Sequence[int]]

_COLUMNS: Final = ", ".join(KEPT)
_OLD: Final = ", ".join(f"e.{column}" for column in KEPT)
# As in competencies.lookup: each key looked up in the index, whatever the planner thinks of the table.
_FROM_ON_POSTGRESQL: Final = """
    unnest(%s::text[]) AS k(value) CROSS JOIN LATERAL (
        SELECT * FROM competencies_competencyelement
        WHERE organisation_id = %s AND element_id = k.value OFFSET 0
    ) AS e WHERE true
"""
_FROM_ON_SQLITE: Final = """
    json_each(%s) AS k CROSS JOIN competencies_competencyelement e
    WHERE e.organisation_id = %s AND e.element_id = k.value
"""


def keep_befores(file: InboundFile, element_ids: Iterable[str]) -> None:
    """These elements' rows are kept as they stand, unless the file added them or has touched them before."""
    ids = [one for one in element_ids if not is_among(one, file.added or ())]
    if not ids:
        return
    check_scope(file.connection.organisation)
    on_postgresql = database.vendor == "postgresql"
    source = _FROM_ON_POSTGRESQL if on_postgresql else _FROM_ON_SQLITE
    with database.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO interface_elementbefore (organisation_id, file_id, element_id, {_COLUMNS}) "  # noqa: S608  (names of our models)
            f"SELECT e.organisation_id, %s, e.element_id, {_OLD} FROM {source} ON CONFLICT DO NOTHING",
            [file.pk, ids if on_postgresql else json.dumps(ids), file.organisation_id],
        )


def within_ranges(number: int, ranges: Ranges) -> bool:
    """Whether any of the ranges, both ends included, has this number."""
    return any(first <= number <= last for first, last in ranges)


def is_among(element_id: str, ranges: Ranges) -> bool:
    """Whether an element id, which need not be a number, lies in any of the ranges."""
    return element_id.isdigit() and within_ranges(int(element_id), ranges)


def joined(ranges: Ranges | None, new: tuple[int, int]) -> list[list[int]] | None:
    """The ranges with a new one behind, grown together where they touch; an empty new one adds nothing."""
    if ranges is None:
        return None
    kept = [list(one) for one in ranges]
    first, last = new
    if first > last:
        return kept
    if kept and kept[-1][1] + 1 == first:
        kept[-1][1] = last
    else:
        kept.append([first, last])
    return kept

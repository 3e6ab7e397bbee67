"""Two questions about elements that are asked for thousands of keys at a time, answered in one indexed query each.

SQL by hand, because the ORM has no join against a list of keys and no query without model instances as lean. Both take
the organisation and name it in the condition, as the scope would.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from django.db import connection

from people.models import Organisation
from people.tenancy import check_scope


class ReferenceRow(NamedTuple):
    """One element of a source reference, live or withdrawn."""

    source_reference: str
    element_id: str
    person: int
    competence: int
    date_from: date | None
    content_digest: int
    last_update: datetime
    withdrawn: bool


class PlaceRow(NamedTuple):
    """One live element at (person, competence, date), with what made it."""

    person: int
    competence: int
    date_from: date
    element_id: str
    source: str
    source_id: int | None
    source_reference: str


Place = tuple[int, int, date]

# On PostgreSQL a planner that has no fresh statistics would rather read the whole table once a batch than look each
# key up. OFFSET 0 keeps it from rewriting the inner query, so that it is one look-up in the index for each key.
_BY_REFERENCE_ON_POSTGRESQL = """
    SELECT k.reference, e.* FROM unnest(%s::text[]) AS k(reference) CROSS JOIN LATERAL (
        SELECT element_id, person_id, competence_id, date_from, content_digest,
               EXTRACT(EPOCH FROM last_update)::bigint, withdrawn_at IS NOT NULL
        FROM competencies_competencyelement
        WHERE source = 'LMS' AND source_id = %s AND organisation_id = %s AND source_reference = k.reference
        ORDER BY id OFFSET 0
    ) AS e
"""
_BY_REFERENCE_ON_SQLITE = """
    SELECT source_reference, element_id, person_id, competence_id, date_from, content_digest,
           CAST(strftime('%%s', last_update) AS INTEGER), withdrawn_at IS NOT NULL
    FROM json_each(%s) AS k CROSS JOIN competencies_competencyelement e
    WHERE source = 'LMS' AND source_id = %s AND organisation_id = %s AND source_reference = k.value
    ORDER BY e.id
"""
_AT_PLACES_ON_POSTGRESQL = """
    SELECT k.person, k.competence, k.day, e.*
    FROM unnest(%s::bigint[], %s::bigint[], %s::date[]) AS k(person, competence, day) CROSS JOIN LATERAL (
        SELECT element_id, source, source_id, source_reference
        FROM competencies_competencyelement
        WHERE person_id = k.person AND competence_id = k.competence AND date_from = k.day
          AND organisation_id = %s AND withdrawn_at IS NULL
        ORDER BY id OFFSET 0
    ) AS e
"""
# CROSS JOIN is SQLite's word for "in this order": the keys first, each looked up in the index.
_AT_PLACES_ON_SQLITE = """
    SELECT e.person_id, e.competence_id, e.date_from, e.element_id, e.source, e.source_id, e.source_reference
    FROM json_each(%s) AS k CROSS JOIN competencies_competencyelement e
    WHERE e.person_id = json_extract(k.value, '$[0]') AND e.competence_id = json_extract(k.value, '$[1]')
      AND e.date_from = json_extract(k.value, '$[2]')
      AND e.organisation_id = %s AND e.withdrawn_at IS NULL
    ORDER BY e.id
"""


def elements_by_reference(
    organisation: Organisation, source_id: int, references: Collection[str]
) -> Iterator[ReferenceRow]:
    """Every element that the LMS connection ``source_id`` made under these references, oldest first."""
    check_scope(organisation)
    wanted: list[str] | str = list(references)
    sql = _BY_REFERENCE_ON_POSTGRESQL
    if connection.vendor != "postgresql":
        sql, wanted = _BY_REFERENCE_ON_SQLITE, json.dumps(wanted)
    return map(_reference_row, _rows(sql, [wanted, source_id, organisation.pk]))


def elements_at(organisation: Organisation, places: Collection[Place]) -> Iterator[PlaceRow]:
    """Every live element at these places, oldest first."""
    check_scope(organisation)
    if connection.vendor == "postgresql":
        columns = [list(column) for column in zip(*places, strict=True)] or [[], [], []]
        return map(PlaceRow._make, _rows(_AT_PLACES_ON_POSTGRESQL, [*columns, organisation.pk]))
    wanted = json.dumps([(person, competence, day.isoformat()) for person, competence, day in places])
    rows = _rows(_AT_PLACES_ON_SQLITE, [wanted, organisation.pk])
    return (PlaceRow(row[0], row[1], _as_date(row[2]), *row[3:]) for row in rows)


def _rows(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _reference_row(row: tuple[Any, ...]) -> ReferenceRow:
    """The LMS's timestamps are whole seconds: read as a number, they cost a tenth of what a timestamp does."""
    reference, element_id, person, competence, date_from, digest, seconds, withdrawn = row
    if date_from is not None and date_from.__class__ is str:
        date_from = date.fromisoformat(date_from)
    return ReferenceRow(
        reference,
        element_id,
        person,
        competence,
        date_from,
        digest,
        datetime.fromtimestamp(seconds, UTC),
        bool(withdrawn),
    )


def _as_date(value: Any) -> date:
    """SQLite keeps dates as text."""
    return value if isinstance(value, date) else date.fromisoformat(value)

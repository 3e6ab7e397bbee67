"""Two questions about elements that are asked for thousands of keys at a time, answered in one indexed query each.

SQL by hand, because the ORM has no join against a list of keys and no query without model instances as lean. Both take
the organisation and name it in the condition, as the scope would.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection

from people.models import Organisation
from people.tenancy import check_scope

# One element of a source reference, live or withdrawn: the reference, its element ID, person, competence, date from
# (as the database gives it), content digest, Last Update in whole seconds of Unix time, whether it is withdrawn, and
# its key, which says how old it is. A plain tuple: there is one for every line of a file.
ReferenceRow = tuple[str, str, int, int, date | str | None, int, int, bool | int, int]


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
    SELECT k.reference, e.* FROM unnest(string_to_array(%s, E'\n')) AS k(reference) CROSS JOIN LATERAL (
        SELECT element_id, person_id, competence_id, date_from, content_digest,
               EXTRACT(EPOCH FROM last_update)::bigint, withdrawn_at IS NOT NULL, id
        FROM competencies_competencyelement
        WHERE source = 'LMS' AND source_id = %s AND organisation_id = %s AND source_reference = k.reference
        OFFSET 0
    ) AS e
"""
_BY_REFERENCE_ON_SQLITE = """
    SELECT source_reference, element_id, person_id, competence_id, date_from, content_digest,
           CAST(strftime('%%s', last_update) AS INTEGER), withdrawn_at IS NOT NULL, e.id
    FROM json_each(%s) AS k CROSS JOIN competencies_competencyelement e
    WHERE source = 'LMS' AND source_id = %s AND organisation_id = %s AND source_reference = k.value
"""
_AT_PLACES_ON_POSTGRESQL = """
    SELECT k.person, k.competence, k.day, e.*
    FROM unnest(
        string_to_array(%s, ',')::bigint[], string_to_array(%s, ',')::bigint[], string_to_array(%s, ',')::date[]
    ) AS k(person, competence, day) CROSS JOIN LATERAL (
        SELECT element_id, source, source_id, source_reference, id
        FROM competencies_competencyelement
        WHERE person_id = k.person AND competence_id = k.competence AND date_from = k.day
          AND organisation_id = %s AND withdrawn_at IS NULL
        OFFSET 0
    ) AS e
"""
# CROSS JOIN is SQLite's word for "in this order": the keys first, each looked up in the index.
_AT_PLACES_ON_SQLITE = """
    SELECT e.person_id, e.competence_id, e.date_from, e.element_id, e.source, e.source_id, e.source_reference, e.id
    FROM json_each(%s) AS k CROSS JOIN competencies_competencyelement e
    WHERE e.person_id = json_extract(k.value, '$[0]') AND e.competence_id = json_extract(k.value, '$[1]')
      AND e.date_from = json_extract(k.value, '$[2]')
      AND e.organisation_id = %s AND e.withdrawn_at IS NULL
"""


def elements_by_reference(
    organisation: Organisation, source_id: int, references: Collection[str]
) -> list[ReferenceRow]:
    """Every element that the LMS connection ``source_id`` made under these references, in any order.

    A reference does not hold a line end.
    """
    check_scope(organisation)
    if not references:
        return []
    # In the order of the index: one look-up finds what the one before it has just read.
    ordered = sorted(references)
    if connection.vendor == "postgresql":
        # One text is read ten times faster than an array of texts is written.
        return _rows(_BY_REFERENCE_ON_POSTGRESQL, ["\n".join(ordered), source_id, organisation.pk])
    return _rows(_BY_REFERENCE_ON_SQLITE, [json.dumps(ordered), source_id, organisation.pk])


def elements_at(organisation: Organisation, places: Collection[Place]) -> list[PlaceRow]:
    """Every live element at these places, oldest first."""
    check_scope(organisation)
    if not places:
        return []
    ordered = sorted(places)
    if connection.vendor == "postgresql":
        columns = [",".join(map(str, column)) for column in zip(*ordered, strict=True)]
        rows = _rows(_AT_PLACES_ON_POSTGRESQL, [*columns, organisation.pk])
    else:
        wanted = json.dumps([(person, competence, day.isoformat()) for person, competence, day in ordered])
        rows = _rows(_AT_PLACES_ON_SQLITE, [wanted, organisation.pk])
    # Here, and not in the database: of most places there is no element, and of nearly all others one.
    rows.sort(key=itemgetter(-1))
    return [PlaceRow(row[0], row[1], as_date(row[2]), *row[3:-1]) for row in rows]


def _rows(sql: str, parameters: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[Any] = cursor.fetchall()
        return rows


def as_date(value: date | str) -> date:
    """SQLite keeps dates as text."""
    return value if isinstance(value, date) else date.fromisoformat(value)

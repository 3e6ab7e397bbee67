"""What the main job is compared with, on the rows it has just written: two floors and a peer.

A floor is the least that any way of storing the rows costs; the peer is how a Django team would do it without a
thought.
"""

from __future__ import annotations

from tempfile import TemporaryFile

from django.db import connection, transaction
from import_export import fields, resources, widgets
from tablib import Dataset

from competencies.models import Competence, CompetencyElement
from people.models import Person
from people.statement_keys import StatementKey

ELEMENTS = "competencies_competencyelement"
OUTCOMES = "interface_inboundrecord"
SAMPLE = 1000


def copy_into_bare_table() -> int:
    """The elements' rows once more, into a table without keys: COPY on PostgreSQL, executemany on SQLite."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bench_bare AS SELECT * FROM {ELEMENTS} WHERE 1 = 0")
        if connection.vendor == "postgresql":
            return _copied()
        cursor.execute(f"SELECT * FROM {ELEMENTS}")
        rows = cursor.fetchall()
        marks = ", ".join(["%s"] * len(rows[0]))
        with transaction.atomic():
            cursor.executemany(f"INSERT INTO bench_bare VALUES ({marks})", rows)
        return len(rows)


def _copied() -> int:
    with TemporaryFile() as file, connection.cursor() as cursor:
        with cursor.copy(f"COPY {ELEMENTS} TO STDOUT") as reading:
            for block in reading:
                file.write(block)
        file.seek(0)
        with cursor.copy("COPY bench_bare FROM STDIN") as writing:
            while block := file.read(1 << 16):
                writing.write(block)
        return int(cursor.rowcount)


def elements_into_copy_with_keys() -> int:
    """The elements' rows once more, inside the database, into a table with the same keys and indexes."""
    return _into_copy_with_keys(ELEMENTS)


def outcomes_into_copy_with_keys() -> int:
    """The inbound records' rows likewise: every line of a file has one, whatever else comes of it."""
    return _into_copy_with_keys(OUTCOMES)


def _into_copy_with_keys(table: str) -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"CREATE TABLE keyed_{table} (LIKE {table} INCLUDING ALL)")
            # Held as the table itself holds it: a key that is checked row by row would be no floor.
            of = ("organisation_id", "person_id")
            key = StatementKey(
                f"keyed_{table}", f"keyed_{table}", of, "people_person", ("organisation_id", "id")
            )
            cursor.execute(str(key.create()))
        else:
            _copy_definition_on_sqlite(cursor, table)
        with transaction.atomic():
            cursor.execute(f"INSERT INTO keyed_{table} SELECT * FROM {table}")
            return int(cursor.rowcount)


def _copy_definition_on_sqlite(cursor: object, table: str) -> None:
    assert hasattr(cursor, "execute")
    assert hasattr(cursor, "fetchall")
    cursor.execute(
        "SELECT sql FROM sqlite_master WHERE tbl_name = %s AND type IN ('table', 'index') AND sql IS NOT NULL "
        "ORDER BY type DESC",
        [table],
    )
    for (sql,) in cursor.fetchall():
        copied = sql.replace(f'"{table}"', f'"keyed_{table}"').replace(
            'CREATE INDEX "', 'CREATE INDEX "bench_'
        )
        cursor.execute(copied.replace('CREATE UNIQUE INDEX "', 'CREATE UNIQUE INDEX "bench_'))


class ElementResource(resources.ModelResource):
    """A plain import-export resource, foreign keys by natural key, as its documentation shows."""

    person = fields.Field("person", "person", widgets.ForeignKeyWidget(Person, "person_id"))
    competence = fields.Field(
        "competence", "competence", widgets.ForeignKeyWidget(Competence, "competence_id")
    )

    class Meta:
        model = CompetencyElement
        import_id_fields = ("organisation", "element_id")
        fields = (
            "source_reference", "organisation", "element_id", "person", "competence", "date_from", "date_to",
            "source", "source_id",
        )  # fmt: skip


def import_export() -> int:
    """A sample of the same rows under new references and ids, through import-export."""
    rows = (
        CompetencyElement.objects.filter(source="LMS").select_related("person", "competence").order_by("id")
    )
    data = Dataset(headers=list(ElementResource.Meta.fields))
    for number, row in enumerate(rows[:SAMPLE]):
        data.append((
            f"PEER-{number}", row.organisation_id, f"8{number:08}", row.person.person_id,
            row.competence.competence_id, row.date_from, row.date_to, "LMS", row.source_id,
        ))  # fmt: skip
    ElementResource().import_data(data, raise_errors=True, use_transactions=True)
    return SAMPLE

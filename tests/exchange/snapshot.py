"""The state that a test begins with, made once and copied back within the database: much quicker than making it.

The copies are tables of their own beside the models' tables, so emptying those after a test leaves them.
"""

from collections.abc import Callable

from django.core.management.color import no_style
from django.db import connection, models, transaction

from people.postgresql.owner import as_owner
from tests.kept import in_order

PREFIX = "snapshot_"


def from_snapshot(make: Callable[[], None]) -> None:
    """The empty database holds what ``make`` puts into it."""
    tables = [model._meta.db_table for model in _models()]
    kept = {name for name in connection.introspection.table_names() if name.startswith(PREFIX)}
    if kept:
        with as_owner():
            _restore([table for table in tables if PREFIX + table in kept])
        return
    make()
    with as_owner():
        _keep(tables)


def _keep(tables: list[str]) -> None:
    with connection.cursor() as cursor, transaction.atomic():
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            if cursor.fetchone()[0]:
                cursor.execute(f'CREATE TABLE "{PREFIX}{table}" AS SELECT * FROM "{table}"')


def _restore(tables: list[str]) -> None:
    with connection.cursor() as cursor, transaction.atomic():
        for table in tables:
            cursor.execute(f'DELETE FROM "{table}"')
            cursor.execute(f'INSERT INTO "{table}" SELECT * FROM "{PREFIX}{table}"')
        for statement in connection.ops.sequence_reset_sql(no_style(), _models()):
            cursor.execute(statement)


def _models() -> list[type[models.Model]]:
    return in_order(("people", "competencies", "interface"))

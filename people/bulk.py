"""One small bulk writer with two backends: COPY on PostgreSQL, ``executemany`` on SQLite.

Volume tables (elements, inbound records, what partners were sent) are written in thousands of rows a transaction.
Callers hand rows as tuples in the order of ``fields``; the caller has checked the scope, because rows of one call
belong to one organisation, which is always a column of the row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from django.db import connection, models
from django.db.models.expressions import Expression, F, Func, Value

from people import copytext

Values = Sequence[Any]


class _Among(Func):
    """One parameter for the whole list: of a thousand placeholders, parsing the statement costs the most."""

    output_field = models.BooleanField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return super().as_sql(
            compiler, connection, template="%(expressions)s::bigint[])", arg_joiner=" = ANY("
        )

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "%(expressions)s))"
        return super().as_sql(
            compiler, connection, template=template, arg_joiner=" IN (SELECT value FROM json_each("
        )


def among(field: str, ids: Iterable[int]) -> Expression:
    """A condition: ``field``, a number, is one of these thousands."""
    ids = list(ids)
    listed = f"{{{','.join(map(str, ids))}}}" if connection.vendor == "postgresql" else str(ids)
    return _Among(F(field), Value(listed, models.TextField()))


class Rows(Protocol):
    """Where the rows of one table go."""

    def extend(self, rows: Sequence[Values], /) -> None:
        """Insert these as well."""


@contextmanager
def copying(model: type[models.Model], fields: Sequence[str]) -> Iterator[Rows]:
    """Insert rows as they come, inside the caller's transaction: ``rows.extend(…)`` as often as there are more.

    PostgreSQL stores the first rows while the next are made. Until the block is left, nothing else can be done on the
    connection. Columns not named take the database's default; what the database refuses is raised at the latest when
    the block is left, or by composite keys at the commit.
    """
    columns = ", ".join(_column(model, field) for field in fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with _staged(cursor, model, columns) as write:
                with_bytes = any(
                    isinstance(model._meta.get_field(field), models.BinaryField) for field in fields
                )
                yield copytext.Text(len(fields), write, with_bytes=with_bytes)
        else:
            marks = ", ".join(["%s"] * len(fields))
            sql = f"INSERT INTO {_table(model)} ({columns}) VALUES ({marks})"  # noqa: S608  (names of our models)
            yield _Statements(lambda rows: cursor.executemany(sql, _prepared(model, fields, rows)))


@contextmanager
def _staged(cursor: Any, model: type[models.Model], columns: str) -> Iterator[Callable[[str], object]]:
    """COPY into a table under row-level security is refused: into one of the connection's own, then over.

    The staging table lives as long as the connection, and is empty outside this block.
    """
    assert connection.in_atomic_block, "each statement would be a transaction, and empty the staging table"
    table, staging = _table(model), connection.ops.quote_name(f"staged_{model._meta.db_table}")
    cursor.execute(
        f"CREATE TEMPORARY TABLE IF NOT EXISTS {staging} ON COMMIT DELETE ROWS "  # noqa: S608  (our names)
        f"AS SELECT * FROM {table} WITH NO DATA"
    )
    with connection.wrap_database_errors, cursor.copy(f"COPY {staging} ({columns}) FROM STDIN") as copy:
        yield copy.write
    cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {staging}")  # noqa: S608  (our names)
    cursor.execute(f"TRUNCATE {staging}")


class _Statements:
    """Rows that a function of ours inserts."""

    def __init__(self, insert: Callable[[Sequence[Values]], object]) -> None:
        self._insert = insert

    def extend(self, rows: Sequence[Values], /) -> None:
        """Insert these as well."""
        self._insert(rows)


def insert_rows(model: type[models.Model], fields: Sequence[str], rows: Sequence[Values]) -> None:
    """Insert ``rows`` (tuples in the order of ``fields``), as ``copying`` does."""
    if rows:
        with copying(model, fields) as table:
            table.extend(rows)


def update_rows(
    model: type[models.Model], key: Sequence[str], fields: Sequence[str], rows: Sequence[Values]
) -> None:
    """Update ``fields`` of the row that ``key`` names: each tuple holds the fields' values, then the key's."""
    if not rows:
        return
    setting = ", ".join(f"{_column(model, field)} = %s" for field in fields)
    where = " AND ".join(f"{_column(model, field)} = %s" for field in key)
    rows = _prepared(model, (*fields, *key), rows)
    _executemany(f"UPDATE {_table(model)} SET {setting} WHERE {where}", rows)  # noqa: S608  (names of our models)


def upsert_rows(
    model: type[models.Model],
    key: Sequence[str],
    fields: Sequence[str],
    rows: Sequence[Values],
    *,
    where: str = "",
) -> None:
    """Insert, or where the unique ``key`` exists update the other ``fields``.

    ``where`` is the condition of a partial unique index, written as that index has it.
    """
    if not rows:
        return
    columns = [_column(model, field) for field in fields]
    marks = ", ".join(["%s"] * len(columns))
    setting = ", ".join(
        f"{column} = excluded.{column}"
        for field, column in zip(fields, columns, strict=True)
        if field not in key
    )
    target = ", ".join(_column(model, field) for field in key)
    condition = f" WHERE {where}" if where else ""
    sql = (
        f"INSERT INTO {_table(model)} ({', '.join(columns)}) VALUES ({marks}) "  # noqa: S608  (names of our models)
        f"ON CONFLICT ({target}){condition} DO UPDATE SET {setting}"
    )
    _executemany(sql, _prepared(model, fields, rows))


def delete_rows(model: type[models.Model], key: Sequence[str], rows: Sequence[Values]) -> None:
    """Delete the row that each ``key`` names, where there is one."""
    if not rows:
        return
    where = " AND ".join(f"{_column(model, field)} = %s" for field in key)
    rows = _prepared(model, key, rows)
    _executemany(f"DELETE FROM {_table(model)} WHERE {where}", rows)  # noqa: S608  (names of our models)


def refresh_statistics(*models: type[models.Model]) -> None:
    """Tell the query planner how large these tables have become, after a load that made them large.

    PostgreSQL does so by itself within a minute; the exchange that follows a first load does not wait that long. Only
    owners may ask for it, so a function does.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT cstf_refresh_statistics(%s)", [[model._meta.db_table for model in models]])
            return
        for model in models:
            cursor.execute(f"ANALYZE {_table(model)}")


def _executemany(sql: str, rows: Sequence[Values]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(sql, rows)


def _prepared(model: type[models.Model], fields: Sequence[str], rows: Sequence[Values]) -> Sequence[Values]:
    """SQLite keeps moments as text in UTC without zone: written otherwise, they would not compare."""
    if connection.vendor == "postgresql":
        return rows
    moments = [
        at
        for at, field in enumerate(fields)
        if isinstance(model._meta.get_field(field), models.DateTimeField)
    ]
    return [_with_text_moments(row, moments) for row in rows] if moments else rows


def _with_text_moments(row: Values, moments: Sequence[int]) -> Values:
    values = list(row)
    for at in moments:
        values[at] = connection.ops.adapt_datetimefield_value(values[at])
    return values


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _column(model: type[models.Model], name: str) -> str:
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)
    assert field.column is not None
    return connection.ops.quote_name(field.column)

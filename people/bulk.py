"""One small bulk writer with two backends: COPY on PostgreSQL, ``executemany`` on SQLite.

Volume tables (elements, inbound records, what partners were sent) are written in thousands of rows a transaction.
Callers hand rows as tuples in the order of ``fields``; the caller has checked the scope, because rows of one call
belong to one organisation, which is always a column of the row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

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


class Ready:
    """Rows of one table, made ready for it. That costs more than to hand them over, and needs no connection."""

    def __init__(
        self,
        model: type[models.Model],
        fields: Sequence[str],
        rows: Sequence[Values],
        *,
        same: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """``rows`` are tuples in the order of ``fields``. Columns not named take the database's default.

        ``same`` are further fields, which have one value in all rows.
        """
        self._model = model
        self._columns = [_column(model, field) for field in (*fields, *same)]
        self._blocks: list[bytes] = []
        self._rows: Sequence[Values] = ()
        if connection.vendor == "postgresql":
            times = _columns_of(model, fields, models.DateField)
            with_bytes = bool(_columns_of(model, fields, models.BinaryField))
            blocks = copytext.blocks(rows, same=list(same.values()), times=times, with_bytes=with_bytes)
            self._blocks = [block.encode() for block in blocks]
        else:
            more = tuple(same.values())
            whole = [(*row, *more) for row in rows] if more else rows
            self._rows = _prepared(model, (*fields, *same), whole)

    def insert(self) -> None:
        """They are stored, inside the caller's transaction. Composite keys may refuse them at its commit."""
        columns, table = ", ".join(self._columns), _table(self._model)
        if self._blocks:
            self._staged(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {{staging}}")  # noqa: S608  (our names)
        elif self._rows:
            marks = ", ".join(["%s"] * len(self._columns))
            sql = f"INSERT INTO {_table(self._model)} ({columns}) VALUES ({marks})"  # noqa: S608  (names of our models)
            _executemany(sql, self._rows)

    def update(self, key: Sequence[str]) -> None:
        """Those rows hold these values that ``key`` names, which is the last of the fields: each is named once."""
        setting, naming = self._columns[: -len(key)], self._columns[-len(key) :]
        table = _table(self._model)
        if self._blocks:
            values = ", ".join(f"{column} = staged.{column}" for column in setting)
            where = " AND ".join(f"own.{column} = staged.{column}" for column in naming)
            self._staged(f"UPDATE {table} AS own SET {values} FROM {{staging}} AS staged WHERE {where}")  # noqa: S608  (our names)
        elif self._rows:
            _executemany(_update(table, setting, naming), self._rows)

    def _staged(self, then: str) -> None:
        """COPY into a table under row-level security is refused: into one of the connection's own, then over.

        The staging table lives as long as the connection, and is empty outside of this.
        """
        assert connection.in_atomic_block, "else each statement would end by emptying the staging table"
        staging = connection.ops.quote_name(f"staged_{self._model._meta.db_table}")
        copying = f"COPY {staging} ({', '.join(self._columns)}) FROM STDIN"
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TEMPORARY TABLE IF NOT EXISTS {staging} ON COMMIT DELETE ROWS "  # noqa: S608  (our names)
                f"AS SELECT * FROM {_table(self._model)} WITH NO DATA"
            )
            with connection.wrap_database_errors, cursor.copy(copying) as copy:
                for block in self._blocks:
                    copy.write(block)
            cursor.execute(then.format(staging=staging))
            cursor.execute(f"TRUNCATE {staging}")


def insert_rows(model: type[models.Model], fields: Sequence[str], rows: Sequence[Values]) -> None:
    """Insert ``rows``, tuples in the order of ``fields``. Columns not named take the database's default."""
    Ready(model, fields, rows).insert()


def update_rows(
    model: type[models.Model], key: Sequence[str], fields: Sequence[str], rows: Sequence[Values]
) -> None:
    """Update ``fields`` of the row that ``key`` names: each tuple holds the fields' values, then the key's.

    Each row is named once.
    """
    Ready(model, (*fields, *key), rows).update(key)


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


def _update(table: str, setting: Sequence[str], naming: Sequence[str]) -> str:
    values = ", ".join(f"{column} = %s" for column in setting)
    where = " AND ".join(f"{column} = %s" for column in naming)
    return f"UPDATE {table} SET {values} WHERE {where}"  # noqa: S608  (names of our models)


def _executemany(sql: str, rows: Sequence[Values]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(sql, rows)


def _prepared(model: type[models.Model], fields: Sequence[str], rows: Sequence[Values]) -> Sequence[Values]:
    """SQLite keeps dates and moments as text, these in UTC without zone: written otherwise, they would not compare."""
    times = _columns_of(model, fields, models.DateField)
    if connection.vendor == "postgresql" or not times or not rows:
        return rows
    columns: list[Iterable[Any]] = list(zip(*rows, strict=True))
    for at in times:
        columns[at] = map(_as_text, columns[at])
    return list(zip(*columns, strict=True))


@lru_cache(maxsize=65536)
def _as_text(value: date | datetime | None) -> str | None:
    """The same few come again and again."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return None if value is None else value.isoformat()


def _columns_of(
    model: type[models.Model], fields: Sequence[str], kind: type[models.Field[Any, Any]]
) -> list[int]:
    """Where among these fields those of this kind are. A DateTimeField is a DateField, too."""
    return [at for at, field in enumerate(fields) if isinstance(model._meta.get_field(field), kind)]


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _column(model: type[models.Model], name: str) -> str:
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)
    assert field.column is not None
    return connection.ops.quote_name(field.column)

"""Many rows as one text or one number, put together by the database.

Where a loop looks at everybody and all they hold, fetching row by row costs more than all the rest. Each expression
here stands alone in a sub-query without ordering, and makes one value of all its rows.
"""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, Func, TextField, Value

# Parts what is gathered; a value that holds it is recognised by the number of parts.
PARTED_BY = "\x1e"


class Filled(Func):
    """A template (``%s`` for each value) filled in; NULL is nothing. Dates come as YYYY-MM-DD, moments in UTC."""

    output_field = TextField()

    def __init__(self, template: str, *values: Any) -> None:
        super().__init__(Value(template), *values)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="FORMAT")

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="PRINTF")


class _Together(Func):
    """All rows' texts, one after the other in any order."""

    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template=r"STRING_AGG(%(expressions)s, E'\x1e')")

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="GROUP_CONCAT(%(expressions)s, CHAR(30))")


def gathered(template: str, *values: Any) -> Filled:
    """The number of rows, then each row's parts, as ``template`` has them: for ``parts`` to take apart."""
    rows = Func(template="COUNT(*)", output_field=BigIntegerField())
    return Filled(f"%s{PARTED_BY}%s", rows, _Together(Filled(template, *values)))


def parts(text: str, *, a_row: int) -> list[str] | None:
    """The parts of all rows, so many a row; None where a value holds what parts them."""
    size, _, rest = text.partition(PARTED_BY)
    found = rest.split(PARTED_BY) if size != "0" else []
    return found if len(found) == int(size) * a_row else None


class Fingerprint(Func):
    """A text that differs when any of these values of any row does; ``in_any_order`` makes it the same for all orders.

    Of no rows it is NULL. It says nothing across databases, or versions of one.
    """

    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="BIT_XOR(HASH_RECORD_EXTENDED(ROW(%(expressions)s), 0))::text"
        )

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        values = self.get_source_expressions()
        return compiler.compile(_Together(Filled("\x1f".join(["%s"] * len(values)), *values)))


def in_any_order(fingerprint: str | None) -> str:
    """A fingerprint, the same whatever the order of its rows."""
    return PARTED_BY.join(sorted(fingerprint.split(PARTED_BY))) if fingerprint else ""

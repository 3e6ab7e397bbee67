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


class Fingerprint(Func):
    """A text that differs when any of these values of any row does; ``in_any_order`` makes it the same for all orders.

    Of no rows it is NULL. It says nothing across databases, or versions of one.
    """

    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "BIT_XOR(HASH_RECORD_EXTENDED(ROW(%(expressions)s), 0))::text"
        return self.as_sql(compiler, connection, template=template)

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        values = self.get_source_expressions()
        row = Filled("\x1f".join(["%s"] * len(values)), *values)
        return compiler.compile(Func(row, template="GROUP_CONCAT(HEX(%(expressions)s), ',')"))


def in_any_order(fingerprint: str | None) -> str:
    """A fingerprint, the same whatever the order of its rows."""
    if fingerprint and "," in fingerprint:
        return ",".join(sorted(fingerprint.split(",")))
    return fingerprint or ""


def gathered(fingerprint: Fingerprint, template: str, *values: Any) -> Filled:
    """The number of rows, their fingerprint, and each row's parts, as ``template`` has them: for ``parts``."""
    rows = Func(template="COUNT(*)", output_field=BigIntegerField())
    return Filled(PARTED_BY.join(("%s", "%s", "%s")), rows, fingerprint, _Together(Filled(template, *values)))


def parts(text: str, *, a_row: int) -> tuple[str, list[str]] | None:
    """The fingerprint and the parts of all rows, so many a row; None where a value holds what parts them."""
    size, fingerprint, *found = text.split(PARTED_BY)
    if size == "0":
        return "", []
    return (fingerprint, found) if len(found) == int(size) * a_row else None

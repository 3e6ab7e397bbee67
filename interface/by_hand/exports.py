"""A list taken away as it is shown: to look at, to sort, to hand on, and not to come back.

For files that come back there are downloads (``downloads.py``), in the columns of their uploads. Here the columns are
the list's own, whichever list it is, and the rows of as many organisations as it shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO, Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from interface.by_hand.downloads import NothingToTakeError, TooManyRowsError
from interface.by_hand.list_columns import Column
from interface.by_hand.sheets.row import Kind
from interface.by_hand.sheets.writing import writer
from people.audit.actions import record_many
from people.audit.events import Event, organisation_of

# What the list looks up beside its rows is looked up once for so many.
_READ_AT_ONCE: Final = 1000
EXPORTED: Final = "exported"


def counted(rows: QuerySet[Any]) -> int:
    """How many rows, counted no further than one more than may be taken away."""
    most: int = settings.EXPORT_MAX_ROWS
    return rows.order_by().select_related(None)[: most + 1].count()


def export_list(
    rows: QuerySet[Any],
    columns: Sequence[Column],
    *,
    narrowed: Mapping[str, Any],
    kind: Kind,
    file: BinaryIO,
) -> None:
    """The rows stand in the file as their list shows them, and that they were taken in the audit.

    ``narrowed`` is what the audit tells of the list's filters. Raises NothingToTakeError and TooManyRowsError.
    """
    taken = write_list(rows, columns, kind=kind, file=file)
    # Not before all is read: on SQLite nobody else writes while this does.
    with transaction.atomic():
        record_taken(EXPORTED, taken, of=rows.model._meta.label_lower, told=telling(columns, kind, narrowed))


def write_list(
    rows: QuerySet[Any],
    columns: Sequence[Column],
    *,
    kind: Kind,
    file: BinaryIO,
    tell: Callable[[int], None] = lambda rows: None,
) -> Counter[int]:
    """The rows stand in the file. Of which organisation (0: of none) how many.

    ``tell`` is called with how many there are so far. Raises NothingToTakeError and TooManyRowsError.
    """
    if counted(rows) > settings.EXPORT_MAX_ROWS:
        raise TooManyRowsError(settings.EXPORT_MAX_ROWS)
    taken: Counter[int] = Counter()
    with writer(file, kind) as sheet:
        sheet.write([column.header for column in columns], is_header=True)
        for number, row in enumerate(rows.iterator(chunk_size=_READ_AT_ONCE), 1):
            sheet.write([column.text(row) for column in columns])
            taken[organisation_of(row)] += 1
            if number % _READ_AT_ONCE == 0:
                tell(number)
    if not taken:
        raise NothingToTakeError
    return taken


def telling(columns: Sequence[Column], kind: Kind, narrowed: Mapping[str, Any]) -> dict[str, Any]:
    """What the audit tells of a file beside how many rows it has."""
    return {"what": f"list.{kind}", "columns": [column.header for column in columns], **narrowed}


def record_taken(verb: str, taken: Mapping[int, int], *, of: str, told: Mapping[str, Any]) -> None:
    """One event stands in the chain of each organisation of which there are rows; ``of`` which model."""
    record_many(
        Event(verb, key, record_type=of, after={"rows": count, **told}) for key, count in taken.items()
    )

"""A list taken away in the columns of its upload: corrected, the file is uploaded again as it is.

What stands in a download is what is stored: uploaded untouched it changes nothing. So that it can come back, it is of
one organisation, as an upload is, and has no more rows than an upload may have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

from django.db import transaction
from django.db.models import QuerySet

from competencies.models import CompetencyElement
from interface.by_hand.completion_rows import cells_of_line
from interface.by_hand.opening import limits
from interface.by_hand.sheets.row import Kind
from interface.by_hand.sheets.writing import writer
from interface.by_hand.tables import TABLES, Table
from interface.models import Connection, InboundFile, InboundKind, InboundRecord
from people.audit.actions import record_many
from people.audit.events import Event
from people.models import Organisation
from people.models.audit import INSTALLATION
from people.resources import OrganisationResource

_READ_AT_ONCE: Final = 2000

DOWNLOADS: Final[Mapping[str, Table]] = {
    **TABLES,
    # New ones come with load_setup, which takes the same columns: nobody uploads them here.
    "organisations": Table(
        "organisations", "Organisations", "Who they are.", (), "people_organisation", OrganisationResource
    ),
}


class NothingToTakeError(Exception):
    """No row of the list is of whom the download is for."""


class TooManyRowsError(Exception):
    """More rows than an upload may have; the number is that limit."""


def take_away(
    table: Table,
    listed: QuerySet[Any],
    *,
    of: Organisation | Connection | None,
    kind: Kind,
    file: BinaryIO,
) -> int:
    """The rows of the list that are ``of`` this one stand in the file, and that they were taken in the audit.

    ``of`` is a connection for completions; None means what belongs to no organisation. How many rows there were.
    Raises NothingToTakeError and TooManyRowsError.
    """
    columns, count = [name for name, _, _ in table.columns()], 0
    organisation = of.organisation_id if isinstance(of, Connection) else of.pk if of else INSTALLATION
    with transaction.atomic(), writer(file, kind) as sheet:
        sheet.write(columns, is_header=True)
        for cells in rows_of(table, listed, of=of):
            sheet.write(cells)
            count += 1
        if not count:
            raise NothingToTakeError
        told = {"rows": count, "columns": columns, "what": f"{table.slug}.{kind}"}
        record_many([Event("exported", organisation, record_type=listed.model._meta.label_lower, after=told)])
    return count


def rows_of(
    table: Table, listed: QuerySet[Any], *, of: Organisation | Connection | None
) -> Iterator[list[str]]:
    """Cell by cell, as an upload reads them. Raises TooManyRowsError before the first."""
    if isinstance(of, Connection):
        return _completions(listed, of)
    assert table.resource is not None, "only completions are of a connection"
    theirs = {"pk": of and of.pk} if listed.model is Organisation else {"organisation": of}
    rows = table.resource().of_list(listed.filter(**theirs))
    most = limits().rows
    if rows.order_by()[: most + 1].count() > most:
        raise TooManyRowsError(most)
    return map(table.resource().cells_of, rows.iterator(chunk_size=_READ_AT_ONCE))


def _completions(listed: QuerySet[Any], connection: Connection) -> Iterator[list[str]]:
    """What was uploaded by hand for this connection and is held: of each reference the line that came last."""
    by_hand = CompetencyElement.objects.held().by_hand().filter(source_id=connection.pk)
    theirs = listed.filter(pk__in=by_hand.order_by().values("pk"))
    most = limits().rows
    wanted = set(theirs.order_by().values_list("source_reference", flat=True).distinct()[: most + 1])
    if len(wanted) > most:
        raise TooManyRowsError(most)
    return _last_lines(connection, wanted)


def _last_lines(connection: Connection, wanted: set[str]) -> Iterator[list[str]]:
    files = InboundFile.objects.filter(connection=connection, kind=InboundKind.BY_HAND).order_by("-pk")
    for file in files:
        if not wanted:
            return
        lines = InboundRecord.objects.filter(file=file, code__gte="I").order_by("line_number")
        rows = lines.values_list("source_reference", "raw").iterator(chunk_size=_READ_AT_ONCE)
        for reference, raw in rows:
            if reference in wanted and (cells := cells_of_line(raw)):
                wanted.discard(reference)
                yield cells

"""The records of a file that are still rejected, for a person to correct and send again; and what came right since."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from competencies.models import CompetencyElement
from interface.decision.codes import Code
from interface.formats import moments, names
from interface.formats.envelope import Header
from interface.formats.names import FileName
from interface.formats.rejected import rejected_file
from interface.models import Connection, InboundFile, InboundRecord, ReplayedRecord
from interface.questions.records import FIRST_TAKEN, LMS, rejected

# Not taken from a later file either.
_NOT_TAKEN: Final = (Code.OLDER_VERSION, Code.NOTHING_TO_WITHDRAW)
BY_REPLAY: Final = "a replay"


def still_rejected(file: InboundFile) -> QuerySet[InboundRecord]:
    """Those with an E code that have not come right since, in the file's order."""
    return not_right_since(InboundRecord.objects.filter(file=file)).order_by("line_number")


def not_right_since(records: QuerySet[InboundRecord]) -> QuerySet[InboundRecord]:
    """Rejected ones that no replay settled, and whose reference was not taken from a later file of the connection."""
    return rejected(records).exclude(_is_right_since())


def right_since(records: QuerySet[InboundRecord]) -> QuerySet[InboundRecord]:
    """Rejected ones that came right since."""
    return rejected(records).filter(_is_right_since())


def with_right_since(records: QuerySet[InboundRecord]) -> QuerySet[InboundRecord]:
    """Each with ``right_in``: where a rejected one came right since, a replay or a later file by its name; or None."""
    later = Coalesce(_first(_of_person(), "file__name"), _first(_of_element(), "taken_in"))
    told = Case(When(_is_settled(), then=Value(BY_REPLAY)), default=later, output_field=CharField())
    return records.annotate(right_in=Case(When(code__lt=FIRST_TAKEN, then=told), output_field=CharField()))


def _is_right_since() -> Q:
    return Q(_is_settled()) | Q(Exists(_of_person())) | Q(Exists(_of_element()))


def _is_settled() -> Exists:
    again = ReplayedRecord.objects.filter(file=OuterRef("file"), line_number=OuterRef("line_number"))
    return Exists(again.exclude(code__startswith="E"))


def _of_person() -> QuerySet[InboundRecord]:
    """Of the same person."""
    connection = OuterRef("file__connection")
    return _taken(person=OuterRef("person"), connection=connection, after=OuterRef("file_id"))


def _of_element() -> QuerySet[CompetencyElement]:
    """Of whom the reference belongs to by now: when the line was rejected, nobody may have known who is meant."""
    lines = _taken(
        person=OuterRef("person"), connection=OuterRef("source_id"), after=OuterRef(OuterRef("file_id"))
    )
    elements = CompetencyElement.objects.filter(
        source=LMS, source_id=OuterRef("file__connection"), source_reference=OuterRef("source_reference")
    )
    return elements.annotate(taken_in=_first(lines, "file__name")).filter(taken_in__isnull=False)


def _taken(*, person: OuterRef, connection: OuterRef, after: OuterRef) -> QuerySet[InboundRecord]:
    """The person's lines with the same reference that were taken from a later file, which was not undone.

    Along the index of whose lines they are: were files joined, SQLite would begin at every later one.
    """
    files = InboundFile.objects.filter(
        pk=OuterRef("file"), connection=OuterRef(connection), undo__isnull=True
    )
    lines = InboundRecord.objects.exclude(source_reference="").exclude(code__in=_NOT_TAKEN)
    return lines.filter(
        Exists(files),
        person=person,
        source_reference=OuterRef("source_reference"),
        code__gte=FIRST_TAKEN,
        file_id__gt=after,
    ).order_by("file_id")


def _first(rows: QuerySet[Any], column: str) -> Subquery:
    return Subquery(rows.values(column)[:1])


def next_name(connection: Connection, *, on: date) -> FileName:
    """The name under which the connection's next completions file is expected."""
    return names.build(
        "LCU",
        vpd=connection.organisation.vpd,
        sub_type=connection.sub_type,
        business_date=on,
        number=connection.next_inbound,
    )


def to_correct(file: InboundFile, *, name: FileName, at: datetime) -> Iterator[bytes]:
    """A completions file of the records that are still rejected. Its name is that of the connection's next file."""
    header = Header(str(name), at, name.vpd, moments.read_timestamp(file.this_run), at)
    lines = still_rejected(file).values_list("raw", flat=True).iterator(chunk_size=2000)
    return rejected_file(header, lines, encoding=file.connection.encoding)

"""The records of a file that are still rejected, for a person to correct and send again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from django.db.models import Exists, OuterRef, QuerySet

from interface.formats import moments, names
from interface.formats.envelope import Header
from interface.formats.names import FileName
from interface.formats.rejected import rejected_file
from interface.models import Connection, InboundFile, InboundRecord, ReplayedRecord
from interface.questions.records import rejected


def still_rejected(file: InboundFile) -> QuerySet[InboundRecord]:
    """Those with an E code that no replay has settled since, in the file's order."""
    again = ReplayedRecord.objects.filter(file=OuterRef("file"), line_number=OuterRef("line_number"))
    settled = Exists(again.exclude(code__startswith="E"))
    return rejected(InboundRecord.objects.filter(file=file)).exclude(settled).order_by("line_number")


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

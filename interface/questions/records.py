"""Finding records of a million: by code, by night, by person, by the LMS's reference. Each question has its index."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from competencies.models import CompetencyElement
from interface.models import Connection, InboundFile, InboundRecord
from people.search import PersonKeys

Records = QuerySet[InboundRecord]
# SQLite uses a partial index only where the query repeats its condition letter by letter, not as a parameter.
FIRST_TAKEN: Final = RawSQL("'I'", ())
LMS: Final = RawSQL("'LMS'", ())


def rejected(records: Records) -> Records:
    """Those with an E code."""
    return records.filter(code__lt=FIRST_TAKEN)


def with_code(records: Records, code: str) -> Records:
    """Those with one code; only files that have any are looked into."""
    files = InboundFile.objects.filter(counts__has_key=code).order_by().values("pk")
    found = records.filter(code=code, file__in=files)
    return rejected(found) if code.startswith("E") else found


def of_night(records: Records, night: date) -> Records:
    """Those of the files of one business date."""
    return records.filter(file__in=InboundFile.objects.filter(business_date=night).order_by().values("pk"))


def records_found(records: Records, text: str, *, persons: list[int] | PersonKeys) -> Records:
    """Those of these persons, whom the text finds, and those with this LMS's reference.

    References have an index where records were rejected. Where they were not, the element that they made has one, and
    leads to the person, whose records have.
    """
    text = text.strip()
    holders = CompetencyElement.objects.filter(
        source=LMS, source_id__in=Connection.objects.order_by().values("pk"), source_reference=text
    )
    theirs = list(holders.order_by().values_list("person_id", flat=True)[:200])
    of_reference = Q(person__in=theirs, source_reference=text) | Q(
        code__lt=FIRST_TAKEN, source_reference=text
    )
    return records.filter(of_reference | Q(person__in=persons))

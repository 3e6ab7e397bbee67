"""The sent ledger becomes one row a person: every record of it is kept, with the file that carried it.

Between making the new table and dropping the old one, in a transaction of its own: PostgreSQL alters no table while
keys are still to be checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db import migrations

# Pure and versioned: what it packs today, every later version of it reads.
from interface.outbound.packing import Entry, pack, unpack


def pack_the_ledger(apps: Any, schema_editor: Any) -> None:
    """One row for each person and connection. The whole's digest is 0: the next file looks at everybody closely."""
    SentRecord, SentPicture = (apps.get_model("interface", name) for name in ("SentRecord", "SentPicture"))
    InboundFile = apps.get_model("interface", "InboundFile")
    unanswered = set(InboundFile.objects.exclude(state="answered").values_list("pk", flat=True))
    rows = SentRecord.objects.order_by("connection_id", "person_id").iterator(chunk_size=5000)
    pictures = []
    for (connection, person), found in groupby(rows, key=attrgetter("connection_id", "person_id")):
        records = sorted(found, key=_in_order)
        if person is not None and all(one.record_type != "PRA" for one in records):
            # Never sent: what the partner told us of them waits for the next file where it is told now.
            _mark(apps, records)
            continue
        newest = max((one.outbound_file_id for one in records if one.outbound_file_id), default=None)
        pictures.append(
            SentPicture(
                organisation_id=records[0].organisation_id,
                connection_id=connection,
                person_id=person,
                last_file_id=newest,
                records=pack(dict(_entries(records, unanswered))),
            )
        )
        if len(pictures) >= 1000:
            SentPicture.objects.bulk_create(pictures)
            pictures = []
    SentPicture.objects.bulk_create(pictures)


def _in_order(record: Any) -> tuple[int, int, str]:
    return ("CDA", "PRA", "ASA", "CMA").index(record.record_type), len(record.key), record.key


def _entries(records: list[Any], unanswered: set[int]) -> Iterator[tuple[tuple[str, str], Entry]]:
    for one in records:
        file = one.outbound_file_id or -(one.inbound_file_id or 0)
        # What was not answered yet counts as held with unknown content: it is sent once more.
        digest = 0 if one.inbound_file_id in unanswered else one.digest
        yield (one.record_type, one.key), Entry(digest, file)


def _mark(apps: Any, records: list[Any]) -> None:
    CompetencyElement = apps.get_model("competencies", "CompetencyElement")
    Connection = apps.get_model("interface", "Connection")
    for one in records:
        elements = CompetencyElement.objects.filter(
            organisation=one.organisation_id, element_id=one.key, source="LMS", source_id=one.connection_id
        )
        elements.update(
            told_digest=one.digest,
            told_in=one.inbound_file_id or 0,
            told_before=Connection.objects.get(pk=one.connection_id).next_outbound,
        )


def unpack_the_ledger(apps: Any, schema_editor: Any) -> None:
    """The way back: one row for each record."""
    SentRecord, SentPicture = (apps.get_model("interface", name) for name in ("SentRecord", "SentPicture"))
    for row in SentPicture.objects.order_by("pk").iterator(chunk_size=1000):
        SentRecord.objects.bulk_create(
            SentRecord(
                organisation_id=row.organisation_id,
                connection_id=row.connection_id,
                person_id=row.person_id,
                record_type=record_type,
                key=key,
                digest=entry.digest,
                outbound_file_id=entry.outbound_file,
                inbound_file_id=entry.inbound_file,
            )
            for (record_type, key), entry in unpack(row.records).items()
        )


class Migration(migrations.Migration):
    dependencies = [
        ("competencies", "0004_told_by_the_lms"),
        ("interface", "0005_sent_picture"),
    ]

    operations = [migrations.RunPython(pack_the_ledger, unpack_the_ledger)]

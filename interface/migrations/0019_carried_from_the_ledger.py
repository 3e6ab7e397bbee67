"""Who was carried by the files of before, as far as the sent ledger still knows: by the file that first carried a
record as it is held now, and by full files since. What was overtaken before this migration is not known any more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db import migrations

# Pure and versioned: what was packed once, every later version of it reads.
from interface.outbound.packing import unpack

AT_ONCE = 5000


def enter_what_is_known(apps: Any, schema_editor: Any) -> None:
    """A row for each person and file of which the ledger tells."""
    CarriedPerson = apps.get_model("interface", "CarriedPerson")
    rows: list[Any] = []
    for row in _carried(apps):
        rows.append(CarriedPerson(**row, deletes=0))
        if len(rows) >= AT_ONCE:
            CarriedPerson.objects.bulk_create(rows)
            rows = []
    CarriedPerson.objects.bulk_create(rows)


def _carried(apps: Any) -> Iterator[dict[str, int]]:
    SentPicture, OutboundFile = (
        apps.get_model("interface", name) for name in ("SentPicture", "OutboundFile")
    )
    for connection in apps.get_model("interface", "Connection").objects.order_by("pk"):
        files = OutboundFile.objects.filter(connection=connection, number__isnull=False)
        numbers = dict(files.values_list("pk", "number"))
        fulls = set(files.filter(kind="GOF").values_list("pk", flat=True))
        pictures = SentPicture.objects.filter(connection=connection, person__isnull=False).order_by("pk")
        for person, packed in pictures.values_list("person_id", "records").iterator(chunk_size=1000):
            first = Counter(entry.file for entry in unpack(packed).values() if entry.file in numbers)
            for file in first.keys() | fulls:
                again = [count for one, count in first.items() if numbers[one] < numbers[file]]
                records = first[file] + (sum(again) if file in fulls else 0)
                if records:
                    yield {
                        "organisation_id": connection.organisation_id,
                        "file_id": file,
                        "person_id": person,
                        "records": records,
                    }


class Migration(migrations.Migration):
    dependencies = [("interface", "0018_carried_person")]

    operations = [migrations.RunPython(enter_what_is_known, migrations.RunPython.noop)]

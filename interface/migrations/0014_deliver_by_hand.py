"""Putting a file into a connection's In by hand has a permission of its own."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("interface", "0013_held_loads")]

    operations = [
        migrations.AlterModelOptions(
            name="inboundfile",
            options={
                "base_manager_name": "objects",
                "ordering": ("-received_at", "-id"),
                "permissions": [
                    ("release_inboundfile", "Can pass over the gap before a held inbound file"),
                    ("preview_inboundfile", "Can preview what an inbound file would do"),
                    ("undo_inboundfile", "Can undo an applied inbound file"),
                    ("deliver_inboundfile", "Can put a file into a connection's In by hand"),
                ],
            },
        )
    ]

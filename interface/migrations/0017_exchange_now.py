"""Starting a connection's exchange by hand has a permission of its own."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("interface", "0016_uploaded_by")]

    operations = [
        migrations.AlterModelOptions(
            name="connection",
            options={
                "base_manager_name": "objects",
                "ordering": ("organisation_id", "code"),
                "permissions": [
                    ("want_full_file_connection", "Can ask for a full file"),
                    ("pause_connection", "Can pause and resume a connection"),
                    ("exchange_connection", "Can start a connection's exchange by hand"),
                ],
            },
        )
    ]

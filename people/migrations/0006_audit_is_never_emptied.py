from django.db import migrations

from people.audit.append_only import guard_whole, unguard_whole


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0005_audit_indexes_by_organisation"),
    ]

    operations = [
        migrations.RunPython(
            lambda apps, schema_editor: guard_whole(schema_editor),
            lambda apps, schema_editor: unguard_whole(schema_editor),
        ),
    ]

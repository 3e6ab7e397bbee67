"""The list of whom one outbound file carried has an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("interface", "0019_carried_from_the_ledger"),
        ("people", "0008_export_list"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="carriedperson",
            index=models.Index(fields=["file", "person"], name="carried_by_file"),
        ),
    ]

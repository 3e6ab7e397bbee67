"""What people entered or uploaded has an index. Writing to the elements waits while it is made: a second a million."""

from django.db import migrations, models
from django.db.models.functions import Substr
from django.db.models.lookups import Exact


class Migration(migrations.Migration):
    dependencies = [
        ("competencies", "0005_keys_by_statement"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="competencyelement",
            index=models.Index(
                condition=models.Q(
                    ("source", "HAND"), Exact(Substr("source_reference", 1, 5), "HAND-"), _connector="OR"
                ),
                fields=["organisation", "id"],
                name="element_by_hand",
            ),
        ),
    ]

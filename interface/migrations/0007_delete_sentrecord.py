"""The sent ledger of before, one row a record, is packed."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("interface", "0006_pack_the_ledger"),
    ]

    operations = [migrations.DeleteModel(name="SentRecord")]

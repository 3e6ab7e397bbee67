"""How often what is held was changed stands beside the next element ID: one row an organisation."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("competencies", "0006_elements_by_hand"),
    ]

    operations = [
        migrations.AddField(
            model_name="elementcounter",
            name="changes",
            field=models.BigIntegerField(default=0),
        ),
    ]

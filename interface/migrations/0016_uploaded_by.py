"""Files of completions by hand say who uploaded them; of those uploaded before, whose upload is still there."""

from typing import Any

from django.db import migrations, models
from django.db.models import Q

from people.tenancy import everywhere


def name_uploaders(apps: Any, schema_editor: Any) -> None:
    """Uploads are cleared away after a day; their files stay."""
    upload, file = (apps.get_model("interface", name) for name in ("Upload", "InboundFile"))
    with everywhere("a migration serves every organisation"):
        for key, name in upload.objects.filter(inbound_file__isnull=False).values_list(
            "inbound_file", "user__username"
        ):
            file.objects.filter(pk=key).update(uploaded_by=name)


class Migration(migrations.Migration):
    dependencies = [
        ("interface", "0015_mass_changes_by_hand"),
    ]

    operations = [
        migrations.AddField(
            model_name="inboundfile",
            name="uploaded_by",
            field=models.CharField(
                blank=True,
                help_text="Of completions by hand: the account that uploaded them.",
                max_length=150,
            ),
        ),
        migrations.RunPython(name_uploaders, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="inboundfile",
            constraint=models.CheckConstraint(
                name="inbound_uploaded_by_hand_alone",
                condition=Q(("kind", "LCH"), ("uploaded_by", ""), _connector="OR"),
            ),
        ),
    ]

"""What an LMS told us is marked on the element, so that inbound need not write the sent ledger."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("competencies", "0003_renewal_pair"),
        ("people", "0002_vpd_is_three_digits_and_no_more"),
    ]

    operations = [
        migrations.AddField(
            model_name="competencyelement",
            name="told_before",
            field=models.IntegerField(
                blank=True,
                editable=False,
                help_text="The number of the outbound file that was next for that LMS when it told us.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="competencyelement",
            name="told_digest",
            field=models.BigIntegerField(
                blank=True,
                editable=False,
                help_text="Of the values that the LMS holds since it told us; 0: it holds others than we do.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="competencyelement",
            name="told_in",
            field=models.BigIntegerField(
                blank=True, editable=False, help_text="The key of the inbound file that told us.", null=True
            ),
        ),
        migrations.AddConstraint(
            model_name="competencyelement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("told_before__isnull", True),
                        ("told_digest__isnull", True),
                        ("told_in__isnull", True),
                    ),
                    models.Q(
                        ("source", "LMS"),
                        ("told_before__isnull", False),
                        ("told_digest__isnull", False),
                        ("told_in__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="element_told_in_whole",
            ),
        ),
    ]

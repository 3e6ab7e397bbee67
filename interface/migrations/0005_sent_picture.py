"""The sent ledger, one row a person."""

import django.db.models.deletion
from django.db import migrations, models

import people.constraints


class Migration(migrations.Migration):
    dependencies = [
        ("interface", "0004_fill_failures_and_advice"),
        ("people", "0002_vpd_is_three_digits_and_no_more"),
    ]

    operations = [
        migrations.CreateModel(
            name="SentPicture",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.BigIntegerField(default=0)),
                ("records", models.BinaryField()),
                (
                    "connection",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sent_pictures",
                        to="interface.connection",
                    ),
                ),
                (
                    "last_file",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="interface.outboundfile",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="people.organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("connection", "person"), name="sent_picture_of_person_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("person__isnull", True)),
                        fields=("connection",),
                        name="sent_picture_of_catalogue_once",
                    ),
                    people.constraints.CompositeForeignKey(
                        fields=("organisation", "person"),
                        name="sent_picture_same_organisation",
                        to="people.Person",
                        to_fields=("organisation", "id"),
                    ),
                ],
            },
        ),
    ]

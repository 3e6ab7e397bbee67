"""Whom each outbound file carried."""

import django.db.models.deletion
from django.db import migrations, models

import people.constraints


class Migration(migrations.Migration):
    dependencies = [
        ("interface", "0017_exchange_now"),
        ("people", "0008_export_list"),
    ]

    operations = [
        migrations.CreateModel(
            name="CarriedPerson",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("records", models.PositiveIntegerField()),
                ("deletes", models.PositiveIntegerField()),
                (
                    "file",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="carried",
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
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("person", "file"), name="carried_once_per_file"),
                ],
            },
        ),
        # By itself: the way back then takes its functions along.
        migrations.AddConstraint(
            model_name="carriedperson",
            constraint=people.constraints.CompositeForeignKey(
                by_statement=True,
                fields=("organisation", "person"),
                name="carried_person_same_organisation",
                to="people.Person",
                to_fields=("organisation", "id"),
            ),
        ),
    ]

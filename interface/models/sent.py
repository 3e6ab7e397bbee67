"""The sent ledger: what each partner holds of each person, as far as we sent it or it told us; and what carried it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from interface.models.connection import Connection
from interface.models.outbound import OutboundFile
from people.constraints import belongs_to
from people.models import Organisation, Person
from people.privacy import Classification, classify
from people.tenancy import ScopedManager


class SentPicture(models.Model):
    """What a partner holds of one person, or without a person the catalogue: the base of the next difference (P11).

    ``records`` are packed (``interface.outbound.packing``): for each record its key, the digest of its content without
    Last Update, and the outbound file that first carried this content, or the inbound file by which the partner told
    us. ``digest`` is of the whole picture as of the last file, by which most people are seen to be unchanged; 0 where
    it has to be looked at. ``last_file`` is the newest outbound file among those of the records.
    """

    privacy: ClassVar[Classification] = classify(
        identifier="records", technical="id organisation connection person digest last_file"
    )

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, db_constraint=False, db_index=False
    )
    connection = models.ForeignKey(
        Connection,
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="sent_pictures",
    )
    person = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    digest = models.BigIntegerField(default=0)
    last_file = models.ForeignKey(
        OutboundFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    records = models.BinaryField()

    objects = ScopedManager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=("connection", "person"), name="sent_picture_of_person_once"),
            models.UniqueConstraint(
                fields=("connection",),
                condition=Q(person__isnull=True),
                name="sent_picture_of_catalogue_once",
            ),
            belongs_to("person", of="people.Person", name="sent_picture_same_organisation"),
        ]

    def __str__(self) -> str:
        return f"What {self.connection} holds of {self.person or 'the catalogue'}"


class CarriedPerson(models.Model):
    """That an outbound file carried a person: so many records, and so many deletes.

    The ledger above forgets a file when what it carried is overtaken. Here it stays, for a person's timeline, and for
    the list of whom a file carried.
    """

    privacy: ClassVar[Classification] = classify(technical="id organisation file person records deletes")

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, db_constraint=False, db_index=False
    )
    file = models.ForeignKey(
        OutboundFile, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="carried"
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    records = models.PositiveIntegerField()
    deletes = models.PositiveIntegerField()

    objects = ScopedManager()

    class Meta:
        base_manager_name = "objects"
        # The console's list of whom one file carried.
        indexes = [models.Index(fields=("file", "person"), name="carried_by_file")]
        constraints = [
            models.UniqueConstraint(fields=("person", "file"), name="carried_once_per_file"),
            # A full file writes a row of everybody.
            belongs_to(
                "person", of="people.Person", name="carried_person_same_organisation", by_statement=True
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file} carried {self.person}"

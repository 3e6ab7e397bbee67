"""The outbound ledger: every file that we published, and what keeps one from going out."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from interface.models.connection import Connection
from interface.models.inbound import InboundFile
from people.constraints import belongs_to
from people.models import Organisation
from people.privacy import NOT_PERSONAL, Classification
from people.tenancy import ScopedManager


class OutboundKind(models.TextChoices):
    """What a file in the Out folder is."""

    FULL = "GOF", "Full file"
    CHANGES = "GOC", "Changes file"
    CONFIRMATION = "LCC", "Confirmation"
    SUPPLEMENT = "LCS", "Supplementary confirmation"
    REFUSAL = "LCR", "Refusal"


class OutboundFile(models.Model):
    """A file rendered once: its bytes lie in the archive under this hash and never change (promises P7).

    It is published when its copy stands in the Out folder; a crash between leaves ``published_at`` empty, and the next
    run publishes the same bytes.
    """

    privacy: ClassVar[Classification] = NOT_PERSONAL

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, db_constraint=False, related_name="outbound_files"
    )
    kind = models.CharField(max_length=3, choices=OutboundKind)
    name = models.CharField(max_length=255)
    number = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of the outbound sequence; empty for answers."
    )
    answers = models.ForeignKey(
        InboundFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="answers",
    )
    business_date = models.DateField()
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveBigIntegerField()
    records = models.PositiveIntegerField(default=0, help_text="Lines between header and trailer.")
    counts = models.JSONField(default=dict, blank=True, help_text="Lines by record type.")
    warnings = models.JSONField(default=dict, blank=True, help_text="Characters replaced and values cleaned.")
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager()

    class Meta:
        base_manager_name = "objects"
        ordering = ("-created_at", "-id")
        permissions = [("republish_outboundfile", "Can publish an outbound file again")]
        constraints = [
            models.UniqueConstraint(fields=("connection", "name"), name="outbound_name_once_per_connection"),
            models.UniqueConstraint(
                fields=("connection", "number"),
                condition=Q(number__isnull=False),
                name="outbound_number_once",
            ),
            models.UniqueConstraint(fields=("organisation", "id"), name="outbound_file_key_for_composites"),
            models.CheckConstraint(name="outbound_kind_known", condition=Q(kind__in=OutboundKind.values)),
            models.CheckConstraint(
                name="outbound_numbered_or_answer",
                condition=Q(kind__in=("GOF", "GOC"), number__isnull=False, answers__isnull=True)
                | Q(kind__in=("LCC", "LCS", "LCR"), number__isnull=True, answers__isnull=False),
            ),
            belongs_to("connection", of="interface.Connection", name="outbound_file_same_organisation"),
            belongs_to("answers", of="interface.InboundFile", name="outbound_answer_same_organisation"),
        ]

    def __str__(self) -> str:
        return self.name


class OutboundHold(models.Model):
    """An outbound file that waits for a person, because it would change or delete too many people (promises P12).

    The counts are of people. A hold that a person released lets the file of the next run through.
    """

    privacy: ClassVar[Classification] = NOT_PERSONAL

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, db_constraint=False, related_name="outbound_holds"
    )
    kind = models.CharField(max_length=3, choices=OutboundKind)
    business_date = models.DateField()
    population = models.PositiveIntegerField(help_text="People the partner holds.")
    changed = models.PositiveIntegerField()
    deleted = models.PositiveIntegerField()
    held_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.CharField(max_length=150, blank=True)
    settled_at = models.DateTimeField(
        null=True, blank=True, help_text="When a file went out, or nothing was left."
    )

    objects = ScopedManager()

    class Meta:
        base_manager_name = "objects"
        ordering = ("-held_at",)
        permissions = [("release_outboundhold", "Can let a held outbound file go out")]
        constraints = [
            models.UniqueConstraint(
                fields=("connection",),
                condition=Q(settled_at__isnull=True),
                name="one_open_hold_per_connection",
            ),
            models.CheckConstraint(
                name="hold_released_is_a_pair",
                condition=Q(released_at__isnull=True, released_by="")
                | (Q(released_at__isnull=False) & ~Q(released_by="")),
            ),
            belongs_to("connection", of="interface.Connection", name="outbound_hold_same_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.business_date:%Y-%m-%d}: {self.changed} changed, {self.deleted} deleted"

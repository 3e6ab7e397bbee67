"""What an inbound file changed can be taken back: the values before, and the record of who took it back."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from interface.models.inbound import InboundFile
from people.constraints import belongs_to
from people.models import Organisation
from people.privacy import NOT_PERSONAL, Classification, classify
from people.tenancy import ScopedManager

# The columns of an element that an inbound line can change.
KEPT = (
    "date_from", "date_to", "source_date_to", "proficiency_level", "certification_method", "content_digest",
    "last_update", "withdrawn_at",
)  # fmt: skip


class ElementBefore(models.Model):
    """An element as it stood before a file first touched it, written in the transaction of the change.

    Elements that the file added have no row: before the file there was nothing.
    """

    privacy: ClassVar[Classification] = classify(
        training="date_from date_to source_date_to proficiency_level certification_method",
        technical="id organisation file element_id content_digest last_update withdrawn_at",
    )

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, db_constraint=False, db_index=False
    )
    file = models.ForeignKey(
        InboundFile, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="befores"
    )
    element_id = models.CharField(max_length=20)
    date_from = models.DateField(null=True, blank=True)
    date_to = models.DateField(null=True, blank=True)
    source_date_to = models.DateField(null=True, blank=True)
    proficiency_level = models.CharField(max_length=60, blank=True)
    certification_method = models.CharField(max_length=80, blank=True)
    content_digest = models.BigIntegerField(default=0)
    last_update = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager()

    class Meta:
        base_manager_name = "objects"
        ordering = ("id",)
        verbose_name = "value before a file"
        verbose_name_plural = "values before a file"
        constraints = [
            # The element first: "what touched this element, and in which order?"
            models.UniqueConstraint(
                fields=("organisation", "element_id", "file"), name="element_before_once_per_file"
            ),
            belongs_to("file", of="interface.InboundFile", name="element_before_same_organisation"),
        ]
        indexes = [models.Index(fields=("file",), name="element_before_by_file")]

    def __str__(self) -> str:
        return f"{self.element_id} before file {self.file_id}"


class Undo(models.Model):
    """An applied file was undone: its elements are withdrawn, or have the values they had before it."""

    privacy: ClassVar[Classification] = NOT_PERSONAL

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    file = models.OneToOneField(
        InboundFile, on_delete=models.PROTECT, db_constraint=False, related_name="undo"
    )
    undone_at = models.DateTimeField()
    undone_by = models.CharField(max_length=150)
    reason = models.CharField(max_length=200)
    withdrawn = models.PositiveIntegerField(help_text="Elements that the file had added.")
    restored = models.PositiveIntegerField(help_text="Elements that have their values of before.")

    objects = ScopedManager()

    class Meta:
        base_manager_name = "objects"
        ordering = ("-undone_at", "-id")
        verbose_name = "undone file"
        constraints = [
            models.CheckConstraint(name="undo_says_who_and_why", condition=~Q(undone_by="") & ~Q(reason="")),
            belongs_to("file", of="interface.InboundFile", name="undo_same_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.file} undone"

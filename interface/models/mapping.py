"""Mapping: which competences an LMS's course gives."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from competencies.models import Competence
from interface.models.connection import Connection
from people.constraints import belongs_to
from people.models import Organisation
from people.privacy import NOT_PERSONAL, Classification
from people.tenancy import ScopedManager


class Direction(models.TextChoices):
    """Which way a mapping is used."""

    BOTH = "both", "Both"
    INBOUND = "inbound", "From the LMS"
    OUTBOUND = "outbound", "To the LMS"


class ExpiryRule(models.TextChoices):
    """Whose expiry date rules for a completion resolved by this course (wire format §5)."""

    RENEWAL = "renewal", "The competence's renewal period"
    LMS = "lms", "The LMS's date, where it sends one"


class Mapping(models.Model):
    """A course (of a version, or of any) gives a competence; several rows of one course give several."""

    privacy: ClassVar[Classification] = NOT_PERSONAL

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, db_constraint=False, related_name="mappings"
    )
    course_code = models.CharField(max_length=100)
    course_version = models.CharField(max_length=20, blank=True, help_text="Empty for any version.")
    competence = models.ForeignKey(Competence, on_delete=models.PROTECT, related_name="mappings")
    direction = models.CharField(max_length=10, choices=Direction, default=Direction.BOTH)
    expiry = models.CharField(max_length=10, choices=ExpiryRule, default=ExpiryRule.RENEWAL)

    objects = ScopedManager()

    class Meta:
        base_manager_name = "objects"
        ordering = ("connection_id", "course_code", "course_version", "competence__name")
        constraints = [
            models.UniqueConstraint(
                fields=("connection", "course_code", "course_version", "competence"), name="mapping_once"
            ),
            models.CheckConstraint(name="mapping_expiry_known", condition=Q(expiry__in=ExpiryRule.values)),
            models.CheckConstraint(
                name="mapping_direction_known", condition=Q(direction__in=Direction.values)
            ),
            belongs_to("connection", of="interface.Connection", name="mapping_same_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.course_code} {self.course_version}".strip() + f" → {self.competence}"

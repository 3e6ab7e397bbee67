"""Connections: one organisation's exchange with one Learning Management System."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from people.dates import written
from people.models import Organisation
from people.privacy import NOT_PERSONAL, Classification
from people.tenancy import ScopedManager


class Encoding(models.TextChoices):
    """Of a connection's files (wire format §1)."""

    ISO_8859_1 = "iso-8859-1", "ISO-8859-1"
    UTF_8 = "utf-8", "UTF-8"


class Restriction(models.TextChoices):
    """Whom a connection carries (wire format §3)."""

    ALL = "all", "Everybody"
    PAYROLL = "payroll", "Payrolls"
    POSITION = "position", "Positions"
    ASSIGNMENT = "assignment", "Assignments"


class Transport(models.TextChoices):
    """How files travel."""

    FOLDER = "folder", "Folder"


class Connection(models.Model):
    """What was agreed in the work order, and how far both sequences have come."""

    privacy: ClassVar[Classification] = NOT_PERSONAL

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="connections")
    code = models.CharField(
        max_length=40,
        validators=[
            RegexValidator(r"^[A-Z0-9_-]+\Z", "Capital letters, digits, _ and - only: it names a folder.")
        ],
    )
    lms_name = models.CharField("LMS", max_length=100)
    supplier = models.CharField(max_length=100, blank=True)
    sub_type = models.CharField(
        max_length=3,
        default="CST",
        validators=[RegexValidator(r"^[A-Z0-9]{3}\Z", "Three capital letters or digits.")],
        help_text="The consumer family in file names.",
    )
    encoding = models.CharField(max_length=10, choices=Encoding, default=Encoding.ISO_8859_1)
    restriction = models.CharField(max_length=10, choices=Restriction, default=Restriction.ALL)
    restriction_values = models.JSONField(
        default=list,
        blank=True,
        help_text="Payroll names, position IDs or assignment numbers, as a JSON list.",
    )
    transport = models.CharField(max_length=10, choices=Transport, default=Transport.FOLDER)
    send_ni_number = models.BooleanField("send the NI number", default=False)
    live_on = models.DateField("go-live date", null=True, blank=True)
    next_inbound = models.PositiveIntegerField(
        "next inbound number",
        default=1,
        validators=[MinValueValidator(1)],
        help_text="The number expected next.",
    )
    next_outbound = models.PositiveIntegerField(
        "next outbound number", default=1, validators=[MinValueValidator(1)]
    )
    full_file_wanted = models.CharField(
        max_length=200,
        blank=True,
        help_text="Why the next outbound file is to be a full one; empty for changes.",
    )
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_by = models.CharField(max_length=150, blank=True)
    pause_reason = models.CharField(max_length=200, blank=True)

    objects = ScopedManager()

    class Meta:
        base_manager_name = "objects"
        ordering = ("organisation_id", "code")
        permissions = [
            ("want_full_file_connection", "Can ask for a full file"),
            ("pause_connection", "Can pause and resume a connection"),
            ("exchange_connection", "Can start a connection's exchange by hand"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("organisation", "code"), name="connection_code_once_per_organisation"
            ),
            models.UniqueConstraint(fields=("organisation", "id"), name="connection_key_for_composites"),
            models.CheckConstraint(
                name="connection_encoding_known", condition=Q(encoding__in=Encoding.values)
            ),
            models.CheckConstraint(
                name="connection_restriction_known", condition=Q(restriction__in=Restriction.values)
            ),
            models.CheckConstraint(
                name="connection_numbers_positive", condition=Q(next_inbound__gte=1, next_outbound__gte=1)
            ),
            models.CheckConstraint(
                name="connection_paused_says_who_and_why",
                condition=Q(paused_at__isnull=True, paused_by="", pause_reason="")
                | (Q(paused_at__isnull=False) & ~Q(paused_by="") & ~Q(pause_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation.vpd}/{self.code}"

    def clean(self) -> None:
        """Rules over several fields, for forms and imports alike."""
        faults: dict[str, str] = {}
        if self.restriction == Restriction.ALL and self.restriction_values:
            faults["restriction_values"] = "The restriction “all” takes no values."
        if self.restriction != Restriction.ALL and not self.restriction_values:
            faults["restriction_values"] = f"The restriction “{self.restriction}” needs its values."
        if self.live_on and self.organisation_id and not self.organisation.is_aligned(on=self.live_on):
            faults["live_on"] = (
                "The organisation is not aligned to the CSTF on this date: it may not go live."
            )
        if faults:
            raise ValidationError(faults)

    def why_not_live(self, *, on: date) -> str:
        """Why no files may be exchanged on this business date, in words; empty where they may."""
        if self.live_on is None:
            return "The connection has no go-live date."
        if self.live_on > on:
            return f"The connection goes live on {written(self.live_on)}."
        if not self.organisation.is_aligned(on=on):
            return "The organisation is not declared as aligned to the CSTF."
        return ""

    def why_not_sending(self, *, on: date) -> str:
        """Why nothing is sent on this business date, in words; empty where files go out."""
        if self.paused_at is not None:
            return f"The connection was paused by {self.paused_by}: {self.pause_reason}"
        return self.why_not_live(on=on)

    def may_exchange(self, *, on: date) -> bool:
        """Whether files may be exchanged on this business date."""
        return not self.why_not_live(on=on)

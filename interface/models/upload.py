"""A table that somebody uploads by hand, from its arrival to what became of its rows."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from interface.models.connection import Connection
from interface.models.inbound import InboundFile
from people.constraints import belongs_to
from people.models import Organisation
from people.privacy import Classification, classify
from people.tenancy import ScopedManager


class UploadState(models.TextChoices):
    """How far an upload has come."""

    RECEIVED = "received", "Being checked"
    REFUSED = "refused", "Refused"
    CHECKED = "checked", "Checked, not applied"
    APPLYING = "applying", "Being applied"
    APPLIED = "applied", "Applied"
    FAILED = "failed", "Stopped by an error"


# Work is to be done on it; whoever does holds the row's lock.
UNDER_WAY = (UploadState.RECEIVED, UploadState.APPLYING)


class Upload(models.Model):
    """One file of one account for one organisation. Its bytes lie in the private folder under ``token``.

    ``outcome`` is the hash of all that the check found: what is applied must come to the same. ``problems`` and
    ``changes`` are the first of them, ``counts`` are of all rows. People are counted for the guard against mass
    accidents (promises P12), ``reason`` is a person's for going past it.
    """

    privacy: ClassVar[Classification] = classify(
        identifier="user file_name problems changes message reason",
        technical=(
            "id organisation table connection token sha256 size state uploaded_at ended_at rows counts outcome "
            "attempts is_large inbound_file population people_changed people_ended"
        ),
    )

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="account"
    )
    table = models.CharField(max_length=20)
    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, null=True, blank=True, db_constraint=False, related_name="+"
    )
    file_name = models.CharField(max_length=150)
    token = models.CharField(max_length=32, unique=True)
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveBigIntegerField()
    state = models.CharField(max_length=10, choices=UploadState, default=UploadState.RECEIVED)
    uploaded_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    rows = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict, blank=True)
    problems = models.JSONField(default=list, blank=True)
    changes = models.JSONField(default=list, blank=True)
    outcome = models.CharField(max_length=64, blank=True)
    message = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    population = models.PositiveIntegerField(default=0, help_text="People in the record before it.")
    people_changed = models.PositiveIntegerField(default=0)
    people_ended = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=200, blank=True, help_text="Why a mass change is meant.")
    is_large = models.BooleanField(default=False, help_text="Done in the background.")
    inbound_file = models.ForeignKey(
        InboundFile, on_delete=models.PROTECT, null=True, blank=True, db_constraint=False, related_name="+"
    )

    objects = ScopedManager()

    class Meta:
        base_manager_name = "objects"
        ordering = ("-uploaded_at", "-id")
        default_permissions = ("view",)
        permissions = [
            ("upload_persons", "Can upload persons"),
            ("upload_assignments", "Can upload assignments"),
            ("upload_positions", "Can upload positions"),
            ("upload_completions", "Can upload completions"),
        ]
        constraints = [
            models.CheckConstraint(name="upload_state_known", condition=Q(state__in=UploadState.values)),
            models.CheckConstraint(
                name="upload_ended_has_time",
                condition=Q(state__in=("applied", "refused"), ended_at__isnull=False)
                | (~Q(state__in=("applied", "refused")) & Q(ended_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="upload_checked_has_outcome",
                condition=~Q(state__in=("checked", "applying", "applied")) | ~Q(outcome=""),
            ),
            belongs_to("connection", of="interface.Connection", name="upload_connection_same_organisation"),
            belongs_to("inbound_file", of="interface.InboundFile", name="upload_file_same_organisation"),
        ]

    def __str__(self) -> str:
        return f"upload {self.pk} of {self.table}"

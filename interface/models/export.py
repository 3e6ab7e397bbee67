"""A list that is taken away as a file made in the background, from its being asked for to its being fetched."""

from __future__ import annotations

from typing import ClassVar

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q

from people.privacy import Classification, classify


class ExportState(models.TextChoices):
    """How far an export has come."""

    MAKING = "making", "Being made"
    READY = "ready", "Ready"
    FAILED = "failed", "Not made"


class Export(models.Model):
    """One file of one account. Its bytes lie in the private folder under ``token``, which each attempt has anew.

    It is of no organisation: a list may show rows of several, and ``taken`` says of which how many are in the file (0:
    of none). ``narrowed`` is the list's address behind the question mark, and may hold whom somebody searched for.
    """

    privacy: ClassVar[Classification] = classify(
        identifier="user narrowed",
        technical=(
            "id listed kind token state worker attempts asked_at begun_at ended_at rows taken of_all size sha256 "
            "message"
        ),
    )

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="account"
    )
    listed = models.CharField("list", max_length=100, help_text="The model whose list it is.")
    narrowed = models.TextField(blank=True)
    kind = models.CharField(max_length=4)
    token = models.CharField(max_length=32, unique=True)
    state = models.CharField(max_length=6, choices=ExportState, default=ExportState.MAKING)
    worker = models.CharField(max_length=150, blank=True, help_text="Who is at it; nobody before it begins.")
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    rows = models.PositiveIntegerField(help_text="When it was asked for; when it is ready, in the file.")
    taken = models.JSONField(default=dict, blank=True)
    of_all = models.BooleanField(default=False, help_text="Made by an account that sees every organisation.")
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    message = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-asked_at", "-id")
        # Everybody sees their own alone, and asks for one by the right to take lists away.
        default_permissions = ()
        constraints = [
            models.CheckConstraint(name="export_state_known", condition=Q(state__in=ExportState.values)),
            models.CheckConstraint(
                name="export_ended_has_time",
                condition=Q(state="making", ended_at__isnull=True)
                | (~Q(state="making") & Q(ended_at__isnull=False)),
            ),
            models.CheckConstraint(name="export_ready_has_hash", condition=~Q(state="ready") | ~Q(sha256="")),
        ]

    def __str__(self) -> str:
        return f"export {self.pk} of {self.listed}"

    @property
    def name(self) -> str:
        """What the list is of, in words; of a model that is gone, as it was called."""
        try:
            return str(apps.get_model(self.listed)._meta.verbose_name_plural)
        except LookupError:
            return self.listed

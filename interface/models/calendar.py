"""What is expected of a partner, and by when (promises P13): silence is noticed."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from interface.models.connection import Connection
from people.constraints import belongs_to
from people.models import Organisation
from people.privacy import NOT_PERSONAL, Classification
from people.tenancy import ScopedManager


class FileCalendar(models.Model):
    """One connection's agreement on when files come and when ours are fetched. Times are London's.

    ``weekdays`` are ISO numbers, 1 Monday to 7 Sunday; none: no file is expected on a day of its own.
    """

    privacy: ClassVar[Classification] = NOT_PERSONAL

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    connection = models.OneToOneField(
        Connection, on_delete=models.CASCADE, db_constraint=False, related_name="calendar"
    )
    since = models.DateField(help_text="The first day on which a file is expected.")
    weekdays = models.JSONField(
        default=list, blank=True, help_text="Days with a completions file: 1 Monday to 7 Sunday, as a list."
    )
    by_time = models.TimeField(help_text="By when the day's file is to be there, London time.")
    grace_minutes = models.PositiveIntegerField(default=60, help_text="Before a late file is reported.")
    pick_up_hours = models.PositiveIntegerField(
        null=True, blank=True, help_text="Within which our files leave Out; empty: not watched."
    )
    silent_days = models.PositiveIntegerField(
        default=7, help_text="Without any file from the partner before it counts as silent."
    )

    objects = ScopedManager()

    class Meta:
        base_manager_name = "objects"
        ordering = ("organisation_id", "connection_id")
        constraints = [
            models.CheckConstraint(
                name="calendar_spans_positive",
                condition=Q(silent_days__gte=1) & (Q(pick_up_hours__isnull=True) | Q(pick_up_hours__gte=1)),
            ),
            belongs_to("connection", of="interface.Connection", name="calendar_same_organisation"),
        ]

    def __str__(self) -> str:
        return f"Calendar of {self.connection}"

    def clean(self) -> None:
        """Weekdays are a list of different numbers from 1 to 7."""
        days = self.weekdays
        if not isinstance(days, list) or not all(type(day) is int and 1 <= day <= 7 for day in days):
            raise ValidationError({"weekdays": "A list of numbers from 1 (Monday) to 7 (Sunday)."})
        self.weekdays = sorted(set(days))

"""The run ledger: one row for each nightly job, organisation, subject and business date."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from people.models.organisation import Organisation
from people.privacy import NOT_PERSONAL, Classification
from people.tenancy import ScopedManager


class RunState(models.TextChoices):
    """Where a run stands."""

    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class NightlyRun(models.Model):
    """A nightly job's one run for one business date (promises P8).

    The task queue delivers at least once, so a run is claimed by a conditional UPDATE of this row and held by a lease
    that its worker renews. A run that is done is not done again by a redelivered task. ``started_at`` is of the first
    attempt, ``summary`` of all of them together.
    """

    privacy: ClassVar[Classification] = NOT_PERSONAL

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="nightly_runs")
    job = models.CharField(max_length=40)
    subject = models.CharField(
        max_length=40,
        blank=True,
        help_text="The connection's code, or empty for a job of the whole organisation.",
    )
    business_date = models.DateField()
    state = models.CharField(max_length=10, choices=RunState)
    attempts = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(
        max_length=200, blank=True, help_text="Host, process and its start: who holds the lease."
    )
    lease_until = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    summary = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)

    objects = ScopedManager()

    class Meta:
        base_manager_name = "objects"
        ordering = ("-business_date", "organisation_id", "job", "subject")
        constraints = [
            models.UniqueConstraint(
                fields=("organisation", "job", "subject", "business_date"), name="run_once_per_business_date"
            ),
            models.CheckConstraint(name="run_state_known", condition=Q(state__in=RunState.values)),
            models.CheckConstraint(
                name="run_leased_while_running",
                condition=Q(state=RunState.RUNNING, lease_until__isnull=False)
                | (~Q(state=RunState.RUNNING) & Q(lease_until__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job} {self.subject} {self.business_date:%Y-%m-%d}".replace("  ", " ")

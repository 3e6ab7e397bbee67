"""Failed records that may be mended, and what became of them when they were decided again.

An outcome never changes: a replay adds outcomes of its own beside it, and answers them in a file of its own.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from interface.models.connection import Connection
from interface.models.inbound import InboundFile
from people.constraints import belongs_to
from people.models import Organisation, Person
from people.privacy import NOT_PERSONAL, Classification, classify
from people.tenancy import ScopedManager


class OpenFailure(models.Model):
    """A line that failed for a reason which may be mended here, and has not been mended yet.

    Written with the line's outcome, in its transaction, and gone once a replay settles it: so the console counts the
    failures that are left without reading a million outcomes. ``course_code`` is filled where the course decided.
    """

    privacy: ClassVar[Classification] = classify(
        technical="id organisation connection file line_number code course_code course_version person"
    )

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, db_constraint=False, db_index=False
    )
    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    file = models.ForeignKey(
        InboundFile, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="failures"
    )
    line_number = models.PositiveIntegerField()
    code = models.CharField(max_length=4)
    course_code = models.CharField(max_length=100, blank=True)
    course_version = models.CharField(max_length=20, blank=True)
    person = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )

    objects = ScopedManager()

    class Meta:
        base_manager_name = "objects"
        ordering = ("file_id", "line_number")
        verbose_name = "record that waits"
        verbose_name_plural = "records that wait"
        indexes = [
            # The courses seen and not mapped, and the lines that a mapping mends.
            models.Index(
                fields=("connection", "code", "course_code", "course_version"), name="open_failure_by_course"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=("file", "line_number"), name="open_failure_once_per_line"),
            belongs_to("file", of="interface.InboundFile", name="open_failure_same_organisation"),
            belongs_to("person", of="people.Person", name="open_failure_person_same_organisation"),
        ]

    def __str__(self) -> str:
        return f"line {self.line_number}: {self.code}"


class Replay(models.Model):
    """Failed lines of one file decided again: its outcomes and its supplement (LCS) are written with this row."""

    privacy: ClassVar[Classification] = NOT_PERSONAL

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey(
        InboundFile, on_delete=models.PROTECT, db_constraint=False, related_name="replays"
    )
    ordinal = models.PositiveSmallIntegerField(help_text="Of the file's supplements: 1, 2, …")
    business_date = models.DateField(help_text="On which the lines were decided again.")
    replayed_at = models.DateTimeField()
    replayed_by = models.CharField(max_length=150)
    counts = models.JSONField(default=dict, blank=True, help_text="New outcomes by code.")

    objects = ScopedManager()

    class Meta:
        base_manager_name = "objects"
        ordering = ("-replayed_at", "-id")
        constraints = [
            models.UniqueConstraint(fields=("file", "ordinal"), name="replay_ordinal_once"),
            models.UniqueConstraint(fields=("organisation", "id"), name="replay_key_for_composites"),
            models.CheckConstraint(
                name="replay_ordinal_has_two_digits", condition=models.Q(ordinal__gte=1, ordinal__lte=99)
            ),
            belongs_to("file", of="interface.InboundFile", name="replay_same_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.file} replay {self.ordinal}"


class ReplayedRecord(models.Model):
    """The new outcome of one line that was decided again; the line itself stands with its first outcome."""

    privacy: ClassVar[Classification] = classify(
        training="element_ids source_reference",
        technical="id organisation replay file line_number code message person",
    )

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, db_constraint=False, db_index=False
    )
    replay = models.ForeignKey(
        Replay, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="lines"
    )
    file = models.ForeignKey(
        InboundFile, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    line_number = models.PositiveIntegerField()
    source_reference = models.CharField(max_length=64, blank=True)
    code = models.CharField(max_length=4)
    message = models.CharField(max_length=200, blank=True)
    person = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="replayed_lines",
    )
    element_ids = models.TextField(blank=True)

    objects = ScopedManager()

    class Meta:
        base_manager_name = "objects"
        ordering = ("replay_id", "line_number")
        indexes = [
            # What became of a line later, beside its first outcome.
            models.Index(fields=("file", "line_number"), name="replayed_by_line"),
        ]
        constraints = [
            models.UniqueConstraint(fields=("replay", "line_number"), name="replayed_once_per_line"),
            belongs_to("replay", of="interface.Replay", name="replayed_record_same_organisation"),
            belongs_to("person", of="people.Person", name="replayed_person_same_organisation"),
        ]

    def __str__(self) -> str:
        return f"line {self.line_number}: {self.code}"

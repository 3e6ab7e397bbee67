"""The inbound ledger: every file an LMS sent, and what became of every line of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from interface.models.connection import Connection
from people.constraints import belongs_to
from people.models import Organisation, Person
from people.privacy import NOT_PERSONAL, Classification, classify
from people.tenancy import ScopedManager


class InboundKind(models.TextChoices):
    """What a file in the In folder is."""

    COMPLETIONS = "LCU", "Learning completions"
    RESEED = "GDR", "Re-seed request"
    # Never on the wire: what people upload is decided as a file of completions is, and has numbers of its own.
    BY_HAND = "LCH", "Completions by hand"


class InboundState(models.TextChoices):
    """How far a file has come."""

    RECEIVED = "received", "Received"
    HELD = "held", "Held for a missing number"
    ACCEPTED = "accepted", "Accepted, being decided"
    APPLIED = "applied", "Decided, not yet answered"
    ANSWERED = "answered", "Answered"
    REFUSED = "refused", "Refused"
    QUARANTINED = "quarantined", "Set aside after repeated failures"


# A file's number is taken from the moment it is accepted.
TAKES_NUMBER = (
    InboundState.ACCEPTED,
    InboundState.APPLIED,
    InboundState.ANSWERED,
    InboundState.QUARANTINED,
)


class InboundFile(models.Model):
    """One content that a connection delivered: its bytes are known by their sha256 (promises P3).

    ``next_line`` is the first line not yet decided: it moves in the transaction that writes a batch's outcomes, so
    that a killed run goes on where the last commit stands. ``counts`` is the number of records by code.
    """

    privacy: ClassVar[Classification] = NOT_PERSONAL

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, db_constraint=False, related_name="inbound_files"
    )
    kind = models.CharField(max_length=3, choices=InboundKind, default=InboundKind.COMPLETIONS)
    name = models.CharField(max_length=255)
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveBigIntegerField()
    number = models.PositiveIntegerField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=InboundState, default=InboundState.RECEIVED)
    code = models.CharField(max_length=4, blank=True, help_text="The F-code of a refused or held file.")
    message = models.CharField(max_length=200, blank=True)
    received_at = models.DateTimeField()
    business_date = models.DateField(help_text="Of the run that received or last judged it.")
    uploaded_by = models.CharField(
        max_length=150, blank=True, help_text="Of completions by hand: the account that uploaded them."
    )
    previous_run = models.CharField(
        max_length=15, default="00000000 000000", help_text="As the header has it."
    )
    this_run = models.CharField(max_length=15, default="00000000 000000", help_text="As the header has it.")
    records = models.PositiveIntegerField(default=0)
    next_line = models.PositiveIntegerField(default=2)
    counts = models.JSONField(default=dict, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Since it last made progress.")
    released_at = models.DateTimeField(
        null=True, blank=True, help_text="When a person passed over a gap before it."
    )
    released_by = models.CharField(max_length=150, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    added = models.JSONField(
        default=list,
        null=True,
        blank=True,
        help_text="Ranges of the element ids that it added, [first, last]; null where nobody kept count.",
    )

    objects = ScopedManager()

    class Meta:
        base_manager_name = "objects"
        ordering = ("-received_at", "-id")
        permissions = [
            ("release_inboundfile", "Can pass over the gap before a held inbound file"),
            ("preview_inboundfile", "Can preview what an inbound file would do"),
            ("undo_inboundfile", "Can undo an applied inbound file"),
            ("deliver_inboundfile", "Can put a file into a connection's In by hand"),
        ]
        indexes = [
            # What the nightly run has still to do, and the console's "held" list.
            models.Index(
                fields=("connection", "number"),
                condition=~Q(state__in=("answered", "refused")),
                name="inbound_file_open",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("connection", "sha256"), name="inbound_bytes_once_per_connection"
            ),
            models.UniqueConstraint(
                fields=("connection", "number"),
                condition=Q(kind="LCU", state__in=[state.value for state in TAKES_NUMBER]),
                name="inbound_number_accepted_once",
            ),
            models.UniqueConstraint(
                fields=("connection", "number"),
                condition=Q(kind="LCH"),
                name="inbound_number_by_hand_once",
            ),
            models.UniqueConstraint(fields=("organisation", "id"), name="inbound_file_key_for_composites"),
            models.CheckConstraint(name="inbound_state_known", condition=Q(state__in=InboundState.values)),
            models.CheckConstraint(
                name="inbound_refused_has_code", condition=~Q(state__in=("refused", "held")) | ~Q(code="")
            ),
            models.CheckConstraint(
                name="inbound_released_is_a_pair",
                condition=Q(released_at__isnull=True, released_by="")
                | (Q(released_at__isnull=False) & ~Q(released_by="")),
            ),
            models.CheckConstraint(
                name="inbound_uploaded_by_hand_alone", condition=Q(kind="LCH") | Q(uploaded_by="")
            ),
            models.CheckConstraint(
                name="inbound_answered_has_time",
                condition=~Q(state="answered") | Q(answered_at__isnull=False),
            ),
            belongs_to("connection", of="interface.Connection", name="inbound_file_same_organisation"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def by_whom(self) -> str:
        """Of completions by hand: who uploaded them, and in which of the connection's uploads. Else nothing."""
        if self.kind != InboundKind.BY_HAND:
            return ""
        whose = f"by hand, by {self.uploaded_by}" if self.uploaded_by else "by hand"
        return f"{whose}, upload {self.number}"

    @property
    def succeeded(self) -> int:
        """Records answered SUCCESS: with an I or a W code."""
        return sum(count for code, count in self.counts.items() if not code.startswith("E"))

    @property
    def warned(self) -> int:
        """Those of the succeeded with a W code."""
        return sum(count for code, count in self.counts.items() if code.startswith("W"))

    @property
    def failed(self) -> int:
        """Records answered FAIL."""
        return sum(count for code, count in self.counts.items() if code.startswith("E"))


class InboundRecord(models.Model):
    """What became of one line (promises P1): its outcome, what it made, and the line as it came.

    It is also the audit row of everything that the line did. ``element_ids`` are those of the answer, joined by ``|``.
    """

    privacy: ClassVar[Classification] = classify(
        identifier="raw",
        training="element_ids source_reference",
        technical="id organisation file line_number code message person",
    )

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, db_constraint=False, db_index=False
    )
    file = models.ForeignKey(
        InboundFile, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="lines"
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
        related_name="inbound_lines",
    )
    element_ids = models.TextField(blank=True)
    raw = models.TextField(help_text="The line as it came, cut at 8,192 characters.")

    objects = ScopedManager()

    class Meta:
        base_manager_name = "objects"
        ordering = ("file_id", "line_number")
        permissions = [("replay_inboundrecord", "Can have failed records decided again")]
        indexes = [
            # Withdrawals that found nothing: an older completion of theirs, decided again, must not come to life.
            models.Index(
                fields=("source_reference",), condition=Q(code="W204"), name="inbound_withdrawn_in_vain"
            ),
            # The console's lists of rejected records, by code and by the LMS's reference. Of a million lines few are:
            # what goes well pays nothing for them. No code of another kind sorts before the E codes.
            models.Index(
                fields=("organisation", "code", "file", "line_number"),
                condition=Q(code__lt="I"),
                name="inbound_record_rejected",
            ),
            models.Index(
                fields=("organisation", "source_reference"),
                condition=Q(code__lt="I"),
                name="inbound_rejected_by_reference",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=("file", "line_number"), name="inbound_outcome_once_per_line"),
            belongs_to(
                "person", of="people.Person", name="inbound_record_same_organisation", by_statement=True
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.line_number}: {self.code}"

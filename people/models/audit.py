"""The audit: who did what to which record, when, from where, why, and what stood there before and after.

An event outlives whatever it tells about, so it refers to nothing by foreign key. The events of one organisation form
a chain: each carries the hash of its own content, and a second one over that and the event before it. The database
itself refuses to change or delete an event (people/audit/append_only.py); ``manage.py verify_audit`` finds what went
round that.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar, Final

from django.db import models
from django.db.models import Q

from people.audit.context import Channel
from people.audit.events import BLANKED
from people.privacy import Classification, classify
from people.tenancy import ScopedManager

# The chain of what belongs to no organisation: accounts, log-ins, the national catalogue.
INSTALLATION: Final = 0


class AuditEvent(models.Model):
    """One thing that was done. ``before`` and ``after`` are JSON as it was hashed, empty where there is nothing to say.

    ``record_name`` names the record by its number or code, never by a person's name. A blanked event has lost what
    told about a person; both of its hashes stay, so that the chain holds.
    """

    privacy: ClassVar[Classification] = classify(
        identifier="actor address record_key record_name reason before after",
        technical=(
            "id organisation_id sequence at channel channel_key verb record_type content_hash chain_hash blanked_at"
        ),
    )

    # On PostgreSQL the application's role may delete no event, and change these columns alone (people/rowsecurity.py).
    append_only_but: ClassVar[tuple[str, ...]] = ("blanked_at", *BLANKED)

    organisation_id = models.BigIntegerField("organisation", help_text="0: the installation itself.")
    sequence = models.PositiveBigIntegerField(help_text="In the organisation's chain, from 1, without gaps.")
    at = models.DateTimeField()
    actor = models.CharField(
        "who", max_length=150, blank=True, help_text="An account, a command or the nightly run."
    )
    address = models.CharField("from where", max_length=45, blank=True)
    channel = models.CharField("by which way", max_length=10, choices=Channel, blank=True)
    channel_key = models.CharField(
        "page, command, run or file", max_length=200, blank=True, help_text="Which one of its way it was."
    )
    verb = models.CharField("what", max_length=60)
    record_type = models.CharField(max_length=100, blank=True)
    record_key = models.CharField(max_length=100, blank=True, help_text="The record's key in its table.")
    record_name = models.CharField("record", max_length=200, blank=True)
    reason = models.CharField("why", max_length=500, blank=True)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    content_hash = models.CharField(max_length=64)
    chain_hash = models.CharField(max_length=64)
    blanked_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager()

    class Meta:
        base_manager_name = "objects"
        ordering = ("-id",)
        verbose_name = "audit event"
        permissions = [("view_personal_auditevent", "Can view audit events about people and accounts too")]
        # What is asked for comes first, then the order of the list: so the newest of any number of events are at hand,
        # for whoever sees one organisation as for whoever sees all.
        indexes = [
            models.Index(fields=("verb", "organisation_id", "sequence"), name="audit_by_verb"),
            models.Index(fields=("actor", "organisation_id", "sequence"), name="audit_by_actor"),
            models.Index(fields=("channel", "organisation_id", "sequence"), name="audit_by_channel"),
            models.Index(fields=("record_type", "organisation_id", "sequence"), name="audit_by_record_type"),
            # What happened to one record: its history page too.
            models.Index(fields=("record_key", "organisation_id", "sequence"), name="audit_by_record"),
            models.Index(fields=("record_name", "organisation_id", "sequence"), name="audit_by_record_name"),
            # Between two days, of some organisations and of all.
            models.Index(fields=("organisation_id", "-at"), name="audit_by_time"),
            models.Index(fields=("-at",), name="audit_by_time_of_all"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("organisation_id", "sequence"), name="audit_sequence_once_per_chain"
            ),
            models.CheckConstraint(name="audit_sequence_from_one", condition=Q(sequence__gte=1)),
            models.CheckConstraint(
                name="audit_channel_known", condition=Q(channel__in=[*Channel.values, ""])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id}/{self.sequence} {self.verb}"

    def changes(self) -> list[tuple[str, Any, Any]]:
        """Field by field, as it was and as it became; None where there is nothing to say."""
        before, after = _read(self.before), _read(self.after)
        return [(name, before.get(name), after.get(name)) for name in {**before, **after}]


def _read(text: str) -> dict[str, Any]:
    return dict(json.loads(text)) if text else {}


class AuditHead(models.Model):
    """Where an organisation's chain ends. Whoever adds to the chain holds this row's lock until the commit."""

    privacy: ClassVar[Classification] = classify(technical="organisation_id sequence chain_hash")

    # An end moves on; it is not taken away.
    append_only_but: ClassVar[tuple[str, ...]] = ("sequence", "chain_hash")

    organisation_id = models.BigIntegerField(primary_key=True)
    sequence = models.PositiveBigIntegerField(default=0)
    chain_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = "end of an audit chain"
        verbose_name_plural = "ends of audit chains"

    def __str__(self) -> str:
        return f"{self.organisation_id}/{self.sequence}"

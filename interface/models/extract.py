"""GO files that wait for a person (promises P12), and what a file that is not applied would make of people."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from interface.models.inbound import InboundFile
from people.constraints import belongs_to
from people.models import Organisation, Person
from people.privacy import NOT_PERSONAL, Classification, classify
from people.tenancy import ScopedManager


class HoldState(models.TextChoices):
    """How far a held load has come."""

    WAITING = "waiting", "Waits for a person"
    BEHIND = "behind", "Waits for the one before it"
    LOADING = "loading", "Being loaded"
    LOADED = "loaded", "Loaded"
    DISMISSED = "dismissed", "Dismissed"
    SUPERSEDED = "superseded", "Overtaken by a full extract"


SETTLED = (HoldState.LOADED, HoldState.DISMISSED, HoldState.SUPERSEDED)


class ExtractHold(models.Model):
    """One GO file that was not loaded, because it would change or delete too many people, or waits behind such a one.

    The bytes are kept until it is settled; a yes is to exactly these (``sha256``). The figures are of the last time
    that the file was tried: people by what would become of them, ``counts`` lines by record type and outcome,
    ``standing`` what the record holds before and would hold after. One that waits behind another has none yet.
    """

    privacy: ClassVar[Classification] = NOT_PERSONAL

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=150)
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveBigIntegerField()
    encoding = models.CharField(max_length=20)
    is_full = models.BooleanField(default=False, help_text="It says everything that an older one said.")
    extracted_at = models.DateTimeField(help_text="When the staff record wrote it.")
    lines = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=HoldState, default=HoldState.WAITING)
    population = models.PositiveIntegerField(default=0, help_text="People in the record before it.")
    changed = models.PositiveIntegerField(default=0)
    deleted = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict, blank=True)
    standing = models.JSONField(default=dict, blank=True)
    held_at = models.DateTimeField()
    held_by = models.CharField(max_length=150)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    message = models.CharField(max_length=300, blank=True)

    objects = ScopedManager()

    class Meta:
        base_manager_name = "objects"
        ordering = ("-held_at", "-id")
        verbose_name = "held load"
        permissions = [("release_extracthold", "Can decide on a held load of the staff record")]
        constraints = [
            models.UniqueConstraint(
                fields=("organisation", "sha256"),
                condition=Q(settled_at__isnull=True),
                name="extract_hold_open_once_per_file",
            ),
            models.UniqueConstraint(fields=("organisation", "id"), name="extract_hold_key_for_composites"),
            models.CheckConstraint(name="extract_hold_state_known", condition=Q(state__in=HoldState.values)),
            models.CheckConstraint(
                name="extract_hold_settled_has_time",
                condition=Q(state__in=SETTLED, settled_at__isnull=False)
                | (~Q(state__in=SETTLED) & Q(settled_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="extract_hold_decided_says_who_and_why",
                condition=Q(decided_at__isnull=True, decided_by="", reason="")
                | (Q(decided_at__isnull=False) & ~Q(decided_by="") & ~Q(reason="")),
            ),
            models.CheckConstraint(
                name="extract_hold_is_decided_first",
                condition=~Q(state__in=("loading", "dismissed")) | Q(decided_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name}: {self.changed} changed, {self.deleted} deleted"


class ForeseenChange(models.Model):
    """One person of whom a file that is not applied would change something: what differs, before and after.

    Of a held load or of an inbound file that was looked ahead at in the background; a bounded number of each, and no
    longer than the file waits. ``before`` and ``after`` are pairs of what it is and how it is.
    """

    privacy: ClassVar[Classification] = classify(
        identifier="before after", technical="id organisation hold file place person is_deleted foreseen_at"
    )

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    hold = models.ForeignKey(
        ExtractHold, on_delete=models.CASCADE, db_constraint=False, db_index=False, null=True, blank=True,
        related_name="foreseen",
    )  # fmt: skip
    file = models.ForeignKey(
        InboundFile, on_delete=models.CASCADE, db_constraint=False, db_index=False, null=True, blank=True,
        related_name="foreseen",
    )  # fmt: skip
    place = models.PositiveIntegerField(help_text="In their order: 1, 2, …")
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    is_deleted = models.BooleanField(default=False)
    before = models.JSONField(default=list, blank=True)
    after = models.JSONField(default=list, blank=True)
    foreseen_at = models.DateTimeField()

    objects = ScopedManager()

    class Meta:
        base_manager_name = "objects"
        ordering = ("place",)
        verbose_name = "foreseen change"
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=("hold", "place"), name="foreseen_place_once_per_hold"),
            models.UniqueConstraint(fields=("file", "place"), name="foreseen_place_once_per_file"),
            models.CheckConstraint(
                name="foreseen_of_a_hold_or_a_file",
                condition=Q(hold__isnull=False, file__isnull=True) | Q(hold__isnull=True, file__isnull=False),
            ),
            belongs_to("hold", of="interface.ExtractHold", name="foreseen_hold_same_organisation"),
            belongs_to("file", of="interface.InboundFile", name="foreseen_file_same_organisation"),
            belongs_to("person", of="people.Person", name="foreseen_person_same_organisation"),
        ]

    def __str__(self) -> str:
        return f"foreseen {self.place}"

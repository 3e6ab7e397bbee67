"""Competency elements: who holds which competence from when to when, and who says so."""

from __future__ import annotations

from typing import Any, ClassVar, Final, NamedTuple, Self

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Substr
from django.db.models.lookups import Exact

from competencies.models.competence import Competence
from people.constraints import belongs_to
from people.models import Organisation, Person
from people.privacy import NOT_PERSONAL, Classification, classify
from people.tenancy import ScopedManager, ScopedQuerySet

# Element ids of our own begin here, above any that ESR has issued (wire format §3).
FIRST_OWN_ELEMENT_ID = 900_000_000_001


# References of completions that people upload begin so: the wire has no other source for them than the LMS whose
# mapping and scope decide them (wire format §5), and this keeps them apart from its own.
BY_HAND = "HAND-"


class Source(models.TextChoices):
    """Where an element comes from."""

    GO = "GO", "ESR extract"
    LMS = "LMS", "LMS completion"
    IAT = "IAT", "Inter Authority Transfer"
    HAND = "HAND", "Entered by hand"


def _of_people(hand: Any, mark: Any, first: Any, length: Any) -> Q:
    return Q(source=hand) | Q(Exact(Substr("source_reference", first, length), mark))


# SQLite uses a partial index only where the query repeats its condition letter by letter, not as parameters.
_OF_PEOPLE: Final = _of_people(
    RawSQL("'HAND'", ()), RawSQL("'HAND-'", ()), first=RawSQL("1", ()), length=RawSQL("5", ())
)


class ElementQuerySet(ScopedQuerySet["CompetencyElement"]):
    """Questions about many elements."""

    def held(self) -> Self:
        """Not withdrawn. An element that has expired is still held: it is history."""
        return self.filter(withdrawn_at__isnull=True)

    def of_people(self) -> Self:
        """Entered or uploaded by a person: hardly any of all, so that they have an index."""
        return self.filter(_OF_PEOPLE, source__in=(Source.HAND, Source.LMS))

    def of_lmss(self) -> Self:
        """Sent by an LMS itself. That they have a source lets SQLite see the index of references."""
        return self.filter(~_OF_PEOPLE, source=RawSQL("'LMS'", ()), source_id__isnull=False)

    def by_hand(self) -> Self:
        """Uploaded by a person."""
        return self.of_people().filter(source=Source.LMS)

    def told_by(self, source_id: int, *, since: int) -> Self:
        """What this LMS told us after its outbound file of number ``since`` was made, withdrawn or not."""
        return self.filter(source=Source.LMS, source_id=source_id, told_before__gt=since)


class CompetencyElement(models.Model):
    """One person's holding of one competence, from a date to a date (both included; an empty end: no expiry).

    Each completion date is an element of its own. ``source``, ``source_id`` (the connection, for an LMS) and
    ``source_reference`` say who told us; ``content_digest`` and ``last_update`` are the version of what they told. A
    withdrawn element stays, so that its reference's last version is remembered (wire format §5).

    ``told_*`` say that the LMS itself told us these values, so that they are not sent back to it: a mark that its next
    outbound file takes into the sent ledger, and that means nothing from then on.
    """

    privacy: ClassVar[Classification] = classify(
        training="competence date_from date_to source_date_to proficiency_level certification_method",
        technical=(
            "id organisation element_id person source source_id source_reference content_digest last_update "
            "withdrawn_at told_digest told_in told_before"
        ),
    )

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, db_constraint=False, db_index=False
    )
    element_id = models.CharField("competency element ID", max_length=20)
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="elements"
    )
    competence = models.ForeignKey(
        Competence, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="elements"
    )
    date_from = models.DateField(null=True, blank=True)
    date_to = models.DateField("valid through", null=True, blank=True)
    source_date_to = models.DateField(
        "expiry date of the source",
        null=True,
        blank=True,
        help_text="The LMS's own expiry date, kept beside ours.",
    )
    proficiency_level = models.CharField(max_length=60, blank=True)
    certification_method = models.CharField(max_length=80, blank=True)
    source = models.CharField(max_length=4, choices=Source)
    source_id = models.BigIntegerField(null=True, blank=True)
    source_reference = models.CharField(max_length=64, blank=True)
    content_digest = models.BigIntegerField(default=0)
    last_update = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    told_digest = models.BigIntegerField(
        null=True,
        blank=True,
        editable=False,
        help_text="Of the values that the LMS holds since it told us; 0: it holds others than we do.",
    )
    told_in = models.BigIntegerField(
        null=True, blank=True, editable=False, help_text="The key of the inbound file that told us."
    )
    told_before = models.IntegerField(
        null=True,
        blank=True,
        editable=False,
        help_text="The number of the outbound file that was next for that LMS when it told us.",
    )

    objects = models.Manager.from_queryset(ElementQuerySet)()

    class Meta:
        base_manager_name = "objects"
        ordering = ("organisation_id", "person_id", "competence_id", "-date_from")
        indexes = [
            # "Does this person hold this competence of this date already?" (W202), and a person's whole record.
            models.Index(fields=("person", "competence", "date_from"), name="element_by_person_and_date"),
            # A reference's state, live or withdrawn: asked for every inbound line.
            models.Index(
                fields=("source_id", "source_reference"),
                condition=Q(source="LMS"),
                name="element_by_reference",
            ),
            # What people uploaded, for the console's list. What an LMS sends or ESR has does not enter it.
            models.Index(
                fields=("organisation", "id"),
                condition=_of_people(Source.HAND, BY_HAND, first=1, length=len(BY_HAND)),
                name="element_by_hand",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("organisation", "element_id"), name="element_id_once_per_organisation"
            ),
            models.CheckConstraint(name="element_source_known", condition=Q(source__in=Source.values)),
            models.CheckConstraint(
                name="element_of_lms_has_reference",
                condition=~Q(source=Source.LMS) | (Q(source_id__isnull=False) & ~Q(source_reference="")),
            ),
            models.CheckConstraint(
                name="element_ends_after_start",
                condition=Q(date_from__isnull=True)
                | Q(date_to__isnull=True)
                | Q(date_to__gte=F("date_from")),
            ),
            models.CheckConstraint(
                name="element_told_in_whole",
                condition=Q(told_digest__isnull=True, told_in__isnull=True, told_before__isnull=True)
                | Q(
                    source=Source.LMS,
                    told_digest__isnull=False,
                    told_in__isnull=False,
                    told_before__isnull=False,
                ),
            ),
            belongs_to("person", of="people.Person", name="element_same_organisation", by_statement=True),
        ]

    def __str__(self) -> str:
        return f"{self.competence} from {self.date_from}"

    @property
    def is_by_hand(self) -> bool:
        """Whether a person uploaded it: the LMS did not send it, and is told of it."""
        return self.source == Source.LMS and self.source_reference.startswith(BY_HAND)

    @property
    def origin(self) -> str:
        """Where it comes from, in words."""
        return str(Source.HAND.label) if self.is_by_hand else self.get_source_display()


class ElementCounter(models.Model):
    """Where an organisation's elements stand, for whoever decides by them: see ``Standing``."""

    privacy: ClassVar[Classification] = NOT_PERSONAL

    organisation = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, related_name="element_counter"
    )
    next_id = models.BigIntegerField(default=FIRST_OWN_ELEMENT_ID)
    changes = models.BigIntegerField(default=0)

    objects = ScopedManager()

    class Meta:
        base_manager_name = "objects"

    def __str__(self) -> str:
        return str(self.next_id)


class Standing(NamedTuple):
    """The first free element id of our own, never one that was used, and how often elements held were changed.

    Whoever decided by one, and finds another when writing, knows that somebody else has written in between.
    """

    next_id: int = FIRST_OWN_ELEMENT_ID
    changes: int = 0


def standing(organisation: Organisation) -> Standing:
    """Where its elements stand for now: when something is written it may be another, unless it is locked."""
    counter = ElementCounter.objects.filter(organisation=organisation).first()
    return Standing() if counter is None else Standing(counter.next_id, counter.changes)


def lock_standing(organisation: Organisation) -> Standing:
    """Where its elements stand, locked until the transaction ends: then say with ``leave`` what has become of it."""
    assert transaction.get_connection().in_atomic_block
    counter, _ = ElementCounter.objects.select_for_update().get_or_create(organisation=organisation)
    return Standing(counter.next_id, counter.changes)


def leave(organisation: Organisation, standing: Standing) -> None:
    """Every id below ``next_id`` is used from now on, and what was held has been changed so often."""
    ElementCounter.objects.filter(organisation=organisation).update(**standing._asdict())

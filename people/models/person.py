"""Persons and the date-effective versions of what the record says of them."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from people.constraints import belongs_to
from people.models.organisation import Organisation
from people.privacy import Classification, classify
from people.tenancy import ScopedQuerySet


class SystemPersonType(models.TextChoices):
    """What somebody is to the organisation. ESR's spelling varies; this is the code that is stored and sent."""

    EMPLOYEE = "EMP", "Employee"
    APPLICANT = "APL", "Applicant"
    EMPLOYEE_APPLICANT = "EMP_APL", "Employee and applicant"
    EX_EMPLOYEE = "EX_EMP", "Ex-employee"
    EX_EMPLOYEE_APPLICANT = "EX_EMP_APL", "Ex-employee and applicant"
    EX_APPLICANT = "EX_APL", "Ex-applicant"
    OTHER = "OTHER", "Other"


EMPLOYEE_TYPES = (SystemPersonType.EMPLOYEE, SystemPersonType.EMPLOYEE_APPLICANT)
APPLICANT_TYPES = (
    SystemPersonType.APPLICANT,
    SystemPersonType.EMPLOYEE_APPLICANT,
    SystemPersonType.EX_EMPLOYEE_APPLICANT,
)


def effective_on(on: date) -> Q:
    """Rows whose effective dates contain ``on``; an empty end is unbounded."""
    return Q(effective_start__lte=on) & (Q(effective_end__isnull=True) | Q(effective_end__gte=on))


class PersonQuerySet(ScopedQuerySet["Person"]):
    """Questions about many persons."""

    def present(self) -> Self:
        """Persons whom the staff record still has (not deleted at the source, not merged away)."""
        return self.filter(removed_at__isnull=True)


class Person(models.Model):
    """One human in one VPD. A mover is a *new* person record in the new VPD.

    The row is the identity alone; what is known of the person stands in PersonVersion, by date.
    """

    privacy: ClassVar[Classification] = classify(
        identifier="person_id", technical="id organisation removed_at"
    )

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="persons")
    person_id = models.CharField("person ID", max_length=20)
    removed_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When the staff record deleted this person (PRD) or merged it into another.",
    )

    objects = models.Manager.from_queryset(PersonQuerySet)()

    class Meta:
        base_manager_name = "objects"
        ordering = ("organisation_id", "person_id")
        constraints = [
            models.UniqueConstraint(
                fields=("organisation", "person_id"), name="person_id_once_per_organisation"
            ),
            models.UniqueConstraint(fields=("organisation", "id"), name="person_key_for_composites"),
        ]

    def __str__(self) -> str:
        return self.person_id

    def version(self, *, on: date) -> PersonVersion | None:
        """The version in effect on this date, or None."""
        return PersonVersion.objects.in_effect(on=on).filter(person=self).first()


class PersonVersionQuerySet(ScopedQuerySet["PersonVersion"]):
    """Questions about many versions."""

    def in_effect(self, *, on: date) -> Self:
        """At most one version a person: the latest start among those whose dates contain ``on``."""
        later = PersonVersion.objects.filter(
            effective_on(on),
            person=models.OuterRef("person"),
            effective_start__gt=models.OuterRef("effective_start"),
        )
        return self.filter(effective_on(on)).exclude(models.Exists(later))


class PersonVersion(models.Model):
    """What the record says of a person from one date to another (one PRA row)."""

    privacy: ClassVar[Classification] = classify(
        identifier=(
            "title last_name first_name middle_names maiden_name preferred_name previous_last_name date_of_birth "
            "ni_number nhs_unique_id employee_number"
        ),
        contact="office_email",
        employment=(
            "hired_on terminated_on system_person_type person_type nhs_started_on "
            "effective_start effective_end"
        ),
        technical="id organisation person last_update",
    )

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, db_constraint=False, related_name="versions")
    effective_start = models.DateField()
    effective_end = models.DateField(null=True, blank=True)
    employee_number = models.CharField(max_length=30, blank=True)
    title = models.CharField(max_length=30, blank=True)
    last_name = models.CharField(max_length=150)
    first_name = models.CharField(max_length=150, blank=True)
    middle_names = models.CharField(max_length=150, blank=True)
    maiden_name = models.CharField(max_length=150, blank=True)
    preferred_name = models.CharField(max_length=150, blank=True)
    previous_last_name = models.CharField(max_length=150, blank=True)
    date_of_birth = models.DateField(null=True, blank=True)
    ni_number = models.CharField("NI number", max_length=30, blank=True)
    nhs_unique_id = models.CharField("NHS Unique ID", max_length=30, blank=True)
    hired_on = models.DateField("hire date", null=True, blank=True)
    terminated_on = models.DateField("actual termination date", null=True, blank=True)
    system_person_type = models.CharField(max_length=10, choices=SystemPersonType)
    person_type = models.CharField("user person type", max_length=100, blank=True)
    office_email = models.CharField("office e-mail", max_length=254, blank=True)
    nhs_started_on = models.DateField("NHS start date", null=True, blank=True)
    last_update = models.DateTimeField(null=True, blank=True)

    objects = models.Manager.from_queryset(PersonVersionQuerySet)()

    class Meta:
        base_manager_name = "objects"
        ordering = ("organisation_id", "person_id", "effective_start")
        indexes = [
            # A person found by what is on their badge: inbound lines and the console's search.
            models.Index(fields=("organisation", "employee_number"), name="version_by_employee_number"),
            models.Index(fields=("organisation", "last_name"), name="version_by_last_name"),
            models.Index(fields=("organisation", "ni_number"), name="version_by_ni_number"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("person", "effective_start"), name="person_version_once_per_start"
            ),
            models.CheckConstraint(
                name="person_version_ends_after_start",
                condition=Q(effective_end__isnull=True) | Q(effective_end__gte=models.F("effective_start")),
            ),
            belongs_to("person", of="people.Person", name="person_version_same_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.last_name}, {self.first_name} ({self.employee_number or 'no number'})"

    def has_left(self, *, on: date) -> bool:
        """Whether the day of termination lies before ``on``: that day itself still counts as employed."""
        return self.terminated_on is not None and self.terminated_on < on

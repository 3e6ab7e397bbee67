"""Competences: the definitions of what can be held."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from competencies.models.catalogue import FrameworkVersion, SubjectLevel
from people.models import Organisation
from people.privacy import NOT_PERSONAL, Classification


class RenewalUnits(models.TextChoices):
    """CDA column 11."""

    YEAR = "Year", "Year"
    MONTH = "Month", "Month"


class CompetenceQuerySet(models.QuerySet["Competence"]):
    """Questions about many competences. Definitions are not personal data, so they are not scoped."""

    def national(self) -> Self:
        """Defined for every organisation."""
        return self.filter(organisation__isnull=True)

    def usable_by(self, organisation: Organisation) -> Self:
        """National ones and the organisation's own."""
        return self.filter(Q(organisation__isnull=True) | Q(organisation=organisation))

    def cstf(self) -> Self:
        """National competences of the framework: what this interface exchanges (wire format §3)."""
        return self.national().filter(subject_level__isnull=False)

    def in_force(self, *, on: date) -> Self:
        """Whose dates contain ``on``; an empty date is unbounded."""
        return self.filter(Q(date_from__isnull=True) | Q(date_from__lte=on)).filter(
            Q(date_to__isnull=True) | Q(date_to__gte=on)
        )


class Competence(models.Model):
    """What can be held, e.g. ``NHS|CSTF|Fire Safety - 2 Years|``: national, or of one organisation.

    One subject-level exists as several competences that differ by renewal period or version. The renewal period here
    rules; a name that says otherwise is a data quality finding (domain §3).
    """

    privacy: ClassVar[Classification] = NOT_PERSONAL

    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        help_text="Empty for a national competence.",
    )
    competence_id = models.CharField("competence ID", max_length=20)
    name = models.CharField(max_length=255, help_text="As ESR spells it.")
    description = models.TextField(blank=True)
    subject_level = models.ForeignKey(
        SubjectLevel,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        help_text="Empty where it is not of the CSTF.",
    )
    framework_version = models.ForeignKey(FrameworkVersion, on_delete=models.PROTECT, null=True, blank=True)
    version = models.CharField(
        max_length=40, blank=True, help_text="Where ESR tells versions apart: Version 1 or 2."
    )
    renewal_frequency = models.PositiveSmallIntegerField(null=True, blank=True)
    renewal_units = models.CharField(max_length=10, choices=RenewalUnits, blank=True)
    date_from = models.DateField(null=True, blank=True)
    date_to = models.DateField(null=True, blank=True)
    last_update = models.DateTimeField(null=True, blank=True)

    objects = CompetenceQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                fields=("competence_id",),
                condition=Q(organisation__isnull=True),
                name="national_competence_id_once",
            ),
            models.UniqueConstraint(
                fields=("name",), condition=Q(organisation__isnull=True), name="national_competence_name_once"
            ),
            models.UniqueConstraint(
                fields=("organisation", "competence_id"), name="local_competence_id_once"
            ),
            models.UniqueConstraint(fields=("organisation", "name"), name="local_competence_name_once"),
            models.CheckConstraint(
                name="competence_renewal_is_a_pair",
                # A check passes on NULL, so that the frequency has to be asked for by itself.
                condition=Q(renewal_frequency__isnull=True, renewal_units="")
                | Q(
                    renewal_frequency__isnull=False,
                    renewal_frequency__gt=0,
                    renewal_units__in=RenewalUnits.values,
                ),
            ),
            models.CheckConstraint(
                name="competence_ends_after_start",
                condition=Q(date_from__isnull=True)
                | Q(date_to__isnull=True)
                | Q(date_to__gte=models.F("date_from")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_cstf(self) -> bool:
        """Whether this interface exchanges it: national, and of the framework."""
        return self.organisation_id is None and self.subject_level_id is not None

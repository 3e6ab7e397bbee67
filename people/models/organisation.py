"""Organisations (VPDs) with their structure: organisation units and positions."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self

from django.core.validators import RegexValidator
from django.db import models

from people.constraints import belongs_to
from people.privacy import NOT_PERSONAL, Classification
from people.tenancy import ScopedManager, scope_of


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Questions about many organisations. They are not personal data, so this is not a ScopedQuerySet."""

    def in_scope(self) -> Self:
        """Those whose data may be touched here: a list of organisations is nobody's by default either."""
        scope = scope_of(self.model)
        return self.filter(pk__in=scope) if isinstance(scope, frozenset) else self.all()


class Organisation(models.Model):
    """One employing authority's records in ESR: a VPD, the tenant. A trust may have several after a merger."""

    privacy: ClassVar[Classification] = NOT_PERSONAL

    vpd = models.CharField(
        "VPD",
        max_length=3,
        unique=True,
        validators=[RegexValidator(r"^[0-9]{3}\Z", "A VPD is three digits.")],
    )
    ods_code = models.CharField("ODS code", max_length=10, blank=True)
    name = models.CharField(max_length=200)
    region = models.CharField(max_length=100, blank=True)
    cstf_aligned_on = models.DateField(
        "CSTF alignment date",
        null=True,
        blank=True,
        help_text="When the organisation declared itself aligned to the CSTF. Only aligned organisations may go live.",
    )
    auto_iat = models.BooleanField(
        "automated IAT",
        default=False,
        help_text="Whether transfers that match exactly are released without an approver.",
    )

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ("vpd",)
        # Of the lists of whatever belongs to the organisation.
        permissions = [("export_list", "Can take a list away as a file")]
        constraints = [
            models.CheckConstraint(
                name="organisation_vpd_is_three_digits", condition=models.Q(vpd__regex=r"^[0-9]{3}\Z")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vpd} {self.name}"

    def is_aligned(self, *, on: date) -> bool:
        """Whether the organisation is aligned and declared to the CSTF on this date (domain §3)."""
        return self.cstf_aligned_on is not None and self.cstf_aligned_on <= on


class OrganisationUnit(models.Model):
    """A department or ward in an organisation's structure (ORA; ASA column 27)."""

    privacy: ClassVar[Classification] = NOT_PERSONAL

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="units")
    unit_id = models.CharField("organisation ID", max_length=20)
    name = models.CharField(max_length=240, blank=True)

    objects = ScopedManager()

    class Meta:
        base_manager_name = "objects"
        ordering = ("organisation_id", "name", "unit_id")
        constraints = [
            models.UniqueConstraint(fields=("organisation", "unit_id"), name="unit_id_once_per_organisation"),
            models.UniqueConstraint(fields=("organisation", "id"), name="unit_key_for_composites"),
        ]

    def __str__(self) -> str:
        return self.name or self.unit_id


class Position(models.Model):
    """A post in the structure (POA; ASA columns 28, 29 and 34)."""

    privacy: ClassVar[Classification] = NOT_PERSONAL

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="positions")
    position_id = models.CharField("position ID", max_length=20)
    name = models.CharField(max_length=240, blank=True)
    staff_group = models.CharField(max_length=100, blank=True)
    job_role = models.CharField(max_length=100, blank=True)
    unit = models.ForeignKey(
        OrganisationUnit,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="positions",
    )

    objects = ScopedManager()

    class Meta:
        base_manager_name = "objects"
        ordering = ("organisation_id", "name", "position_id")
        constraints = [
            models.UniqueConstraint(
                fields=("organisation", "position_id"), name="position_id_once_per_organisation"
            ),
            models.UniqueConstraint(fields=("organisation", "id"), name="position_key_for_composites"),
            belongs_to("unit", of="people.OrganisationUnit", name="position_unit_same_organisation"),
        ]

    def __str__(self) -> str:
        return self.name or self.position_id

"""Which competences a post requires (domain §6)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from competencies.models.competence import Competence
from people.models import Organisation
from people.privacy import NOT_PERSONAL, Classification
from people.tenancy import ScopedManager


class RequirementScope(models.TextChoices):
    """To whom a requirement applies."""

    ORGANISATION = "organisation", "Organisation"
    UNIT = "organisation_unit", "Organisation unit"
    STAFF_GROUP = "staff_group", "Staff group"
    JOB_ROLE = "job_role", "Job role"
    POSITION = "position", "Position"


class Requirement(models.Model):
    """An organisation requires a competence of everybody, or of those whose unit, staff group, role or position it is.

    ``scope_value`` is the unit's or position's ID, or the name of the staff group or job role; empty for everybody.
    """

    privacy: ClassVar[Classification] = NOT_PERSONAL

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="requirements")
    scope = models.CharField(max_length=20, choices=RequirementScope)
    scope_value = models.CharField(max_length=240, blank=True)
    competence = models.ForeignKey(Competence, on_delete=models.PROTECT, related_name="requirements")

    objects = ScopedManager()

    class Meta:
        base_manager_name = "objects"
        ordering = ("organisation_id", "scope", "scope_value", "competence__name")
        constraints = [
            models.UniqueConstraint(
                fields=("organisation", "scope", "scope_value", "competence"), name="requirement_once"
            ),
            models.CheckConstraint(
                name="requirement_scope_known", condition=Q(scope__in=RequirementScope.values)
            ),
            models.CheckConstraint(
                name="requirement_names_whom",
                condition=Q(scope=RequirementScope.ORGANISATION, scope_value="")
                | (~Q(scope=RequirementScope.ORGANISATION) & ~Q(scope_value="")),
            ),
        ]

    def __str__(self) -> str:
        whom = f"{self.get_scope_display()} {self.scope_value}".strip()
        return f"{whom}: {self.competence}"

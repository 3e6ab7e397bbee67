"""Assignments (a person's jobs) and applications (the jobs they have applied for), by date."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from people.constraints import belongs_to
from people.models.organisation import Organisation, OrganisationUnit, Position
from people.models.person import Person, effective_on
from people.privacy import Classification, classify
from people.tenancy import ScopedQuerySet

# The interface takes applicants from the offer on, and no earlier (domain §2).
IN_SCOPE_APPLICANT_STATUSES = ("Offer Accepted", "Offered Post Conditional", "Offered Post Unconditional")


class AssignmentType(models.TextChoices):
    """ASA column 6."""

    EMPLOYEE = "E", "Employee"
    APPLICANT = "A", "Applicant"


class AssignmentQuerySet(ScopedQuerySet["Assignment"]):
    """Questions about many assignments."""

    def applications(self) -> Self:
        """Assignments that are, or began as, an application."""
        return self.filter(
            models.Exists(
                AssignmentVersion.objects.filter(
                    assignment=models.OuterRef("pk"), assignment_type=AssignmentType.APPLICANT
                )
            )
        )


class Assignment(models.Model):
    """A person's job or application: one ASA identity, whose versions follow it from offer to leaving.

    Hiring turns an applicant's assignment into an employee's under the same Assignment ID, so both are one row here.
    """

    privacy: ClassVar[Classification] = classify(
        identifier="assignment_id", technical="id organisation person removed_at"
    )

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="assignments")
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, db_constraint=False, related_name="assignments"
    )
    assignment_id = models.CharField("assignment ID", max_length=20)
    removed_at = models.DateTimeField(
        null=True, blank=True, help_text="When the staff record deleted it (ASD)."
    )

    objects = models.Manager.from_queryset(AssignmentQuerySet)()

    class Meta:
        base_manager_name = "objects"
        ordering = ("organisation_id", "assignment_id")
        constraints = [
            models.UniqueConstraint(
                fields=("organisation", "assignment_id"), name="assignment_id_once_per_organisation"
            ),
            models.UniqueConstraint(fields=("organisation", "id"), name="assignment_key_for_composites"),
            belongs_to("person", of="people.Person", name="assignment_same_organisation"),
        ]

    def __str__(self) -> str:
        return self.assignment_id


class ApplicationManager(models.Manager.from_queryset(AssignmentQuerySet)):  # type: ignore[misc]  # made at run time
    """Assignments seen as applications."""

    def get_queryset(self) -> AssignmentQuerySet:
        """Only those with an applicant's version."""
        queryset: AssignmentQuerySet = super().get_queryset()
        return queryset.applications()


class Application(Assignment):
    """A person's application for a post, with its status by date (*Offered Post Conditional* …)."""

    privacy: ClassVar[Classification] = Assignment.privacy

    objects = ApplicationManager()  # type: ignore[misc]  # a proxy's own manager: a ClassVar for the stubs, set by us

    class Meta:
        proxy = True


class AssignmentVersionQuerySet(ScopedQuerySet["AssignmentVersion"]):
    """Questions about many versions."""

    def in_effect(self, *, on: date) -> Self:
        """At most one version an assignment: the latest start among those whose dates contain ``on``."""
        later = AssignmentVersion.objects.filter(
            effective_on(on),
            assignment=models.OuterRef("assignment"),
            effective_start__gt=models.OuterRef("effective_start"),
        )
        return self.filter(effective_on(on)).exclude(models.Exists(later))

    def current(self, *, on: date) -> Self:
        """In effect, not ended, not deleted at the source."""
        return self.in_effect(on=on).filter(
            Q(ended_on__isnull=True) | Q(ended_on__gte=on), assignment__removed_at__isnull=True
        )

    def jobs(self) -> Self:
        """Of employees."""
        return self.filter(assignment_type=AssignmentType.EMPLOYEE)

    def offers(self) -> Self:
        """Of applicants in one of the three statuses that the interface takes."""
        return self.filter(assignment_type=AssignmentType.APPLICANT, status__in=IN_SCOPE_APPLICANT_STATUSES)


class AssignmentVersion(models.Model):
    """What the record says of an assignment from one date to another (one ASA row)."""

    privacy: ClassVar[Classification] = classify(
        identifier="assignment_number",
        employment=(
            "effective_start effective_end earliest_start assignment_type system_status status employee_status_flag "
            "payroll_name payroll_period is_primary fte unit position staff_group job_role projected_hire_on "
            "vacancy_id ended_on"
        ),
        technical="id organisation assignment last_update",
    )

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    assignment = models.ForeignKey(
        Assignment, on_delete=models.CASCADE, db_constraint=False, related_name="versions"
    )
    effective_start = models.DateField()
    effective_end = models.DateField(null=True, blank=True)
    earliest_start = models.DateField(null=True, blank=True)
    assignment_type = models.CharField(max_length=1, choices=AssignmentType)
    assignment_number = models.CharField(max_length=30, blank=True)
    system_status = models.CharField("system assignment status", max_length=30, blank=True)
    status = models.CharField(
        max_length=80,
        blank=True,
        help_text="User assignment status; an applicant's status for an application.",
    )
    employee_status_flag = models.CharField(max_length=30, blank=True)
    payroll_name = models.CharField(max_length=80, blank=True)
    payroll_period = models.CharField(max_length=30, blank=True)
    is_primary = models.BooleanField("primary", default=False)
    fte = models.CharField("FTE", max_length=20, blank=True)
    unit = models.ForeignKey(
        OrganisationUnit,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
    )
    position = models.ForeignKey(
        Position, on_delete=models.PROTECT, null=True, blank=True, db_constraint=False, related_name="+"
    )
    staff_group = models.CharField(max_length=100, blank=True)
    job_role = models.CharField(max_length=100, blank=True)
    projected_hire_on = models.DateField("projected hire date", null=True, blank=True)
    vacancy_id = models.CharField("vacancy ID", max_length=30, blank=True)
    ended_on = models.DateField("assignment end date", null=True, blank=True)
    last_update = models.DateTimeField(null=True, blank=True)

    objects = models.Manager.from_queryset(AssignmentVersionQuerySet)()

    class Meta:
        base_manager_name = "objects"
        ordering = ("organisation_id", "assignment_id", "effective_start")
        constraints = [
            models.UniqueConstraint(
                fields=("assignment", "effective_start"), name="assignment_version_once_per_start"
            ),
            models.CheckConstraint(
                name="assignment_version_ends_after_start",
                condition=Q(effective_end__isnull=True) | Q(effective_end__gte=models.F("effective_start")),
            ),
            models.CheckConstraint(
                name="assignment_version_type_known", condition=Q(assignment_type__in=AssignmentType.values)
            ),
            belongs_to("assignment", of="people.Assignment", name="assignment_version_same_organisation"),
            belongs_to("position", of="people.Position", name="assignment_position_same_organisation"),
            belongs_to("unit", of="people.OrganisationUnit", name="assignment_unit_same_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_number or self.assignment_id} {self.status}"

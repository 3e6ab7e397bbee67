"""Grants of URPs, and the recipients of notification roles: two things that are not to be mixed up.

A grant lets somebody do something. A notification role lets nobody do anything: it says who is told.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self

from django.conf import settings
from django.core.validators import EmailValidator
from django.db import models
from django.db.models import F, Q

from people.models import Organisation
from people.privacy import Classification, classify
from people.tenancy import ScopedManager, ScopedQuerySet
from roles.urps import URP, shown


class GrantQuerySet(ScopedQuerySet["Grant"]):
    """Questions about many grants."""

    def in_force(self, *, on: date) -> Self:
        """Begun, not run out, not ended."""
        return self.not_over(on=on).filter(starts_on__lte=on)

    def begun(self, *, on: date) -> Self:
        """In force, or run out since; not ended by anybody."""
        return self.filter(starts_on__lte=on, ended_at__isnull=True)

    def not_over(self, *, on: date) -> Self:
        """In force, or to come."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), ended_at__isnull=True)


class Grant(models.Model):
    """One account holds one URP in one organisation, from a date to a date (both included; an empty end: until ended).

    Never changed, only ended, so that who could do what on which day can be told for ever.
    """

    privacy: ClassVar[Classification] = classify(
        identifier="user",
        technical=(
            "id organisation urp starts_on ends_on granted_at granted_by reason ended_at ended_by end_reason"
        ),
    )

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="grants")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="grants", verbose_name="account"
    )
    urp = models.CharField("URP", max_length=20, choices=URP)
    starts_on = models.DateField("from")
    ends_on = models.DateField(
        "to", null=True, blank=True, help_text="The last day. Empty: until it is ended."
    )
    reason = models.CharField(max_length=200)
    granted_at = models.DateTimeField()
    granted_by = models.CharField(max_length=150)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=150, blank=True)
    end_reason = models.CharField(max_length=200, blank=True)

    objects = models.Manager.from_queryset(GrantQuerySet)()

    class Meta:
        base_manager_name = "objects"
        ordering = ("organisation_id", "urp", "user_id", "-starts_on")
        # Grants are not changed, and the record of one is not deleted.
        default_permissions = ("add", "view")
        permissions = [("end_grant", "Can end a grant")]
        indexes = [
            # What an account holds: asked once a request.
            models.Index(fields=("user",), condition=Q(ended_at__isnull=True), name="grants_of_account"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("user", "organisation", "urp", "starts_on"),
                condition=Q(ended_at__isnull=True),
                name="grant_once_per_start",
            ),
            models.CheckConstraint(name="grant_urp_known", condition=Q(urp__in=URP.values)),
            models.CheckConstraint(
                name="grant_ends_after_start",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="grant_says_who_and_why", condition=~Q(granted_by="") & ~Q(reason="")
            ),
            models.CheckConstraint(
                name="grant_ended_is_a_pair",
                condition=Q(ended_at__isnull=True, ended_by="", end_reason="")
                | (Q(ended_at__isnull=False) & ~Q(ended_by="")),
            ),
        ]

    def __str__(self) -> str:
        return shown(self.urp, self.organisation.vpd)

    def is_in_force(self, *, on: date) -> bool:
        """Begun, not run out, not ended."""
        return self.ended_at is None and self.starts_on <= on and (self.ends_on is None or self.ends_on >= on)


class NotificationRole(models.TextChoices):
    """Spelled as in ESR, its slips included: people look for what they know (domain §5)."""

    STAT_MAND = "stat_mand", "Stat & Mand Compencies Ntf role"
    MULTI_EMPLOYER = "multi_employer", "Multi-Employer Comp Update role (Competency Profile Changes)"
    EXPIRY = "expiry", "Competency Expiry Notifications"
    IAT = "iat", "IAT Notifications"


class NotificationRecipient(models.Model):
    """Somebody who is told what an organisation's notification role is about. It permits nothing."""

    privacy: ClassVar[Classification] = classify(contact="email", technical="id organisation role")

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="notification_recipients"
    )
    role = models.CharField("notification role", max_length=20, choices=NotificationRole)
    email = models.CharField(
        "e-mail address", max_length=254, validators=[EmailValidator()], help_text="A person's or a team's."
    )

    objects = ScopedManager()

    class Meta:
        base_manager_name = "objects"
        ordering = ("organisation_id", "role", "email")
        constraints = [
            models.UniqueConstraint(fields=("organisation", "role", "email"), name="recipient_once_per_role"),
            models.CheckConstraint(
                name="notification_role_known", condition=Q(role__in=NotificationRole.values)
            ),
            models.CheckConstraint(name="recipient_has_an_address", condition=Q(email__contains="@")),
        ]

    def __str__(self) -> str:
        return f"{self.organisation.vpd} {self.get_role_display()}: {self.email}"

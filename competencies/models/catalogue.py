"""The UK Core Skills Training Framework as reference data: 11 subjects in 24 subject-levels (domain §3)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from people.privacy import NOT_PERSONAL, Classification


class FrameworkVersion(models.Model):
    """An edition of the framework: UK 1.0 (2013) to England 1.1 (2021)."""

    privacy: ClassVar[Classification] = NOT_PERSONAL

    name = models.CharField(max_length=40, unique=True)
    year = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("year", "name")

    def __str__(self) -> str:
        return f"{self.name} ({self.year})"


class Subject(models.Model):
    """One of the framework's eleven subjects."""

    privacy: ClassVar[Classification] = NOT_PERSONAL

    name = models.CharField(max_length=100, unique=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class SubjectLevel(models.Model):
    """One of the 24 subject-levels: what a person is trained *in*, apart from how often and by which version.

    ``level`` is empty where the subject has one level; ``variant`` tells Adult, Paediatric and Newborn resuscitation
    apart and is empty elsewhere.
    """

    privacy: ClassVar[Classification] = NOT_PERSONAL

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="levels")
    level = models.CharField(max_length=60, blank=True)
    variant = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("subject__name", "level", "variant")
        constraints = [
            models.UniqueConstraint(fields=("subject", "level", "variant"), name="subject_level_once"),
        ]

    def __str__(self) -> str:
        level = f"Level {self.level}" if self.level.isdigit() else self.level
        return " – ".join(part for part in (self.subject.name, level, self.variant) if part)

"""Who to turn to: for each kind of trouble, whom the interface's users ask. Operators edit the texts.

A line of no organisation is everybody's, and the installation's to edit. An organisation that wants its own people
asked somebody else writes a line of its own, which comes before the others there.
"""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from interface.decision.codes import MEANING
from people.models import Organisation
from people.privacy import NOT_PERSONAL, Classification


class Advice(models.Model):
    """One line of the interface's frequently asked questions: a trouble, whom to turn to, and the codes that it is."""

    privacy: ClassVar[Classification] = NOT_PERSONAL

    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Whose users read it; empty for everybody's.",
    )
    position = models.PositiveSmallIntegerField(help_text="In the list; lower ones first.")
    trouble = models.CharField(max_length=200)
    turn_to = models.CharField(max_length=200)
    text = models.TextField(blank=True, help_text="How to reach them, and what they want to know.")
    codes = models.JSONField(
        default=list, blank=True, help_text="Codes of outcomes and refusals that this is about, as a list."
    )

    class Meta:
        ordering = ("position",)
        verbose_name = "who to turn to"
        verbose_name_plural = "who to turn to"
        constraints = [
            models.UniqueConstraint(
                fields=("position",),
                condition=Q(organisation__isnull=True),
                name="advice_position_once_for_all",
            ),
            models.UniqueConstraint(
                fields=("organisation", "position"), name="advice_position_once_per_organisation"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trouble}: {self.turn_to}"

    def clean(self) -> None:
        """Codes are a list of those that there are."""
        codes = self.codes
        unknown = [code for code in codes if code not in MEANING] if isinstance(codes, list) else codes
        if unknown or not isinstance(codes, list):
            raise ValidationError({"codes": f'A list of codes, like ["E310", "E311"]; not known: {unknown}.'})

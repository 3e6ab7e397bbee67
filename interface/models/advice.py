"""Who to turn to: for each kind of trouble, whom the interface's users ask. Operators edit the texts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from people.privacy import NOT_PERSONAL, Classification


class Advice(models.Model):
    """One line of the interface's frequently asked questions: a trouble, whom to turn to, and the codes that it is."""

    privacy: ClassVar[Classification] = NOT_PERSONAL

    position = models.PositiveSmallIntegerField(unique=True, help_text="In the list; lower ones first.")
    trouble = models.CharField(max_length=200)
    turn_to = models.CharField(max_length=200)
    text = models.TextField(blank=True, help_text="How to reach them, and what they want to know.")
    codes = models.JSONField(
        default=list, blank=True, help_text="Codes of outcomes and refusals that this is about, as a list."
    )

    class Meta:
        ordering = ("position",)
        verbose_name_plural = "advice"

    def __str__(self) -> str:
        return f"{self.trouble}: {self.turn_to}"

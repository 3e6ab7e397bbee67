"""The form of a decision that is taken with its reason."""

from __future__ import annotations

from typing import Any

from django import forms


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(max_length=200, help_text="It stands in the audit.")

    def __init__(self, *args: Any, why: str = "Why", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = why

"""The form that maps one course: which competences it gives, each with what tells it from its like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from competencies.models import Competence
from competencies.naming import spoken
from interface.models import Direction, ExpiryRule
from interface.questions.nearest import suggestions
from people.dates import london_today

if TYPE_CHECKING:
    MultipleChoice = forms.ModelMultipleChoiceField[Competence]
else:
    MultipleChoice = forms.ModelMultipleChoiceField


def described(competence: Competence) -> dict[str, str]:
    """A competence with what tells it from its like: level, version, renewal period."""
    count, unit = competence.renewal_frequency, competence.renewal_units.lower()
    return {
        "name": spoken(competence.name),
        "level": str(competence.subject_level or "no level"),
        "version": competence.version or "no version",
        "renewal": f"every {count} {unit}{'s' if count != 1 else ''}" if count else "no renewal",
    }


class CompetencesField(MultipleChoice):
    """Each choice says its level, version and renewal period."""

    def label_from_instance(self, obj: Any) -> str:
        said = described(obj)
        return f"{said['name']} ({said['level']}; {said['version']}; {said['renewal']})"


class MapForm(forms.Form):
    """What one course gives."""

    course = forms.CharField(label="Course code", max_length=100)
    version = forms.CharField(
        label="Course version", max_length=20, required=False, help_text="Empty for any version."
    )
    direction = forms.ChoiceField(label="Direction", choices=Direction.choices)
    expiry = forms.ChoiceField(label="Whose expiry date rules", choices=ExpiryRule.choices)
    nearest = CompetencesField(
        Competence.objects.none(),
        label="Nearest by name",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Suggestions only: check level, version and renewal period.",
    )
    others = CompetencesField(
        Competence.objects.none(),
        label="All others in force",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, course: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = Competence.objects.cstf().in_force(on=london_today())
        offered = offered.select_related("subject_level__subject")
        near = [one.key for one in suggestions(course, dict(offered.values_list("pk", "name")))]
        self._offer("nearest", offered.filter(pk__in=near))
        self._offer("others", offered.exclude(pk__in=near))

    def _offer(self, name: str, competences: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, CompetencesField)
        field.queryset = competences

    def clean(self) -> dict[str, Any]:
        """At least one competence."""
        given = super().clean() or {}
        given["competences"] = [*given.get("nearest", ()), *given.get("others", ())]
        if not given["competences"]:
            raise forms.ValidationError("Choose at least one competence that the course gives.")
        return given

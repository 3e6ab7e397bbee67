"""Forms of what is agreed with a partner: lists are written as people write them, not as the database keeps them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from django import forms

from interface.models import Advice, Connection, FileCalendar

if TYPE_CHECKING:
    ConnectionModelForm = forms.ModelForm[Connection]
    CalendarModelForm = forms.ModelForm[FileCalendar]
    AdviceModelForm = forms.ModelForm[Advice]
else:
    ConnectionModelForm = CalendarModelForm = AdviceModelForm = forms.ModelForm

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    between: str = "\n"

    def prepare_value(self, value: Any) -> Any:
        """A stored list as it is written; what somebody typed as they typed it."""
        return self.between.join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]  # a list is what it is about
        """Without what is blank, and without what stands there twice."""
        lines = (value if isinstance(value, str) else "").splitlines()
        return list(dict.fromkeys(filter(None, map(str.strip, lines))))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Lists are compared, not how they are written."""
        return list(initial or ()) != self.to_python(data)


class CodesField(LinesField):
    """A list of codes with commas or spaces between them."""

    between = ", "

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]  # as above
        """In capitals."""
        text = value.upper() if isinstance(value, str) else ""
        return list(dict.fromkeys(filter(None, re.split(r"[,;\s]+", text))))


class WeekdaysField(forms.TypedMultipleChoiceField):
    """Days of the week, each with a box."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=list(enumerate(DAYS, 1)), coerce=int, empty_value=[], **kwargs)


class ConnectionForm(ConnectionModelForm):
    """A connection."""

    restriction_values = LinesField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 40}),
        help_text="Payroll names, position IDs or assignment numbers, one a line; none where everybody is carried.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "next_inbound" in self.fields:
            # A night may move it while the page is open: whoever did not touch it has not asked for what it was.
            self.fields["next_inbound"].show_hidden_initial = True

    class Meta:
        model = Connection
        fields = "__all__"


class FileCalendarForm(CalendarModelForm):
    """When a partner's files are due."""

    weekdays = WeekdaysField(
        required=False,
        help_text="Days with a completions file; none where no file is due on a day of its own.",
    )

    class Meta:
        model = FileCalendar
        fields = "__all__"


class AdviceForm(AdviceModelForm):
    """Whom to turn to."""

    codes = CodesField(
        required=False,
        widget=forms.TextInput(attrs={"size": 60}),
        help_text="Beside these codes it stands, for example E310, E311.",
    )

    class Meta:
        model = Advice
        fields = "__all__"

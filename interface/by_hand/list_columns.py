"""What a list of the console shows, as text for a file: its columns in their order, each cell without its markup."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from html import unescape
from operator import attrgetter
from typing import Any, Final

from django.contrib.admin.utils import label_for_field
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ObjectDoesNotExist
from django.db.models.constants import LOOKUP_SEP
from django.utils.text import capfirst

from people.dates import LONDON

# Django's name for the column by which rows are chosen.
_CHECKBOX: Final = "action_checkbox"
# In markup that is safe, whatever is no tag has its angle brackets written as &lt; and &gt;.
_TAG: Final = re.compile("<[^>]*>")


@dataclass(frozen=True, slots=True)
class Column:
    """``value`` is what the list asks of a row; ``nothing`` how it writes that there is none."""

    header: str
    value: Callable[[Any], Any]
    nothing: str

    def text(self, row: Any) -> str:
        """The cell of this row: empty where the list shows nothing."""
        try:
            text = as_text(self.value(row))
        except ObjectDoesNotExist:  # what it refers to is gone: the list leaves its cell empty, too
            return ""
        return "" if text == self.nothing else text


def columns_of(changelist: ChangeList) -> list[Column]:
    """Those that the list shows, without the boxes by which rows are chosen."""
    return [_column(name, changelist) for name in changelist.list_display if name != _CHECKBOX]


def _column(name: Any, changelist: ChangeList) -> Column:
    page, model = changelist.model_admin, changelist.model
    header, shown = label_for_field(name, model, page, return_attr=True)
    value = shown if callable(shown) else attrgetter(str(name).replace(LOOKUP_SEP, "."))
    if shown is None and (meanings := dict(getattr(model._meta.get_field(name), "flatchoices", ()))):
        value = _meaning(value, meanings)
    return Column(str(capfirst(header)), value, str(page.get_empty_value_display()))


def _meaning(value: Callable[[Any], Any], meanings: dict[Any, Any]) -> Callable[[Any], Any]:
    """What is stored as one of a few choices, in the words of the choice."""

    def meant(row: Any) -> Any:
        stored = value(row)
        return str(meanings.get(stored, stored))

    return meant


def as_text(value: Any) -> str:
    """Dates as ISO 8601 writes them, times as London's clocks show them, yes or no, markup by its words."""
    match value:
        case str():
            return _words(value) if hasattr(value, "__html__") else value
        case None:
            return ""
        case bool():
            return "Yes" if value else "No"
        case datetime():
            return value.astimezone(LONDON).replace(tzinfo=None).isoformat(" ", "seconds")
        case date():
            return value.isoformat()
        case list() | tuple():
            return ", ".join(map(as_text, value))
    return str(value)


def _words(markup: str) -> str:
    return unescape(_TAG.sub("", markup))

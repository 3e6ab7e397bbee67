"""How a cell becomes a value, and a value a cell: what cannot be taken says why, in words for whoever wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from import_export import widgets

from people.tables import quoted

if TYPE_CHECKING:
    from people.resources.table import TableResource

Row = Mapping[str, Any]
YES_NO = {"yes": True, "no": False, "": False}
# Control characters, and the two separators that text tools take for a line end. Blanks of other widths are text.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def as_text(value: Any) -> str:
    """A cell as text: spreadsheets hand over numbers, dates and nothing at all."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


class TextWidget(widgets.Widget):
    """A text of one line; ``on_the_wire``: one that is written to files whose separator it may not hold."""

    def __init__(self, *, on_the_wire: bool = False) -> None:
        super().__init__()
        self.on_the_wire = on_the_wire

    def clean(self, value: Any, row: Row | None = None, **kwargs: Any) -> str:
        text = as_text(value)
        if _CONTROLS.search(text):
            raise ValueError(f"{quoted(text)} holds a line break or another control character: take it out")
        if self.on_the_wire and "~" in text:
            raise ValueError(
                f"{quoted(text)} holds ~, which separates columns in the files exchanged: take it out"
            )
        return text


class DateWidget(widgets.Widget):
    """YYYY-MM-DD, or nothing."""

    def clean(self, value: Any, row: Row | None = None, **kwargs: Any) -> date | None:
        text = as_text(value)
        if not text:
            return None
        try:
            if _ISO_DATE.match(text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        raise ValueError(f"{quoted(text)} is not a real date: write YYYY-MM-DD, as in 2026-11-03")

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.isoformat() if value else ""


class YesNoWidget(widgets.Widget):
    """yes or no; nothing is no."""

    def clean(self, value: Any, row: Row | None = None, **kwargs: Any) -> bool:
        text = as_text(value)
        try:
            return YES_NO[text.casefold()]
        except KeyError:
            raise ValueError(f"{quoted(text)} is neither yes nor no") from None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "yes" if value else "no"


class ChoiceWidget(TextWidget):
    """One of a few words."""

    def __init__(self, choices: Iterable[str]) -> None:
        super().__init__()
        self.choices = tuple(choices)

    def clean(self, value: Any, row: Row | None = None, **kwargs: Any) -> str:
        text = super().clean(value, row, **kwargs)
        if text and text not in self.choices:
            raise ValueError(f"{quoted(text)} is not one of {', '.join(self.choices)}")
        return text


class LookupWidget(widgets.Widget):
    """Another row, found by natural key: a method of the resource takes the cell's text and the row."""

    resource: TableResource

    def __init__(self, method: str, shown: str) -> None:
        super().__init__()
        self.method = method
        self.shown = shown

    def clean(self, value: Any, row: Row | None = None, **kwargs: Any) -> Any:
        return getattr(self.resource, self.method)(as_text(value), row or {})

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        if value is None:
            return ""
        return str(getattr(value, self.shown) if self.shown else value)

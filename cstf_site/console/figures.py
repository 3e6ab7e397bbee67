"""Home's two charts of the last nights, each with the same in numbers."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.humanize.templatetags.humanize import intcomma

from cstf_site.console import charts
from interface.questions.nights import KINDS, Night
from people.dates import weekday
from people.marks import tone_of

WORDS: Final = ("Done", "With a warning", "Rejected")  # of KINDS


def month(nights: list[Night]) -> dict[str, Any]:
    """The chart of the last nights by kind of answer, and its table."""
    days = [(night.on, {str(tone_of(kind)): night.counted(kind) for kind in KINDS}) for night in nights]
    rows = [
        [
            weekday(night.on),
            intcomma(night.files_in),
            *(intcomma(night.counted(kind)) for kind in KINDS),
        ]
        for night in reversed(nights)
        if night.files_in
    ]
    return {
        "chart": charts.stacked(days),
        "legend": [(tone_of(kind), words) for kind, words in zip(KINDS, WORDS, strict=True)],
        "table": _table("Records by night and answer", ("Night", "Files", *WORDS), rows),
    }


def sent_by_night(nights: list[Night]) -> dict[str, Any]:
    """The chart of what went out, and its table."""
    rows = [
        [weekday(night.on), night.files_out, intcomma(night.lines_sent)]
        for night in reversed(nights)
        if night.files_out
    ]
    return {
        "chart": charts.by_day([(night.on, night.lines_sent) for night in nights]),
        "table": _table("Lines sent by night", ("Night", "Files", "Lines"), rows),
    }


def _table(caption: str, names: tuple[str, ...], rows: list[list[Any]]) -> dict[str, Any]:
    columns = [{"name": name, "is_number": bool(place)} for place, name in enumerate(names)]
    return {"caption": caption, "columns": columns, "rows": rows}

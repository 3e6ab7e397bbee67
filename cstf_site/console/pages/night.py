"""A night as a picture: what came in, what was decided, what was answered, what went out; down to file and code."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from django.http import Http404
from django.utils.functional import cached_property

from cstf_site.console import charts
from cstf_site.console.charts import Part
from cstf_site.console.figures import WORDS
from cstf_site.console.groups import Group
from cstf_site.console.home import RUN_TONES, list_of, moment_of, night_address
from cstf_site.console.of_rows import page_of
from cstf_site.console.page import ConsoleView, console_page
from interface.decision.codes import MEANING
from interface.inbound_admin import state_chip
from interface.models import Connection, InboundFile, InboundRecord, OutboundFile
from interface.outbound_admin import RECORD_TYPES
from interface.questions.nights import KINDS, Night, nights_of, together
from people.dates import london_today
from people.marks import tone_of

# Of which there are nights at all.
YEARS: Final = range(2000, 2200)
_DAY: Final = timedelta(days=1)


@console_page(
    name="night", path="exchange/night/", title="A night as a picture",
    permission="interface.view_inboundfile", group=Group.EXCHANGE, order=10,
)  # fmt: skip
class NightView(ConsoleView):
    """The last night of all connections; with ``?on=`` another, with ``?connection=`` of one."""

    template_name = "console/night.html"

    @cached_property
    def connections(self) -> list[Connection]:
        """All in sight, or the one that was asked for."""
        rows = Connection.objects.select_related("organisation").order_by("organisation__vpd", "code")
        asked = self.request.GET.get("connection", "")
        if not asked:
            return list(rows)
        found = list(rows.filter(pk=int(asked))) if asked.isascii() and asked.isdecimal() else []
        if not found:
            raise Http404
        return found

    @cached_property
    def chosen(self) -> Connection | None:
        """The one that was asked for."""
        return self.connections[0] if self.request.GET.get("connection") else None

    @cached_property
    def on(self) -> date:
        """The business date that was asked for, or of the last night."""
        try:
            asked = date.fromisoformat(self.request.GET.get("on", ""))
        except ValueError:
            return moment_of(self.request).night
        if asked.year not in YEARS:
            raise Http404
        return asked

    def title(self) -> str:
        return f"The night of {self.on:%A} {self.on.day} {self.on:%B %Y}"

    def content(self) -> dict[str, Any]:
        by_connection = nights_of(self.connections, last=self.on, count=1)
        night = next(iter(together(by_connection.values())), Night(self.on))
        of_night = {"connection__in": self.connections, "business_date": self.on}
        files = InboundFile.objects.filter(**of_night).select_related("connection__organisation", "undo")
        sent = OutboundFile.objects.filter(**of_night).select_related("connection__organisation")
        return {
            "night": night,
            "tone": RUN_TONES.get(night.state, "calm"),
            "chosen": self.chosen,
            "before": night_address(self.on - _DAY, self.chosen),
            # There is no night to come to look at.
            "after": night_address(self.on + _DAY, self.chosen) if self.on < london_today() else "",
            "of_all": night_address(self.on),
            "picture": charts.lanes(lanes(night)),
            "out": charts.lanes([("Out: lines sent", parts_out(night))]),
            "table": numbers(night),
            "answers": self._answers(night),
            "rows": []
            if self.chosen
            else [self._row(one, by_connection[one.pk][0]) for one in self.connections],
            "files": (page := page_of(self.request, files.order_by("connection", "number", "pk"))),
            "files_in": [(file, state_chip(file)) for file in page],
            "files_out": list(sent.order_by("connection", "pk")[: page.paginator.per_page]),
            "any_hold": bool(night.holds),
        }

    def _answers(self, night: Night) -> list[dict[str, Any]]:
        """By kind of answer, what needs somebody first: how many in all, and of each code."""
        return [
            {
                "words": words,
                "count": night.counted(kind),
                "codes": [
                    self._code(code, count) for code, count in sorted(night.codes.items()) if code[0] == kind
                ],
            }
            for kind, words in reversed(list(zip(KINDS, WORDS, strict=True)))
        ]

    def _code(self, code: str, count: int) -> dict[str, Any]:
        filters = {"code": code, "night": self.on.isoformat()}
        if self.chosen:
            filters["connection"] = str(self.chosen.pk)
        may_see_lines = self.request.user.has_perm("interface.view_inboundrecord", self.chosen)
        url = list_of(InboundRecord, filters) if may_see_lines else ""
        return {"code": code, "meaning": MEANING.get(code, ""), "count": count, "url": url}

    def _row(self, connection: Connection, night: Night) -> dict[str, Any]:
        return {
            "connection": connection,
            "url": night_address(self.on, connection),
            "night": night,
            "tone": RUN_TONES.get(night.state, "calm"),
            "kinds": [night.counted(kind) for kind in KINDS],
        }


def lanes(night: Night) -> list[tuple[str, list[Part]]]:
    """In, decided, answered: records, to one scale."""
    undecided = max(night.lines_in - night.records, 0)
    decided = [
        Part(night.counted(kind), tone_of(kind), words.lower())
        for kind, words in zip(KINDS, WORDS, strict=True)
    ]
    return [
        (
            "In: records in the files that came",
            [Part(night.lines_in - undecided, "note", "taken in"), Part(undecided, "calm", "not decided")],
        ),
        ("Decided", decided),
        (
            "Answered: records that the LMS has an answer to",
            [
                Part(night.answered, "note", "answered"),
                Part(night.records - night.answered, "calm", "not answered yet"),
            ],
        ),
    ]


def parts_out(night: Night) -> list[Part]:
    """Lines sent, by record type; deletions stand out."""
    return [
        Part(count, "warn" if kind.endswith("D") else "note", RECORD_TYPES.get(kind, kind))
        for kind, count in sorted(night.lines_out.items())
    ]


def numbers(night: Night) -> dict[str, Any]:
    """The picture's table."""
    rows: list[list[Any]] = [
        ["Files that came", f"{night.files_in:,}"],
        ["of these refused", f"{night.refused:,}"],
        ["of these waiting for a person", f"{night.waiting:,}"],
        ["Records in", f"{night.lines_in:,}"],
        *(
            [f"Decided: {words.lower()}", f"{night.counted(kind):,}"]
            for kind, words in zip(KINDS, WORDS, strict=True)
        ),
        ["Answered", f"{night.answered:,}"],
        ["Answers sent, files", f"{night.answers_out:,}"],
        ["Full and changes files sent", f"{night.files_out:,}"],
        *([f"Lines sent: {part.words}", f"{part.count:,}"] for part in parts_out(night)),
    ]
    columns = [{"name": "What"}, {"name": "How many", "is_number": True}]
    return {"caption": "The night in numbers", "columns": columns, "rows": rows}

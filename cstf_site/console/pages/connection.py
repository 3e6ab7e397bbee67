"""One connection: how it stands, whom it selects, how its nights went, what did not come, and what may be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from cstf_site.console import charts
from cstf_site.console.figures import WORDS
from cstf_site.console.groups import Group
from cstf_site.console.home import list_of, night_address, night_cell
from cstf_site.console.of_rows import InPath
from cstf_site.console.page import ConsoleView, address, console_page
from interface import actions
from interface.models import Connection, FileCalendar, InboundFile, OutboundHold
from interface.questions import calendar, mapping
from interface.questions.nights import KINDS, Night, nights_of
from interface.questions.silence import silence
from interface.scope import in_scope
from people.dates import LONDON, london_today, weekday
from people.tenancy import within


class Verb(NamedTuple):
    """What may be done to a connection: with which permission, by which verb, and what is told when it is done."""

    permission: str
    run: Callable[..., object]
    done: str
    wants_reason: bool = True


VERBS: Final = {
    "pause": Verb("interface.pause_connection", actions.pause, "is paused"),
    "resume": Verb("interface.pause_connection", actions.resume, "exchanges files again from the next night on"),
    "full": Verb(
        "interface.want_full_file_connection", actions.want_full_file, "will get a full file at the next exchange",
        wants_reason=False,
    ),
}  # fmt: skip


class OfConnection(ConsoleView):
    """A page about one connection: by way of the list and of the connection's own page."""

    connection = InPath(Connection, beside="organisation")

    def crumbs(self) -> list[tuple[str, str]]:
        here = address("connection", connection=self.connection.pk)
        return [
            ("Connections", reverse("admin:interface_connection_changelist")),
            (str(self.connection), here),
        ]


@console_page(
    name="connection", path="connections/<int:connection>/", title="Connection",
    permission="interface.view_connection",
)  # fmt: skip
class ConnectionView(OfConnection):
    """The page of one connection."""

    template_name = "console/connection.html"

    def title(self) -> str:
        return str(self.connection)

    def crumbs(self) -> list[tuple[str, str]]:
        return super().crumbs()[:1]

    def content(self) -> dict[str, Any]:
        connection, today = self.connection, london_today()
        nights = nights_of([connection], last=today)[connection.pk]
        return {
            "connection": connection,
            "why_not": connection.why_not_sending(on=today),
            "facts": self._facts(),
            "strip": charts.strip([night_cell(night) for night in nights]),
            "nights": _table(connection, nights),
            **_silence(connection),
            "may": {
                name: self.request.user.has_perm(verb.permission, connection) for name, verb in VERBS.items()
            },
            "may_exchange": self.request.user.has_perm("interface.exchange_connection", connection),
            "may_deliver": self.request.user.has_perm("interface.deliver_inboundfile", connection),
            "held_in": list_of(InboundFile, {"state__exact": "held", "connection": str(connection.pk)}),
            "held_out": list_of(OutboundHold, {"settled_at__isempty": "1", "connection": str(connection.pk)}),
            "agreement": reverse("admin:interface_connection_change", args=[connection.pk]),
        }

    def _facts(self) -> list[tuple[str, Any]]:
        connection, today = self.connection, london_today()
        facts: list[tuple[str, Any]] = [
            ("LMS", connection.lms_name),
            ("Supplier", connection.supplier),
            ("Carries", _carried(connection)),
            ("Live since", connection.live_on),
            ("Next number in", connection.next_inbound),
            ("Next number out", connection.next_outbound),
            ("Full file", connection.full_file_wanted),
        ]
        # Numbers tell of nobody: they are the same whoever looks.
        with within(connection.organisation):
            selected = in_scope(connection, on=today).count()
            unserved = mapping.unserved_competences(connection, on=today).count()
            unmapped = mapping.courses_failing(connection, mapped=False).count()
            ended = mapping.not_in_force(connection.mappings.all(), on=today).count()
        return [
            *facts,
            ("People it selects today", f"{selected:,}"),
            ("Courses seen and not mapped", unmapped),
            ("Courses mapped to what is not in force", ended),
            ("CSTF competences that no course gives", unserved),
        ]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """One of the verbs, with its reason."""
        connection, verb = self.connection, VERBS.get(request.POST.get("action", ""))
        if verb is None or not request.user.has_perm(verb.permission, connection):
            raise PermissionDenied
        said = {"reason": request.POST.get("reason", "")} if verb.wants_reason else {}
        try:
            with within(connection.organisation):
                verb.run(connection, by=request.user.get_username(), **said)
        except ValueError as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, f"{connection} {verb.done}.")
        return redirect(address("connection", connection=connection.pk))


def _carried(connection: Connection) -> str:
    values = ", ".join(map(str, connection.restriction_values))
    return (
        f"{connection.get_restriction_display()}: {values}"
        if values
        else connection.get_restriction_display()
    )


def _table(connection: Connection, nights: list[Night]) -> dict[str, Any]:
    names = ("Night", "Run", "Files in", "Refused", "Waiting", *WORDS, "Files out", "Lines out")
    return {
        "caption": "The last 30 nights in numbers",
        "hide_caption": True,
        "columns": [{"name": name, "is_number": place > 1} for place, name in enumerate(names)],
        "rows": [
            [
                format_html('<a href="{}">{}</a>', night_address(night.on, connection), weekday(night.on)),
                night.state or "no run",
                night.files_in,
                night.refused,
                night.waiting,
                *(f"{night.counted(kind):,}" for kind in KINDS),
                night.files_out,
                f"{night.lines_sent:,}",
            ]
            for night in reversed(nights)
            if not night.is_empty
        ],
    }


def _silence(connection: Connection) -> dict[str, Any]:
    """Where no files are expected of the partner by a calendar, none of it is known."""
    calendars = FileCalendar.objects.filter(connection=connection)
    agreed = calendars.select_related("connection__organisation").first()
    if agreed is None:
        return {"agreed": None}
    at = timezone.now()
    return {
        "agreed": agreed,
        "late": calendar.late_files(agreed, at=at),
        "uncollected": calendar.uncollected(agreed, at=at),
        "silent_since": calendar.silent_since(agreed, at=at),
    }


# --- Of all connections -------------------------------------------------------------------------------


@console_page(
    name="late_files", path="exchange/late/", title="Late, not fetched, or silent",
    permission="interface.view_filecalendar", group=Group.EXCHANGE,
)  # fmt: skip
class LateFilesView(ConsoleView):
    """What was expected by a calendar and has not come, what nobody fetched, and who has not been heard of."""

    template_name = "console/late_files.html"

    def content(self) -> dict[str, Any]:
        found = silence(at=timezone.now())
        return {
            "late": [(agreed.connection, one, one.due_at.astimezone(LONDON)) for agreed, one in found.late],
            "uncollected": [(agreed.connection, agreed, file) for agreed, file in found.uncollected],
            "silent": [(agreed.connection, agreed, heard) for agreed, heard in found.silent],
        }

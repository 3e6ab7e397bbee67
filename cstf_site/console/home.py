"""What Home shows: what needs its user today, and the exchange at a glance.

Everything is asked of the rows that the list behind it would show the same user, so that a count and the list it leads
to agree, and nobody is told of what they may not see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib.admin import site
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from cstf_site.console import charts
from cstf_site.console.figures import month, sent_by_night
from cstf_site.console.page import address
from interface import models as exchange
from interface.decision.codes import MEANING
from interface.questions import today as questions
from interface.questions.mapping import failures_by_connection, not_in_force
from interface.questions.missed import without_their_night
from interface.questions.nights import Night, nights_of, together
from interface.questions.silence import silence
from people.dates import london_today, short, weekday
from people.lists import CappedPaginator
from people.marks import Tone
from people.models import NightlyRun, Person

Rows = QuerySet[Any]
MOST_CONNECTIONS: Final = 25
# Of tiles; of which there is nothing, or which ask for nothing, stands calm at the end.
URGENCY: Final[tuple[Tone, ...]] = ("bad", "warn", "note", "good", "calm")
LATE: Final = "Late, not fetched, or silent"
COURSES: Final = "Courses that wait"


@dataclass(frozen=True, slots=True)
class Moment:
    """Today, and the business date of the last night (today before the first)."""

    today: date
    night: date


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that may wait: of which list, which of its rows, and with which filters the list shows them."""

    model: type[Model]
    name: str
    note: str
    tone: Tone
    rows: Callable[[Rows, Moment], Rows]
    filters: Callable[[Moment], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Tile:
    """A count that leads to its list."""

    name: str
    note: str
    tone: Tone
    count: int
    shown: str
    url: str


def _one_day(on: date) -> dict[str, str]:
    return {"business_date__from": on.isoformat(), "business_date__to": on.isoformat()}


def _recent(moment: Moment) -> date:
    return moment.night - questions.RECENT


WAITING: Final = (
    Waiting(
        exchange.InboundFile, "Files held", "A number before them is missing", "warn",
        lambda files, moment: questions.held(files), lambda moment: {"state__exact": "held"},
    ),
    Waiting(
        exchange.InboundFile, "Files refused last night", "Nothing of them was applied", "bad",
        lambda files, moment: questions.refused_on(files, night=moment.night),
        lambda moment: {"state__exact": "refused", **_one_day(moment.night)},
    ),
    Waiting(
        exchange.InboundFile, "Files set aside", "They failed too often and wait for a person", "bad",
        lambda files, moment: questions.set_aside(files), lambda moment: {"state__exact": "quarantined"},
    ),
    Waiting(
        NightlyRun, "Nights failed", "In the last week, and not done since", "bad",
        lambda runs, moment: questions.failed_since(runs, first=_recent(moment)),
        lambda moment: {"state__exact": "failed", "business_date__from": _recent(moment).isoformat()},
    ),
    Waiting(
        exchange.Connection, "Nights that did not run", "Tell whoever runs the server: is the worker there?", "bad",
        lambda connections, moment: without_their_night(connections, at=timezone.now()),
        lambda moment: {"missed": "last"},
    ),
    Waiting(
        exchange.OutboundHold, "Outbound files held back", "They would change or delete too many people", "warn",
        lambda holds, moment: questions.open_holds(holds), lambda moment: {"settled_at__isempty": "1"},
    ),
    Waiting(
        exchange.ExtractHold, "Loads held back", "Files of the staff record that touch too many people", "warn",
        lambda holds, moment: questions.held_loads(holds), lambda moment: {"settled_at__isempty": "1"},
    ),
    Waiting(
        exchange.Mapping, "Mappings not in force", "To competences that ended, or have not begun", "warn",
        lambda mappings, moment: not_in_force(mappings, on=moment.today),
        lambda moment: {"force": "ended"},
    ),
    Waiting(
        exchange.Connection, "Connections not live", "Without a go-live date, or not aligned yet", "note",
        lambda connections, moment: questions.not_live(connections, on=moment.today),
        lambda moment: {"live": "no"},
    ),
    Waiting(
        exchange.Connection, "Connections paused", "Nothing goes out, and what comes is not read", "note",
        lambda connections, moment: questions.paused(connections), lambda moment: {"live": "paused"},
    ),
    Waiting(
        Person, "People in the record", "Neither deleted nor merged at the source", "calm",
        lambda persons, moment: persons.filter(removed_at__isnull=True), lambda moment: {"removed_at__isempty": "1"},
    ),
)  # fmt: skip


def visible(request: HttpRequest, model: type[Model]) -> Rows | None:
    """The rows that the list of a model would show this user, or None where they may not open it."""
    page = site._registry.get(model)
    if page is None or not page.has_view_permission(request):
        return None
    return page.get_queryset(request)


def list_of(model: type[Model], filters: Mapping[str, str]) -> str:
    """Where the list of a model is, narrowed."""
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return f"{address}?{urlencode(filters)}" if filters else address


def moment_of(request: HttpRequest) -> Moment:
    """Today in London, and the last night of which this user may see anything."""
    today = london_today()
    runs = visible(request, NightlyRun)
    night = None if runs is None else questions.last_night(runs)
    return Moment(today, night or today)


def tiles(request: HttpRequest, moment: Moment) -> list[Tile]:
    """What this user may see of what may wait, the most urgent first; what there is none of stands calm at the end."""
    found = [
        _tile(waiting, rows, moment)
        for waiting in WAITING
        if (rows := visible(request, waiting.model)) is not None
    ]
    if request.user.has_perm("interface.view_filecalendar"):
        found.append(_late_tile())
    if request.user.has_perm("interface.view_openfailure"):
        found.append(_courses_tile(visible(request, exchange.Connection)))
    return sorted(found, key=lambda tile: URGENCY.index(tile.tone))


def _late_tile() -> Tile:
    """Of what did not come there are no rows to list: it has a page of its own."""
    count = len(silence(at=timezone.now()))
    tone: Tone = "bad" if count else "calm"
    note = "By the connections' file calendars"
    return Tile(LATE, note, tone, count, intcomma(count), reverse("admin:late_files"))


def _courses_tile(connections: Rows | None) -> Tile:
    """Courses whose records failed for want of a mapping; of a single connection straight to them."""
    waiting = failures_by_connection(list(connections) if connections is not None else ())
    count = sum(courses for courses, _ in waiting.values())
    url = address("mapping")
    if len(waiting) == 1:
        url = address("connection_mapping", connection=next(iter(waiting)))
    note = "Not mapped, or not decided again since"
    return Tile(COURSES, note, "warn" if count else "calm", count, intcomma(count), url)


def _tile(waiting: Waiting, rows: Rows, moment: Moment) -> Tile:
    counted = CappedPaginator(waiting.rows(rows, moment), 1)
    tone = waiting.tone if counted.count else "calm"
    shown = f"{intcomma(counted.count)}{'+' if counted.is_capped else ''}"
    url = list_of(waiting.model, waiting.filters(moment))
    return Tile(waiting.name, waiting.note, tone, counted.count, shown, url)


@dataclass(frozen=True, slots=True)
class Rejected:
    """How many records of the last night got one code, and where they are listed."""

    code: str
    meaning: str
    count: int
    url: str


def rejected(night: Night) -> list[Rejected]:
    """The E codes of one night, the most frequent first."""
    counts = [(code, count) for code, count in night.codes.items() if code.startswith("E") and count]
    return [
        Rejected(code, MEANING.get(code, ""), count, records_of(code, night.on))
        for code, count in sorted(counts, key=lambda one: (-one[1], one[0]))
    ]


def records_of(code: str, night: date) -> str:
    """The list of one night's records with one code."""
    return list_of(exchange.InboundRecord, {"code": code, "night": night.isoformat()})


def home(request: HttpRequest) -> dict[str, Any]:
    """Everything that Home shows to this user."""
    moment = moment_of(request)
    found = tiles(request, moment)
    context: dict[str, Any] = {
        "moment": moment,
        "tiles": found,
        "waiting": [tile for tile in found if tile.tone != "calm"],
        "at_rest": [tile for tile in found if tile.tone == "calm"],
    }
    rows = visible(request, exchange.Connection)
    if rows is None or visible(request, exchange.InboundFile) is None:
        return context
    connections = list(rows.order_by("organisation__vpd", "code"))
    by_connection = nights_of(connections, last=moment.night)
    nights = together(by_connection.values())
    context |= {"month": month(nights), "any_records": any(night.records for night in nights)}
    context |= {"sent": sent_by_night(nights), "any_sent": any(night.files_out for night in nights)}
    if nights and visible(request, exchange.InboundRecord) is not None:
        context |= {"night": nights[-1], "rejected": rejected(nights[-1])}
    return context | {
        "connections": [
            _glance(one, by_connection[one.pk], moment) for one in connections[:MOST_CONNECTIONS]
        ],
        "more_connections": len(connections) > MOST_CONNECTIONS,
    }


RUN_TONES: Final[dict[str, Tone]] = {"done": "good", "failed": "bad", "running": "note"}


def night_cell(night: Night) -> charts.Night:
    """A night in a strip."""
    text = f"{weekday(night.on)}: {night.state or 'no run'}"
    return charts.Night(night.on, RUN_TONES.get(night.state, ""), text)


def _glance(connection: exchange.Connection, nights: list[Night], moment: Moment) -> dict[str, Any]:
    done = sum(1 for night in nights if night.state == "done")
    failed = [short(night.on) for night in nights if night.state == "failed"]
    records = sum(night.records for night in nights)
    rejected = sum(night.counted("E") for night in nights)
    return {
        "connection": connection,
        "url": reverse("admin:connection", args=[connection.pk]),
        "night_url": night_address(moment.night, connection),
        "is_paused": connection.paused_at is not None,
        "why_not": connection.why_not_sending(on=moment.today),
        "strip": charts.strip([night_cell(night) for night in nights]),
        "done": done,
        "failed": failed,
        "records": records,
        "share": f"{(records - rejected) / records:.1%}" if records else None,
    }


def night_address(on: date, connection: exchange.Connection | None = None) -> str:
    """The page of one night, of all connections or of one."""
    asked = {"on": on.isoformat(), **({"connection": str(connection.pk)} if connection else {})}
    return f"{reverse('admin:night')}?{urlencode(asked)}"

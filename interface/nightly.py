"""One night of one connection: take in what the partner sent, answer it, send what changed.

The same verb serves ``manage.py exchange``, the queue's task and the tests. Every step is idempotent and finishes what
a killed run left behind, so the whole may be run again at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from interface.folders import Folders
from interface.inbound.actions import collect
from interface.inbound.answer import stored_answer
from interface.models import Connection, InboundFile, InboundKind, InboundState, OutboundFile, OutboundHold
from interface.outbound.actions import send_tonight
from interface.publishing import publish_pending
from interface.questions.calendar import silences
from interface.report import ConnectionReport, FileIn, FileOut
from people.dates import london_date, written
from people.models import NightlyRun
from people.runs import renewal, running
from people.tenancy import within

JOB = "exchange"
Progress = Callable[[str, int], None]


def exchange(
    connection: Connection,
    *,
    on: date,
    by: str,
    by_hand: bool = False,
    asked_at: datetime | None = None,
    progress: Progress = lambda step, done: None,
) -> ConnectionReport:
    """The connection's night of business date ``on`` is done: files collected and answered, tonight's file sent.

    Raises RunNotClaimedError where the run is done already (unless ``by_hand``, or it was done before ``asked_at``) or
    another worker is at it. Any other
    error marks the run as failed and is raised; run again, it goes on where it stood. A paused connection has no run:
    what came waits in In.
    """
    with within(connection.organisation_id):
        connection.refresh_from_db(fields=["paused_at", "paused_by", "pause_reason"])
        if connection.paused_at is not None:
            return _paused(connection, on)
    with (
        within(connection.organisation_id),
        running(
            organisation=connection.organisation,
            job=JOB,
            subject=connection.code,
            on=on,
            by_hand=by_hand,
            asked_at=asked_at,
        ) as run,
    ):
        report = _exchange(connection, run, on=on, by=by, progress=progress)
        run.summary = _summary(connection, run, report)
        return report


def _paused(connection: Connection, on: date) -> ConnectionReport:
    since = written(london_date(connection.paused_at)) if connection.paused_at else ""
    why = f"Paused by {connection.paused_by} since {since}: {connection.pause_reason} Nothing was taken in or sent."
    return ConnectionReport(str(connection), on, "skipped", waiting=[why])


def _exchange(
    connection: Connection, run: NightlyRun, *, on: date, by: str, progress: Progress
) -> ConnectionReport:
    renew = renewal(run)

    def done(step: str) -> Callable[[int], None]:
        def report(count: int) -> None:
            renew()
            progress(step, count)

        return report

    Folders.of(connection)
    last_before = OutboundFile.objects.filter(connection=connection).order_by("-id").first()
    sent = publish_pending(connection)
    troubles: list[str] = []
    taken_in = collect(connection, on=on, by=by, progress=done("in"), trouble=troubles.append)
    held = None
    not_live = connection.why_not_live(on=on)
    if not not_live:
        held = send_tonight(connection, on=on, by=by, progress=done("out"))
        publish_pending(connection)
    news = OutboundFile.objects.filter(connection=connection).filter(
        Q(pk__gt=last_before.pk if last_before else 0) | Q(pk__in=[file.pk for file in sent])
    )
    return ConnectionReport(
        str(connection),
        on,
        "done",
        [file_in(file) for file in taken_in],
        [file_out(file) for file in news.order_by("id")],
        held=_held_text(held),
        troubles=troubles,
        waiting=[
            *([f"{not_live} Nothing was sent."] if not_live else []),
            *(_waiting_text(file) for file in _set_aside_before(connection, taken_in)),
            *silences([connection], at=timezone.now()),
        ],
    )


def _set_aside_before(connection: Connection, taken_in: Iterable[InboundFile]) -> Iterable[InboundFile]:
    """Files that still wait for somebody to deal with them: every night says so again."""
    files = InboundFile.objects.filter(connection=connection, state=InboundState.QUARANTINED)
    return files.exclude(pk__in=[file.pk for file in taken_in]).order_by("pk")


def _waiting_text(file: InboundFile) -> str:
    return f"{file.name} has been set aside since {written(file.business_date)}. {file.message}"


def file_in(file: InboundFile) -> FileIn:
    """An inbound file as the report shows it."""
    given = stored_answer(file)
    answer = str(Folders.of(file.connection).outbox / given.name) if given else ""
    return FileIn(file.name, file.state, file.code, file.message, file.records, file.counts, answer)


def file_out(file: OutboundFile) -> FileOut:
    """An outbound file as the report shows it."""
    path = str(Folders.of(file.connection).outbox / file.name)
    return FileOut(file.name, file.kind, file.records, file.counts, path, file.warnings)


def _held_text(hold: OutboundHold | None) -> str | None:
    if hold is None:
        return None
    return (
        f"Held for a person's yes: of {hold.population} people the partner holds, "
        f"{hold.changed} would be changed and {hold.deleted} deleted."
    )


def _summary(connection: Connection, run: NightlyRun, report: ConnectionReport) -> dict[str, Any]:
    """The whole night's, as the ledgers have it: earlier attempts may have done most of it and then been killed."""
    since = Q(published_at__gte=run.started_at, business_date__lte=run.business_date)
    tonight = OutboundFile.objects.filter(connection=connection, published_at__isnull=False).filter(
        since | Q(business_date=run.business_date)
    )
    taken_in = InboundFile.objects.filter(connection=connection).exclude(kind=InboundKind.BY_HAND)
    taken_in = taken_in.filter(Q(business_date=run.business_date) | Q(answers__in=tonight))
    return {
        "in": [
            {"name": file.name, "state": file.state, "code": file.code, "answers": file.counts}
            for file in taken_in.distinct().order_by("pk")
        ],
        "out": [{"name": file.name, "records": file.records} for file in tonight.order_by("pk")],
        "held": report.held or "",
        "troubles": [*report.troubles],
    }


def connections_to_exchange(*, vpd: str | None = None, code: str | None = None) -> Iterable[Connection]:
    """Every connection, or those of an organisation or a code."""
    connections = Connection.objects.select_related("organisation").order_by("organisation__vpd", "code")
    if vpd is not None:
        connections = connections.filter(organisation__vpd=vpd)
    if code is not None:
        connections = connections.filter(code=code)
    return connections

"""What is asked for in the console and takes longer than a page may: the queue does it, the run ledger tells of it.

A run row for each (promises P8): asked for twice at once, it is done once; killed, it may be asked for again. Its
summary holds counts and keys; what would become of people stands in rows of its own, for those who may see them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from interface.models import Connection, ForeseenChange, InboundFile, InboundState, OpenFailure
from interface.progress import counted, forget_strays, is_heard_of, telling
from interface.progress import progress_of as told_of
from interface.questions.mapping import failures_of_course
from interface.recovery.actions import ReplayRefusedError, preview, replay
from interface.recovery.foreseen import foresee
from people.bulk import among
from people.models import NightlyRun
from people.models.run import RunState
from people.runs import RunNotClaimedError, end_dead_runs, running
from people.tenancy import everywhere, within

PREVIEW: Final = "preview"
REPLAY: Final = "replay"
# So many lines are decided while somebody waits for the page.
LARGE: Final = 5_000
# Of so many people is kept how their record would change.
FORESEEN: Final = 1_000
# After so long without a word of its worker, it is looked whether that still lives.
SILENT: Final = timedelta(minutes=2)
# So long somebody is told that what they asked for begins soon.
_PATIENCE: Final = timedelta(minutes=10)
_SHORTEST_LINE: Final = 60  # bytes, as a feel: of a file that nobody has counted yet
_DECIDED: Final = (
    InboundState.ACCEPTED, InboundState.APPLIED, InboundState.ANSWERED, InboundState.QUARANTINED,
)  # fmt: skip


def previews_slowly(file: InboundFile) -> bool:
    """Whether looking ahead at the file takes longer than a page may. What is decided has its answer at once."""
    lines = file.records or file.size // _SHORTEST_LINE
    return file.state not in _DECIDED and lines > LARGE


def ask_for_preview(file: InboundFile, *, on: date) -> None:
    """The file will be previewed as of this business date."""
    _ask("interface.background.preview_file", file.pk, on.isoformat())


def ask_for_replay(connection: Connection, *, course: str, version: str, on: date, by: str) -> None:
    """The course's failed records will be decided again."""
    _ask("interface.background.replay_course", connection.pk, course, version, on.isoformat(), by)


def ask_for_replay_of(failures: Iterable[OpenFailure], *, on: date, by: str) -> None:
    """These lines will be decided again, connection by connection."""
    of: dict[int, list[int]] = {}
    for failure in failures:
        of.setdefault(failure.connection_id, []).append(failure.pk)
    for connection, keys in of.items():
        _ask("interface.background.replay_lines", connection, keys, on.isoformat(), by)


def _ask(task: str, *given: object) -> None:
    transaction.on_commit(lambda: async_task(task, *given))


def latest(job: str, *, subject: str, organisation: int) -> NightlyRun | None:
    """The last run of this work, or None before the first. One whose worker was killed counts as failed."""
    runs = NightlyRun.objects.filter(organisation=organisation, job=job, subject=subject)
    run = runs.order_by("-business_date").first()
    if run is not None and run.state == RunState.RUNNING and not is_heard_of(run, lately=SILENT):
        end_dead_runs()
        run.refresh_from_db()
    return run


# --- What the queue calls -----------------------------------------------------------------------------


def preview_file(key: int, business_date: str) -> str:
    """The totals by code stand in the run's summary, and beside it whose record would change, before and after."""
    with everywhere("a task names its file by key"):
        file = InboundFile.objects.select_related("connection__organisation").get(pk=key)
    organisation, on = file.connection.organisation, date.fromisoformat(business_date)
    try:
        with (
            within(organisation),
            running(organisation=organisation, job=PREVIEW, subject=str(key), on=on, by_hand=True) as run,
            telling(run) as tell,
        ):
            seen = preview(file.connection, file=file, on=on, limit=FORESEEN, tell=tell)
            foresee(file, seen.people)
            run.summary = {
                "state": seen.state,
                "code": seen.code,
                "message": seen.message,
                "records": seen.records,
                "counts": dict(seen.counts),
                "people_changed": seen.people_changed,
            }
    except RunNotClaimedError as reason:
        return str(reason)
    return f"{file}: {seen.records} records, {seen.people_changed} people"


def replay_course(key: int, course: str, version: str, business_date: str, by: str) -> str:
    """The course's failed records are decided again."""
    with everywhere("a task names its connection by key"):
        connection = Connection.objects.select_related("organisation").get(pk=key)
        failures = failures_of_course(connection, course, version)
    return _replayed(connection, failures, what=course, on=date.fromisoformat(business_date), by=by)


def replay_lines(key: int, failures: list[int], business_date: str, by: str) -> str:
    """These open failures of the connection are decided again."""
    with everywhere("a task names its connection by key"):
        connection = Connection.objects.select_related("organisation").get(pk=key)
        chosen = OpenFailure.objects.filter(connection=connection).filter(among("pk", failures))
    what = f"{len(failures):,} of the records"
    return _replayed(connection, chosen, what=what, on=date.fromisoformat(business_date), by=by)


def _replayed(
    connection: Connection, failures: QuerySet[OpenFailure], *, what: str, on: date, by: str
) -> str:
    """What the replays came to stands in the run's summary; why there was none, as its error."""
    organisation = connection.organisation
    try:
        with (
            within(organisation),
            running(
                organisation=organisation, job=REPLAY, subject=connection.code, on=on, by_hand=True
            ) as run,
            telling(run) as tell,
        ):
            further = counted(tell, failures.filter(connection=connection).count())
            made = replay(connection, failures=failures, on=on, by=by, progress=further)
            run.summary = {"what": what, "replays": [one.pk for one in made]}
    except (RunNotClaimedError, ReplayRefusedError) as reason:
        return str(reason)
    return f"{what}: {len(made)} files decided again"


def clear_away_tonight() -> int:
    """What was foreseen of inbound files is kept no longer than an upload; how many people's changes are gone."""
    forget_strays(older_than=timedelta(hours=settings.UPLOAD_KEEP_HOURS))
    before = timezone.now() - timedelta(hours=settings.UPLOAD_KEEP_HOURS)
    with everywhere("what was foreseen is cleared away of every organisation"):
        gone, _ = ForeseenChange.objects.filter(file__isnull=False, foreseen_at__lt=before).delete()
    return gone


def progress_of(run: NightlyRun | None, *, asked_at: datetime | None = None) -> dict[str, Any]:
    """For a page: whether it is under way and how far, done or failed, and since when.

    ``asked_at``: when whoever looks had asked for it. Until the queue begins with that, or has had time enough to, it
    counts as under way.
    """
    state = run.state if run else ""
    ended_at = run.finished_at if run else None
    is_awaited = (
        asked_at is not None
        and timezone.now() - asked_at < _PATIENCE
        and (ended_at is None or ended_at < asked_at)
    )
    is_running = state == "running" or is_awaited
    return {
        "run": run,
        "progress": told_of(run),
        "is_running": is_running,
        "is_done": state == "done" and not is_running,
        "is_failed": state == "failed" and not is_running,
    }

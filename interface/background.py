"""What is asked for in the console and takes longer than a page may: the queue does it, the run ledger tells of it.

A run row for each (promises P8): asked for twice at once, it is done once; killed, it may be asked for again. Its
summary holds counts and keys; who the people are is looked up by whoever shows it, as far as they may see them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django_q.tasks import async_task

from interface.models import Connection, InboundFile, InboundState, OpenFailure
from interface.questions.mapping import failures_of_course
from interface.recovery.actions import ReplayRefusedError, preview, replay
from people.bulk import among
from people.models import NightlyRun
from people.runs import RunNotClaimedError, running
from people.tenancy import everywhere, within

PREVIEW: Final = "preview"
REPLAY: Final = "replay"
# So many lines are decided while somebody waits for the page.
LARGE: Final = 5_000
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
    """The last run of this work, or None before the first."""
    runs = NightlyRun.objects.filter(organisation=organisation, job=job, subject=subject)
    return runs.order_by("-business_date").first()


# --- What the queue calls -----------------------------------------------------------------------------


def preview_file(key: int, business_date: str) -> str:
    """The totals by code, and whose record would change first, stand in the run's summary."""
    with everywhere("a task names its file by key"):
        file = InboundFile.objects.select_related("connection__organisation").get(pk=key)
    organisation, on = file.connection.organisation, date.fromisoformat(business_date)
    try:
        with (
            within(organisation),
            running(organisation=organisation, job=PREVIEW, subject=str(key), on=on, by_hand=True) as run,
        ):
            seen = preview(file.connection, file=file, on=on)
            run.summary = {
                "state": seen.state,
                "code": seen.code,
                "message": seen.message,
                "records": seen.records,
                "counts": dict(seen.counts),
                "people_changed": seen.people_changed,
                "people": [change.person.pk for change in seen.people],
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
        ):
            made = replay(connection, failures=failures, on=on, by=by)
            run.summary = {"what": what, "replays": [one.pk for one in made]}
    except (RunNotClaimedError, ReplayRefusedError) as reason:
        return str(reason)
    return f"{what}: {len(made)} files decided again"


def progress_of(run: NightlyRun | None) -> dict[str, Any]:
    """For a page: whether it is under way, done or failed, and since when."""
    state = run.state if run else ""
    return {
        "run": run,
        "is_running": state == "running",
        "is_done": state == "done",
        "is_failed": state == "failed",
    }

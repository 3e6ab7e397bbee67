"""Claiming a nightly run: at most one worker at a time does one job of one subject for one business date (promises P8).

The task queue delivers at least once, and a killed worker's task comes back for ever. So a run is claimed by a
conditional UPDATE, held by a lease that the worker renews, and counted: a task that keeps dying is given up after a
number of attempts of our own. A worker that died on this host loses its lease at once, one elsewhere when it runs out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from people.audit.context import Channel, acting
from people.models import NightlyRun, Organisation
from people.models.run import RunState
from people.workers import is_gone, this_worker


class RunNotClaimedError(Exception):
    """This worker is not to do this run now; the text says why."""


class RunDoneError(RunNotClaimedError):
    """The run is done already, and was not asked for again."""


class RunTakenError(RunNotClaimedError):
    """Another worker is at it."""


class RunGivenUpError(RunNotClaimedError):
    """Too many attempts have failed; a person has to look, and to run it by hand."""


def claim(
    *,
    organisation: Organisation,
    job: str,
    subject: str,
    on: date,
    by_hand: bool,
    asked_at: datetime | None = None,
) -> NightlyRun:
    """The run is ours: running, its lease ours, one attempt more. Raises RunNotClaimedError otherwise.

    A task of the queue neither repeats a run that is done nor tries for ever; a person (``by_hand``) may do both. A
    task that says when it was asked for (``asked_at``) repeats what was done before that, and not what was done since.
    """
    run, _ = NightlyRun.objects.get_or_create(
        organisation=organisation,
        job=job,
        subject=subject,
        business_date=on,
        defaults={"state": RunState.FAILED, "started_at": timezone.now()},
    )
    if _end_if_dead(run):
        run.refresh_from_db()
    if not by_hand:
        _refuse_needless(run, asked_at)
    with transaction.atomic():
        # One claim at a time, or two for different dates would not see each other.
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        _refuse_beside_another_date(run)
        claimed = _take(run, anew=run.state == RunState.DONE or (by_hand and run.state != RunState.RUNNING))
    if not claimed:
        raise _taken(run)
    run.refresh_from_db()
    return run


def _take(run: NightlyRun, *, anew: bool) -> int:
    """The conditional UPDATE: 1 where the run is ours now, else 0."""
    free = ~Q(state=RunState.RUNNING) | Q(lease_until__lt=timezone.now()) | Q(worker=_if_dead(run.worker))
    return NightlyRun.objects.filter(free, pk=run.pk, attempts=run.attempts).update(
        state=RunState.RUNNING,
        attempts=1 if anew else F("attempts") + 1,
        worker=this_worker(),
        lease_until=_lease_end(),
        finished_at=None,
        error="",
    )


def _refuse_beside_another_date(run: NightlyRun) -> None:
    """Two business dates of one subject share folders and sequence: one waits for the other."""
    others = NightlyRun.objects.filter(
        organisation=run.organisation_id,
        job=run.job,
        subject=run.subject,
        state=RunState.RUNNING,
        lease_until__gte=timezone.now(),
    )
    for other in others.exclude(pk=run.pk):
        if other.worker != _if_dead(other.worker):
            raise _taken(other)


def _taken(run: NightlyRun) -> RunTakenError:
    until = f" until {timezone.localtime(run.lease_until):%H:%M:%S}" if run.lease_until else ""
    return RunTakenError(f"{run} is being done by {run.worker or 'another worker'}{until}")


def _refuse_needless(run: NightlyRun, asked_at: datetime | None) -> None:
    if run.state == RunState.DONE:
        assert run.finished_at is not None, "what is done has ended"
        if asked_at is not None and run.finished_at < asked_at:
            return
        raise RunDoneError(f"{run} is done")
    if run.attempts >= settings.RUN_MAX_ATTEMPTS:
        raise RunGivenUpError(f"{run} failed {run.attempts} times and is left for a person: run it by hand")


def end_dead_runs() -> int:
    """Runs whose worker is gone count as failed from now on, of the organisations in scope; how many there were.

    Whoever looks calls this: a worker that is killed cannot write its own end, and after the last attempt nobody
    claims the run any more.
    """
    return sum(_end_if_dead(run) for run in NightlyRun.objects.filter(state=RunState.RUNNING))


def _end_if_dead(run: NightlyRun) -> bool:
    if run.state != RunState.RUNNING or not _is_dead(run):
        return False
    unmoved = NightlyRun.objects.filter(
        pk=run.pk, state=RunState.RUNNING, worker=run.worker, lease_until=run.lease_until
    )
    error = (
        f"The worker {run.worker} ended without a word in attempt {run.attempts}: it was killed, its host went "
        "down, or it was silent for too long. Run again, it goes on where it stood."
    )
    return bool(
        unmoved.update(state=RunState.FAILED, lease_until=None, finished_at=timezone.now(), error=error)
    )


def _is_dead(run: NightlyRun) -> bool:
    assert run.lease_until is not None, "a run is leased while it is running"
    return run.lease_until < timezone.now() or run.worker == _if_dead(run.worker)


def renewal(run: NightlyRun) -> Callable[[], None]:
    """A function to call often during long work: it renews the lease when a quarter of it is spent."""
    every = settings.RUN_LEASE_SECONDS / 4
    renewed = time.monotonic()

    def renew() -> None:
        nonlocal renewed
        if time.monotonic() - renewed > every:
            renewed = time.monotonic()
            _still_ours(run).update(
                state=RunState.RUNNING, lease_until=_lease_end(), finished_at=None, error=""
            )

    return renew


@contextmanager
def running(
    *,
    organisation: Organisation,
    job: str,
    subject: str,
    on: date,
    by_hand: bool,
    asked_at: datetime | None = None,
) -> Iterator[NightlyRun]:
    """Inside, the run is ours (``claim``); leaving it, done with the ``summary`` set on it, or failed with the error.

    The error is written down and raised: the next attempt goes on where this one stands.
    """
    run = claim(
        organisation=organisation, job=job, subject=subject, on=on, by_hand=by_hand, asked_at=asked_at
    )
    try:
        with acting(channel=Channel.RUN, key=str(run)):
            yield run
    except BaseException as error:
        _end(run, RunState.FAILED, error=f"{type(error).__name__}: {error}")
        raise
    _end(run, RunState.DONE, summary=run.summary, error="")


def _end(run: NightlyRun, state: RunState, **values: Any) -> None:
    _still_ours(run).update(state=state, lease_until=None, finished_at=timezone.now(), **values)


def _still_ours(run: NightlyRun) -> QuerySet[NightlyRun]:
    """The run's row, unless it was taken over: a worker whose lease ran out has no say any more.

    One that was only given up for dead, by ``end_dead_runs``, and lives, goes on.
    """
    return NightlyRun.objects.filter(
        pk=run.pk, worker=run.worker, attempts=run.attempts, state__in=(RunState.RUNNING, RunState.FAILED)
    )


def _lease_end() -> Any:
    return timezone.now() + timedelta(seconds=settings.RUN_LEASE_SECONDS)


def _if_dead(worker: str) -> str:
    """The worker's name if it is certain that it no longer lives, else a name that nobody has."""
    return worker if is_gone(worker) else "nobody"

"""The run ledger: one worker at a time, a dead one replaced, a poisonous task given up (promises P8)."""

import os
import socket
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from people.models import NightlyRun, Organisation
from people.models.run import RunState
from people.runs import RunDoneError, RunGivenUpError, RunTakenError, claim, end_dead_runs, renewal, running

pytestmark = pytest.mark.django_db

ON = date(2026, 11, 3)


@pytest.fixture
def organisation() -> Organisation:
    return Organisation.objects.create(vpd="901", name="Northmoor")


def claimed(organisation: Organisation, *, by_hand: bool = False) -> NightlyRun:
    return claim(organisation=organisation, job="exchange", subject="MOODLE", on=ON, by_hand=by_hand)


def done(organisation: Organisation, error: str = "", *, by_hand: bool = False) -> NightlyRun:
    """A whole run, to its good or bad end."""
    with (
        suppress(OSError),
        running(organisation=organisation, job="exchange", subject="MOODLE", on=ON, by_hand=by_hand) as run,
    ):
        run.summary = {"out": 1}
        if error:
            raise OSError(error)
    run.refresh_from_db()
    return run


def taken_by(run: NightlyRun, worker: str, *, lease: timedelta) -> None:
    NightlyRun.objects.filter(pk=run.pk).update(worker=worker, lease_until=timezone.now() + lease)


def test_a_run_is_claimed_once(organisation: Organisation) -> None:
    run = claimed(organisation)
    assert (run.state, run.attempts) == (RunState.RUNNING, 1)
    for by_hand in (False, True):
        with pytest.raises(RunTakenError, match=socket.gethostname()):
            claimed(organisation, by_hand=by_hand)


def test_a_done_run_is_repeated_by_a_person_only(organisation: Organisation) -> None:
    run = done(organisation)
    assert (run.state, run.summary, run.lease_until) == (RunState.DONE, {"out": 1}, None)
    with pytest.raises(RunDoneError):
        claimed(organisation)
    assert claimed(organisation, by_hand=True).state == RunState.RUNNING
    assert NightlyRun.objects.count() == 1


def test_a_failed_run_is_tried_again_and_then_given_up(
    organisation: Organisation, settings: Settings
) -> None:
    settings.RUN_MAX_ATTEMPTS = 3
    for attempt in (1, 2, 3):
        run = done(organisation, "disk full")
        assert (run.attempts, run.state, run.error) == (attempt, RunState.FAILED, "OSError: disk full")
    with pytest.raises(RunGivenUpError, match="3 times"):
        claimed(organisation)
    again = claimed(organisation, by_hand=True)
    assert (again.attempts, again.error) == (1, "")


def test_a_lease_that_ran_out_is_taken_over(organisation: Organisation) -> None:
    run = claimed(organisation)
    taken_by(run, "elsewhere/1/1", lease=timedelta(seconds=30))
    with pytest.raises(RunTakenError):
        claimed(organisation)
    taken_by(run, "elsewhere/1/1", lease=-timedelta(seconds=1))
    assert claimed(organisation).attempts == 2


def test_a_worker_that_died_on_this_host_loses_its_lease_at_once(organisation: Organisation) -> None:
    run = claimed(organisation)
    # Our own process number with another start: the number was given to a new process.
    taken_by(run, f"{socket.gethostname()}/{os.getpid()}/1", lease=timedelta(hours=1))
    assert claimed(organisation).worker == run.worker


def test_a_child_that_was_killed_loses_its_lease_at_once(organisation: Organisation) -> None:
    run = claimed(organisation)
    child = os.fork()
    if child == 0:
        os._exit(0)
    taken_by(run, f"{socket.gethostname()}/{child}/1", lease=timedelta(hours=1))
    os.waitpid(child, 0)
    assert claimed(organisation).attempts == 2


# --- Killed on the last attempt: nobody claims it any more -------------------------------------------


def killed(run: NightlyRun, *, attempts: int) -> None:
    """Its worker, of this host, is gone without a word."""
    taken_by(run, f"{socket.gethostname()}/{os.getpid()}/1", lease=timedelta(hours=1))
    NightlyRun.objects.filter(pk=run.pk).update(attempts=attempts)


def test_a_run_killed_on_its_last_attempt_is_ended_by_the_task_that_comes_back(
    organisation: Organisation, settings: Settings
) -> None:
    killed(claimed(organisation), attempts=settings.RUN_MAX_ATTEMPTS)
    with pytest.raises(RunGivenUpError, match="5 times"):
        claimed(organisation)
    run = NightlyRun.objects.get()
    assert (run.state, run.lease_until, run.finished_at is not None) == (RunState.FAILED, None, True)
    assert "ended without a word in attempt 5" in run.error


@pytest.mark.parametrize("lease", [timedelta(hours=1), -timedelta(seconds=1)], ids=["killed", "silent"])
def test_whoever_looks_ends_a_run_whose_worker_is_gone(organisation: Organisation, lease: timedelta) -> None:
    run = claimed(organisation)
    assert end_dead_runs() == 0
    if lease > timedelta(0):
        killed(run, attempts=5)
    else:
        taken_by(run, "elsewhere/1/1", lease=lease)
    assert end_dead_runs() == 1
    assert end_dead_runs() == 0
    assert NightlyRun.objects.get().state == RunState.FAILED
    assert claimed(organisation, by_hand=True).attempts == 1


def test_a_worker_elsewhere_that_holds_its_lease_is_believed_alive(organisation: Organisation) -> None:
    taken_by(claimed(organisation), "elsewhere/1/1", lease=timedelta(seconds=30))
    assert end_dead_runs() == 0
    assert NightlyRun.objects.get().state == RunState.RUNNING


@pytest.mark.parametrize("renews", [True, False])
def test_a_worker_given_up_for_dead_that_lives_goes_on(
    organisation: Organisation, settings: Settings, *, renews: bool
) -> None:
    """It was busy for longer than its lease, and nobody has taken the run over meanwhile."""
    with running(organisation=organisation, job="exchange", subject="MOODLE", on=ON, by_hand=False) as run:
        NightlyRun.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        assert end_dead_runs() == 1
        if renews:
            settings.RUN_LEASE_SECONDS = 0
            renewal(run)()
            assert NightlyRun.objects.get().state == RunState.RUNNING
    run.refresh_from_db()
    assert (run.state, run.error) == (RunState.DONE, "")


def test_a_run_starts_with_its_first_attempt(organisation: Organisation) -> None:
    first = done(organisation, "disk full").started_at
    assert done(organisation).started_at == first


def test_a_worker_that_lost_its_lease_has_no_say(organisation: Organisation) -> None:
    with running(organisation=organisation, job="exchange", subject="MOODLE", on=ON, by_hand=False) as late:
        taken_by(late, "elsewhere/1/1", lease=timedelta(hours=1))
    assert NightlyRun.objects.get().state == RunState.RUNNING


def test_a_lease_is_renewed_when_a_quarter_is_spent(organisation: Organisation, settings: Settings) -> None:
    run = claimed(organisation)
    first = run.lease_until
    renewal(run)()
    run.refresh_from_db()
    assert run.lease_until == first
    settings.RUN_LEASE_SECONDS = 0
    renew = renewal(run)
    settings.RUN_LEASE_SECONDS = 3600
    renew()
    run.refresh_from_db()
    assert first is not None
    assert run.lease_until is not None
    assert run.lease_until > first


def test_two_nights_of_one_subject_are_not_done_at_the_same_time(organisation: Organisation) -> None:
    """Somebody repeats yesterday's by hand while tonight's is under way: both would write the same folders."""
    tonight = claimed(organisation)
    yesterday: dict[str, Any] = {
        "organisation": organisation,
        "job": "exchange",
        "on": ON - timedelta(days=1),
        "by_hand": True,
    }
    with pytest.raises(RunTakenError, match=socket.gethostname()):
        claim(subject="MOODLE", **yesterday)
    claim(subject="TOTARA", **yesterday)
    taken_by(tonight, "elsewhere/1/1", lease=-timedelta(seconds=1))
    assert claim(subject="MOODLE", **yesterday).state == RunState.RUNNING

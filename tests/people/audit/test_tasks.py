"""Every night the chains are read again; one that was tampered with is a run that failed, and says where."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

import pytest
import time_machine

from people.audit import tasks
from people.audit.actions import record_many
from people.audit.events import Event
from people.audit.tasks import JOB, AuditBrokenError, check_chain, check_installation
from people.models import AuditHead, NightlyRun, Organisation
from people.models.audit import INSTALLATION

pytestmark = pytest.mark.django_db


@pytest.fixture
def trust() -> Organisation:
    trust = Organisation.objects.create(vpd="277", name="Northmoor")
    record_many([Event("a", trust.pk), Event("b", trust.pk), Event("c")])
    return trust


def run_of(on: str) -> NightlyRun:
    return NightlyRun.objects.get(job=JOB, business_date=date.fromisoformat(on))


def test_each_chain_has_its_task(trust: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    queued: list[tuple[Any, ...]] = []
    monkeypatch.setattr(tasks, "async_task", lambda *arguments: queued.append(arguments))
    with time_machine.travel("2026-11-04T04:40:00Z", tick=False):
        assert tasks.check_tonight() == 2
    assert queued == [
        ("people.audit.tasks.check_chain", trust.pk, "2026-11-04"),
        ("people.audit.tasks.check_installation",),
    ]


def test_a_sound_chain_is_noted_and_told_to_the_log(
    trust: Organisation, caplog: pytest.LogCaptureFixture
) -> None:
    end = AuditHead.objects.get(pk=trust.pk).chain_hash
    with caplog.at_level(logging.INFO, logger="people.audit.tasks"):
        assert check_chain(trust.pk, "2026-11-03") == f"277: 2 events, sound, ending with {end}"
    assert end in caplog.text
    run = run_of("2026-11-03")
    assert (run.state, run.summary) == ("done", {"events": 2, "hash": end})
    assert "is done" in check_chain(trust.pk, "2026-11-03")
    assert check_installation().startswith("installation: 1 events, sound")


def test_a_chain_that_was_tampered_with_fails_its_run(trust: Organisation) -> None:
    AuditHead.objects.filter(pk=trust.pk).update(sequence=1)
    with pytest.raises(AuditBrokenError, match=r"event 2 was put in|another hash than its last event"):
        check_chain(trust.pk, "2026-11-03")
    run = run_of("2026-11-03")
    assert run.state == "failed"
    assert "The audit is broken" in run.error
    AuditHead.objects.filter(pk=INSTALLATION).update(chain_hash="0" * 64)
    with pytest.raises(AuditBrokenError):
        check_installation()


def test_a_chain_that_was_rewritten_is_found_by_the_night_before(trust: Organisation) -> None:
    check_chain(trust.pk, "2026-11-03")
    noted = run_of("2026-11-03")
    # As if it had ended elsewhere then: whoever rewrites all of a chain leaves it sound in itself.
    NightlyRun.objects.filter(pk=noted.pk).update(summary={"events": 2, "hash": "0" * 64})
    record_many([Event("d", trust.pk)])
    with pytest.raises(AuditBrokenError, match="another than the one noted earlier"):
        check_chain(trust.pk, "2026-11-04")

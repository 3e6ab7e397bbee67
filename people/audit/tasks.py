"""What the queue calls every night: each audit chain is read again; one that was tampered with is a run that failed.

A night notes where each chain ended. The next one finds that end still in it, or somebody has rewritten the chain as a
whole; whoever could change that note, too, is found by the log alone, which has it as well.
"""

from __future__ import annotations

import logging
from datetime import date
from typing import Final

from django_q.tasks import async_task

from people.audit.verification import ChainReport, End, Progress, verify
from people.dates import london_today
from people.models import NightlyRun, Organisation
from people.models.audit import INSTALLATION
from people.models.run import RunState
from people.runs import RunNotClaimedError, renewal, running
from people.tenancy import everywhere, within

JOB: Final = "audit check"
log = logging.getLogger(__name__)


class AuditBrokenError(RuntimeError):
    """An event of the chain was changed, is missing or was put in; the text names the first."""


def check_tonight() -> int:
    """A task for each organisation's chain and one for the installation's; how many."""
    on = london_today().isoformat()
    with everywhere("the nightly fan-out serves every chain"):
        organisations = list(Organisation.objects.order_by("pk").values_list("pk", flat=True))
    for key in organisations:
        async_task("people.audit.tasks.check_chain", key, on)
    async_task("people.audit.tasks.check_installation")
    return len(organisations) + 1


def check_chain(key: int, business_date: str) -> str:
    """The organisation's chain is sound, or the run has failed with what is wrong first."""
    on = date.fromisoformat(business_date)
    with everywhere("a task names its organisation by key"):
        organisation = Organisation.objects.get(pk=key)
    try:
        with (
            within(organisation),
            running(organisation=organisation, job=JOB, subject="", on=on, by_hand=False) as run,
        ):
            renew = renewal(run)
            report = _sound(key, _noted(organisation, before=on), lambda events: renew())
            run.summary = {"events": report.events, "hash": report.end.chain_hash}
    except RunNotClaimedError as reason:
        return str(reason)
    return _told(organisation.vpd, report)


def check_installation() -> str:
    """The installation's chain is sound, or the task has failed with what is wrong first."""
    return _told("installation", _sound(INSTALLATION, None, lambda events: None))


def _noted(organisation: Organisation, *, before: date) -> End | None:
    """Where the chain ended when it was last found sound."""
    runs = NightlyRun.objects.filter(
        organisation=organisation, job=JOB, state=RunState.DONE, business_date__lt=before
    )
    last = runs.order_by("-business_date").first()
    return End(int(last.summary["events"]), str(last.summary["hash"])) if last else None


def _sound(key: int, known: End | None, progress: Progress) -> ChainReport:
    (report,) = verify(organisation_ids=[key], known={key: known} if known else None, progress=progress)
    if report.fault:
        raise AuditBrokenError(
            f"The audit is broken: {report.fault.text}. Do not mend it; see docs/audit.md."
        )
    return report


def _told(chain: str, report: ChainReport) -> str:
    told = f"{chain}: {report.events} events, sound, ending with {report.end.chain_hash or 'nothing'}"
    log.info("audit of %s", told)
    return told

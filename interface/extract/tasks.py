"""Held loads that were accepted, and what waits behind them: loaded by the queue where they are large.

A run row for each (promises P8): asked for or delivered twice, it is done once; killed, it may be asked for again.
"""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django_q.tasks import async_task

from interface.extract import keeping
from interface.extract.actions import load_extract, load_next
from interface.extract.holding import give_back
from interface.extract.report import ExtractRefusedError
from interface.models import ExtractHold, HoldState
from interface.progress import Tell, telling
from people.dates import london_today
from people.runs import RunNotClaimedError, running
from people.tenancy import everywhere, within

JOB: Final = "held load"


def load_soon(hold: ExtractHold) -> None:
    """What was accepted is loaded: a small file now, a large one by the queue once this transaction is committed."""
    if hold.lines > settings.UPLOAD_BACKGROUND_ROWS:
        transaction.on_commit(lambda: async_task("interface.extract.tasks.load_accepted", hold.pk))
    else:
        load_accepted(hold.pk)


def load_next_soon(hold: ExtractHold) -> None:
    """What waits behind one that was dismissed is tried by the queue."""
    vpd = hold.organisation.vpd
    transaction.on_commit(lambda: async_task("interface.extract.tasks.try_next", vpd))


def load_accepted(key: int, *, watch: Tell | None = None) -> str:
    """The held load is in the record, and then what waits behind it as far as the guard lets it.

    ``watch`` is told of the progress too, where somebody waits for it.
    """
    with everywhere("a task names its held load by key"):
        hold = ExtractHold.objects.select_related("organisation").get(pk=key)
    organisation = hold.organisation
    try:
        with (
            within(organisation),
            running(
                organisation=organisation, job=JOB, subject=str(key), on=london_today(), by_hand=True
            ) as run,
            telling(run) as tell,
        ):
            run.summary = _load(hold, _both(tell, watch))
    except RunNotClaimedError as reason:
        return str(reason)
    except ExtractRefusedError as refused:
        with within(organisation):
            give_back(hold, str(refused))
        return str(refused)
    load_next(organisation.vpd)
    return f"{hold.file_name}: loaded"


def _load(hold: ExtractHold, tell: Tell) -> dict[str, Any]:
    """What the load came to; nothing where it is done already."""
    hold.refresh_from_db()
    if hold.state != HoldState.LOADING:
        return {}
    report = load_extract(
        keeping.place(hold.organisation_id, hold.sha256),
        by=hold.decided_by,
        encoding=hold.encoding,
        accept_mass_change=True,
        reason=hold.reason,
        name=hold.file_name,
        only=hold.sha256,
        progress=tell,
    )
    return {"counts": {kind: dict(counts) for kind, counts in sorted(report.counts.items())}}


def _both(tell: Tell, watch: Tell | None) -> Tell:
    def told(done: int, total: int) -> None:
        tell(done, total)
        if watch is not None:
            watch(done, total)

    return told


def try_next(vpd: str) -> str:
    """What waits behind files that are settled is tried, in its order."""
    load_next(vpd)
    return f"{vpd}: what waited was tried"


def clear_away_tonight() -> int:
    """Copies that no held load names any more, of all organisations; how many there were."""
    with everywhere("copies of every organisation are cleared away"):
        held = ExtractHold.objects.filter(settled_at__isnull=True)
        known = {keeping.place(one.organisation_id, one.sha256).name for one in held}
    return keeping.forget_strays(known)

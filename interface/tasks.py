"""What the task queue calls: one task starts the night, and hands each connection to a task of its own.

So a hundred organisations use as many workers and hosts as there are, and a failed connection never stops another's.
"""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone
from django_q.tasks import async_task

from interface.models import Connection
from interface.nightly import connections_to_exchange, exchange
from interface.orphans import find_orphans
from people.dates import london_today
from people.models import Organisation
from people.runs import RunNotClaimedError, end_dead_runs, running
from people.tenancy import everywhere, within

BY = "nightly run"


class OrphansFoundError(RuntimeError):
    """Rows refer to something that does not exist: somebody changed the database by hand, or we have a bug."""


def exchange_tonight() -> int:
    """One task for each connection that has a go-live date, then one for each organisation's check; how many.

    The queue is first in, first out: the checks look at the tables as the exchanges leave them.
    """
    on, now = london_today().isoformat(), timezone.now().isoformat()
    with everywhere("the nightly fan-out serves every connection"):
        end_dead_runs()
        connections = [one for one in connections_to_exchange() if one.live_on is not None]
    organisations = {one.organisation_id: None for one in connections}
    for connection in connections:
        async_task("interface.tasks.exchange_connection", connection.pk, on, now)
    for organisation in organisations:
        async_task("interface.tasks.check_orphans", organisation, on)
    return len(connections) + len(organisations)


def exchange_connection(key: int, business_date: str, asked_at: str = "", by: str = BY) -> str:
    """One connection's night. Delivered twice, the second finds it done, or in other hands, and says so.

    What was done before it was asked for, by hand during the day, is not the night.
    """
    with everywhere("a task names its connection by key"):
        connection = Connection.objects.select_related("organisation").get(pk=key)
    try:
        report = exchange(connection, on=date.fromisoformat(business_date), by=by, asked_at=_moment(asked_at))
    except RunNotClaimedError as reason:
        return str(reason)
    done = f"{report.connection}: {len(report.inbound)} files in, {len(report.outbound)} out"
    return ". ".join([done, *report.left_undone])


def _moment(told: str) -> datetime | None:
    return datetime.fromisoformat(told) if told else None


def check_orphans(key: int, business_date: str) -> str:
    """The organisation's references lead somewhere, or the run has failed with a list of those that do not."""
    with everywhere("a task names its organisation by key"):
        organisation = Organisation.objects.get(pk=key)
    on = date.fromisoformat(business_date)
    try:
        with (
            within(organisation),
            running(organisation=organisation, job="orphan check", subject="", on=on, by_hand=False),
        ):
            if found := find_orphans(organisation):
                raise OrphansFoundError("; ".join(map(str, found)))
    except RunNotClaimedError as reason:
        return str(reason)
    return f"{organisation}: 0 found"

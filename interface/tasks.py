"""What the task queue calls: one task starts the night, and hands each connection to a task of its own.

So a hundred organisations use as many workers and hosts as there are, and a failed connection never stops another's.
"""

from __future__ import annotations

from datetime import date

from django_q.tasks import async_task

from interface.models import Connection
from interface.nightly import connections_to_exchange, exchange
from people.dates import london_today
from people.runs import RunNotClaimedError
from people.tenancy import everywhere

BY = "nightly run"


def exchange_tonight() -> int:
    """One task for each connection that has a go-live date; how many."""
    on = london_today()
    with everywhere("the nightly fan-out serves every connection"):
        keys = [connection.pk for connection in connections_to_exchange() if connection.live_on is not None]
    for key in keys:
        async_task("interface.tasks.exchange_connection", key, on.isoformat())
    return len(keys)


def exchange_connection(key: int, business_date: str) -> str:
    """One connection's night. Delivered twice, the second finds it done, or in other hands, and says so."""
    with everywhere("a task names its connection by key"):
        connection = Connection.objects.select_related("organisation").get(pk=key)
    try:
        report = exchange(connection, on=date.fromisoformat(business_date), by=BY)
    except RunNotClaimedError as reason:
        return str(reason)
    return f"{report.connection}: {len(report.inbound)} files in, {len(report.outbound)} out"

"""Tonight's exchange of one connection, asked for by a person: what it would begin with, and having it done now.

The queue does it, as at night, under the run of today's business date (promises P8): asked for twice at once, it is
done once. What comes after it is not forgotten: the night repeats what was done before it began.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from interface.background import latest
from interface.folders import Folders
from interface.inbound.receive import lying_in
from interface.models import Connection, InboundFile, OutboundFile
from interface.nightly import JOB
from interface.outbound.guard import open_hold
from interface.questions.today import held
from people.audit.actions import record
from people.models import NightlyRun
from people.models.run import RunState

logger = logging.getLogger(__name__)


class ExchangeRefusedError(ValueError):
    """Nothing was asked for; the text says why."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What an exchange would begin with: files in In by name (None: it cannot be read), and what it would send."""

    lying: list[str] | None
    held: int
    sends: str


def ahead(connection: Connection, *, on: date) -> Ahead:
    """As things stand now, for the business date."""
    try:
        lying = [path.name for path in lying_in(Folders.of(connection).inbox)]
    except OSError:
        lying = None
    waiting = held(InboundFile.objects.filter(connection=connection)).count()
    return Ahead(lying, waiting, _sends(connection, on))


def _sends(connection: Connection, on: date) -> str:
    hold = open_hold(connection)
    if hold is not None and hold.released_at is None:
        return (
            "A file is held back for a person's yes. What it would do is worked out anew; it goes out by itself only "
            "if that is no longer too much."
        )
    files = OutboundFile.objects.filter(connection=connection, number__isnull=False).order_by("-number")
    last = files.first()
    if last is None:
        return "The first file, which is a full one."
    if connection.full_file_wanted:
        return f"A full file: {connection.full_file_wanted}."
    if last.business_date == on:
        return f"A changes file, if anything has changed since {last.name}."
    return f"A changes file with what has changed since {last.name}, be it nothing."


def why_not(connection: Connection, *, on: date) -> str:
    """Why no exchange can be asked for now, in words; empty where it can."""
    if reason := connection.why_not_sending(on=on):
        return reason
    run = latest(JOB, subject=connection.code, organisation=connection.organisation_id)
    if run is not None and run.state == RunState.RUNNING:
        return f"The exchange of {run.business_date:%-d %B %Y} is under way."
    return ""


def ask_for_exchange(connection: Connection, *, on: date, by: str) -> None:
    """The queue exchanges the connection's files now, and the audit says who asked for it.

    A run that failed too often has its attempts again. Raises ExchangeRefusedError where ``why_not`` says anything.
    """
    if reason := why_not(connection, on=on):
        raise ExchangeRefusedError(reason)
    runs = NightlyRun.objects.filter(
        organisation=connection.organisation_id, job=JOB, subject=connection.code, business_date=on
    )
    task = (
        "interface.tasks.exchange_connection",
        connection.pk,
        on.isoformat(),
        timezone.now().isoformat(),
        by,
    )
    with transaction.atomic():
        runs.filter(state=RunState.FAILED).update(attempts=0)
        record(verb="exchange asked for", about=connection, after={"business_date": on.isoformat()}, by=by)
        transaction.on_commit(lambda: async_task(*task))
    logger.info("The exchange of %s was asked for by %s", connection, by)

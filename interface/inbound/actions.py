"""The verbs of the inbound side."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date
from functools import partial

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from competencies.acceptance import AcceptancePolicy, EmptyPolicy
from interface.formats import names
from interface.inbound.answer import answer, stored_answer
from interface.inbound.apply import Progress, apply_file
from interface.inbound.attempts import attempt
from interface.inbound.judge import JUDGED_AGAIN, in_number_order, judge
from interface.inbound.receive import Delivery, Trouble, discard, kind_of, receive
from interface.models import Connection, InboundFile, InboundState
from interface.publishing import publish, publish_pending
from people.audit.actions import record

logger = logging.getLogger(__name__)


def collect(
    connection: Connection,
    *,
    on: date,
    by: str,
    policy: AcceptancePolicy | None = None,
    progress: Progress = lambda lines: None,
    trouble: Trouble = logger.warning,
) -> list[InboundFile]:
    """Everything in the connection's In folder is received, judged, decided and answered; the files concerned.

    Files that an earlier run left behind are taken up where they stand. Bytes that were answered before are answered
    from the ledger: the stored answer is published again and nothing changes (promises P3). A file that fails at
    every attempt is set aside, and the others go on (P9). ``trouble`` is told of each file in In that cannot be read,
    or not be removed: it is left there, and the others go on.
    """
    deliveries = receive(connection, on=on, trouble=trouble)
    concerned = {one.file.pk: one.file for one in deliveries}
    for delivery in deliveries:
        try:
            _judge_again_or_answer(delivery, on=on)
        finally:
            # Whatever came of it: a file that stays would fail every night in the same way.
            discard(delivery, trouble=trouble)
    for file in in_number_order(_in_state(connection, InboundState.RECEIVED, InboundState.HELD)):
        concerned[file.pk] = file
        attempt(file, partial(judge, file, on=on))
    for file in _in_state(connection, InboundState.ACCEPTED):
        concerned[file.pk] = file
        attempt(file, partial(apply_file, file, policy=policy or EmptyPolicy(), progress=progress))
    for file in _to_answer(connection):
        concerned[file.pk] = file
        attempt(file, partial(answer, file))
    publish_pending(connection)
    return sorted(InboundFile.objects.filter(pk__in=concerned), key=lambda file: file.pk)


def _in_state(connection: Connection, *states: InboundState) -> Iterable[InboundFile]:
    files = InboundFile.objects.filter(connection=connection, state__in=states)
    return list(
        files.select_related("connection__organisation").order_by(F("number").asc(nulls_last=True), "pk")
    )


def _to_answer(connection: Connection) -> Iterable[InboundFile]:
    files = _in_state(connection, InboundState.APPLIED, InboundState.REFUSED)
    return [file for file in files if file.answered_at is None]


def _judge_again_or_answer(delivery: Delivery, *, on: date) -> None:
    """Bytes that were delivered before get the answer they were given, or are judged again where that may differ."""
    file = delivery.file
    if delivery.is_new:
        return
    if file.state == InboundState.RECEIVED:
        _take_usable_name(delivery)
    elif may_be_judged_otherwise(file, delivery.name) and _judged_otherwise(delivery, on=on):
        return
    elif file.answered_at is not None:
        given = stored_answer(file)
        if given is not None and given.published_at is not None:
            publish(given)


def _take_usable_name(delivery: Delivery) -> None:
    """Bytes that came under two names before they were judged are judged under the one that can be right."""
    file = delivery.file
    if names.parse(file.name) is None and names.parse(delivery.name) is not None:
        file.name, file.kind = delivery.name, kind_of(delivery.name)
        file.save(update_fields=["name", "kind"])


def may_be_judged_otherwise(file: InboundFile, name: str) -> bool:
    """Whether refused bytes that come again, under this name, are judged again."""
    return file.state == InboundState.REFUSED and (file.code in JUDGED_AGAIN or file.kind != kind_of(name))


def _judged_otherwise(delivery: Delivery, *, on: date) -> bool:
    """Whether judging the refused bytes again, under the name they now have, gave another verdict.

    The same refusal for another reason is none: its answer has been published, and never changes.
    """
    file = delivery.file
    before = (file.state, file.code)
    with transaction.atomic():
        file.name, file.kind = delivery.name, kind_of(delivery.name)
        judge(file, on=on)
        if (file.state, file.code) == before:
            transaction.set_rollback(True)
            return False
        if file.state in (InboundState.REFUSED, InboundState.ACCEPTED, InboundState.HELD):
            file.answered_at = None
            file.save(update_fields=["answered_at"])
    return True


@transaction.atomic
def release_file(file: InboundFile, *, by: str, reason: str = "") -> None:
    """A held file is let through: the missing numbers before it are passed over at the next exchange.

    ValueError where the file is not held.
    """
    released = InboundFile.objects.filter(
        pk=file.pk, state=InboundState.HELD, released_at__isnull=True
    ).update(released_at=timezone.now(), released_by=by)
    if not released:
        raise ValueError(f"{file.name} is not held.")
    file.refresh_from_db()
    record(verb="gap passed over", about=file, after={"released_by": by}, reason=reason, by=by)


@transaction.atomic
def retry_quarantined(file: InboundFile, *, by: str) -> None:
    """A file that was set aside is tried again at the next exchange, from where it stands.

    ValueError where the file was not set aside.
    """
    was_accepted = file.number is not None
    before = {"state": file.state, "attempts": file.attempts, "message": file.message}
    retried = InboundFile.objects.filter(pk=file.pk, state=InboundState.QUARANTINED).update(
        state=InboundState.ACCEPTED if was_accepted else InboundState.RECEIVED, attempts=0, message=""
    )
    if not retried:
        raise ValueError(f"{file.name} was not set aside.")
    file.refresh_from_db()
    after = {"state": file.state, "attempts": file.attempts, "message": file.message}
    record(verb="tried again", about=file, before=before, after=after, by=by)

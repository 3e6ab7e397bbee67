"""The verbs of the inbound side."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from competencies.acceptance import AcceptancePolicy, EmptyPolicy
from interface.formats import names
from interface.inbound.answer import answer, stored_answer
from interface.inbound.apply import Progress, apply_file
from interface.inbound.judge import JUDGED_AGAIN, judge, judge_all
from interface.inbound.receive import Delivery, discard, kind_of, receive
from interface.models import Connection, InboundFile, InboundState
from interface.publishing import publish, publish_pending


def collect(
    connection: Connection,
    *,
    on: date,
    by: str,
    policy: AcceptancePolicy | None = None,
    progress: Progress = lambda lines: None,
) -> list[InboundFile]:
    """Everything in the connection's In folder is received, judged, decided and answered; the files concerned.

    Files that an earlier run left behind are taken up where they stand. Bytes that were answered before are answered
    from the ledger: the stored answer is published again and nothing changes (promises P3).
    """
    deliveries = receive(connection, on=on)
    concerned = {one.file.pk: one.file for one in deliveries}
    for delivery in deliveries:
        try:
            _judge_again_or_answer(delivery, on=on)
        finally:
            # Whatever came of it: a file that stays would fail every night in the same way.
            discard(delivery)
    for file in judge_all(_in_state(connection, InboundState.RECEIVED, InboundState.HELD), on=on):
        concerned[file.pk] = file
    for file in _in_state(connection, InboundState.ACCEPTED):
        concerned[file.pk] = file
        _apply(file, policy or EmptyPolicy(), progress)
    for file in _to_answer(connection):
        concerned[file.pk] = file
        answer(file)
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
    elif _may_be_judged_otherwise(delivery) and _judged_otherwise(delivery, on=on):
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


def _may_be_judged_otherwise(delivery: Delivery) -> bool:
    file = delivery.file
    return file.state == InboundState.REFUSED and (
        file.code in JUDGED_AGAIN or file.kind != kind_of(delivery.name)
    )


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


def _apply(file: InboundFile, policy: AcceptancePolicy, progress: Progress) -> None:
    """Decide the file's lines, unless it has failed too often without getting any further (promises P9)."""
    if file.attempts >= settings.FILE_MAX_ATTEMPTS:
        file.state = InboundState.QUARANTINED
        file.message = f"Set aside after {file.attempts} attempts failed at line {file.next_line}."
        file.save(update_fields=["state", "message"])
        return
    file.attempts += 1
    file.save(update_fields=["attempts"])
    apply_file(file, policy=policy, progress=progress)


def release_file(file: InboundFile, *, by: str) -> None:
    """A held file is let through: the missing numbers before it are passed over at the next exchange.

    ValueError where the file is not held.
    """
    released = InboundFile.objects.filter(
        pk=file.pk, state=InboundState.HELD, released_at__isnull=True
    ).update(released_at=timezone.now(), released_by=by)
    if not released:
        raise ValueError(f"{file.name} is not held.")
    file.refresh_from_db()


def retry_quarantined(file: InboundFile, *, by: str) -> None:
    """A file that was set aside is tried again at the next exchange, from the line where it stands.

    ValueError where the file was not set aside.
    """
    retried = InboundFile.objects.filter(pk=file.pk, state=InboundState.QUARANTINED).update(
        state=InboundState.ACCEPTED, attempts=0, message=""
    )
    if not retried:
        raise ValueError(f"{file.name} was not set aside.")
    file.refresh_from_db()

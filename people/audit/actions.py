"""The verbs of the audit: events are added to the end of their organisation's chain, and blanked by retention.

Every verb runs in the caller's transaction, so that a change and its event are there together or not at all. Adding
locks the end of the chain until the commit. So that nobody waits for long, and no two wait for each other, a verb
records last, and what does many things gathers their events and adds them together, in the order of organisations.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from people.audit.context import current
from people.audit.events import BLANKED, CONTENT, Event, State, chain_hash, content, content_hash
from people.audit.ranges import write_ranges
from people.bulk import insert_rows
from people.models.audit import AuditEvent, AuditHead
from people.tenancy import everywhere

COLUMNS = ("organisation_id", "sequence", *CONTENT, "content_hash", "chain_hash")
_FEW = 50
BLANKED_VERB = "audit events blanked"

# An event's chain and its values in the order of CONTENT.
Told = tuple[int, tuple[Any, ...]]
_gathered: ContextVar[list[Told] | None] = ContextVar("gathered_audit_events", default=None)


def record(
    *,
    verb: str,
    about: Model | None = None,
    organisation_id: int | None = None,
    before: State | None = None,
    after: State | None = None,
    reason: str = "",
    by: str = "",
) -> None:
    """One thing that was done stands in the audit, in the transaction that did it.

    ``about`` is the record (its organisation's chain is taken, or the installation's), ``before`` and ``after`` what
    differs of it; ``organisation_id`` is for what is about no record. ``by`` overrules who ``acting`` says it is.
    """
    event = (
        Event(verb, organisation_id or 0, before=before, after=after, reason=reason, by=by)
        if about is None
        else Event.about(about, verb, before=before, after=after, reason=reason, by=by)
    )
    record_many([event])


def record_many(events: Iterable[Event]) -> None:
    """All of these stand in the audit, in their order, each organisation's in one go."""
    acting, at = current(), timezone.now()
    told = [(event.organisation_id, content(event, acting, at=at)) for event in events]
    gathered = _gathered.get()
    if gathered is None:
        _write(told)
    else:
        gathered.extend(told)


@contextmanager
def gathering() -> Iterator[None]:
    """Inside one transaction, what is recorded is gathered, and written together at its end.

    For whatever calls several verbs. A verb that is refused inside must be refused before it records, which is why
    verbs record last.
    """
    if _gathered.get() is not None:
        yield
        return
    with transaction.atomic():
        gathered: list[Told] = []
        token = _gathered.set(gathered)
        try:
            yield
        finally:
            _gathered.reset(token)
        if not transaction.get_rollback():
            _write(gathered)


def _write(told: Sequence[Told]) -> None:
    if told and not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "an event belongs into the transaction of what it tells about"
        )
    chains: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for organisation_id, values in told:
        chains[organisation_id].append(values)
    for organisation_id in sorted(chains):
        _append(organisation_id, chains[organisation_id])


def _append(organisation_id: int, contents: Sequence[tuple[Any, ...]]) -> None:
    head = _locked_head(organisation_id)
    rows = []
    for values in contents:
        own = content_hash(values)
        head.sequence += 1
        head.chain_hash = chain_hash(organisation_id, head.sequence, head.chain_hash, own)
        rows.append((organisation_id, head.sequence, *values, own, head.chain_hash))
    _insert(rows)
    head.save(update_fields=["sequence", "chain_hash"])


def _insert(rows: Sequence[tuple[Any, ...]]) -> None:
    """In bulk where they are many; the few of an ordinary verb are not worth a COPY."""
    with everywhere("an event is written whatever its writer may see"):
        if len(rows) > _FEW:
            insert_rows(AuditEvent, COLUMNS, rows)
        else:
            AuditEvent.objects.bulk_create(AuditEvent(**dict(zip(COLUMNS, row, strict=True))) for row in rows)


def _locked_head(organisation_id: int) -> AuditHead:
    heads = AuditHead.objects.select_for_update()
    head = heads.filter(pk=organisation_id).first()
    if head is None:
        # Two who begin the same chain at once: one makes the row, the other waits for it here.
        AuditHead.objects.bulk_create([AuditHead(organisation_id=organisation_id)], ignore_conflicts=True)
        head = heads.get(pk=organisation_id)
    return head


def blank(
    events: QuerySet[AuditEvent], *, organisation_id: int, by: str, reason: str, at: datetime | None = None
) -> int:
    """These events of one chain no longer tell about a person; that this was done is itself an event. How many.

    For retention. The hashes stay, so the chain still holds; ``verify_audit`` takes an event without its content only
    where a later event says that it was blanked.
    """
    with transaction.atomic():
        head = _locked_head(organisation_id)
        telling = events.filter(
            organisation_id=organisation_id, blanked_at__isnull=True, sequence__lte=head.sequence
        )
        telling = telling.exclude(verb=BLANKED_VERB)
        numbers = list(telling.order_by("sequence").values_list("sequence", flat=True))
        if not numbers:
            return 0
        telling.update(blanked_at=at or timezone.now(), **dict.fromkeys(BLANKED, ""))
        record(
            verb=BLANKED_VERB,
            organisation_id=organisation_id,
            after={"events": write_ranges(numbers), "count": len(numbers)},
            reason=reason,
            by=by,
        )
    return len(numbers)

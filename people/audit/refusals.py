"""Requests that were refused leave an event, which outlives the transaction that was rolled back with them.

Whoever refuses notes why; what is noted is written down once the answer is there, in a transaction of its own. So that
nobody fills the audit by asking on and on, an account gets ``AN_HOUR`` of these events within an hour and no more: the
last of them says that what follows is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Model
from django.forms import BaseForm
from django.utils import timezone

from people.audit.actions import record_many
from people.audit.events import Event, State
from people.models.audit import AuditEvent
from people.tenancy import everywhere

REFUSED: Final = "refused"
# Enough to see what somebody tries, and less than a page of the list more than that.
AN_HOUR: Final = 60
_HOUR: Final = timedelta(hours=1)
_NO_CHOICE: Final = frozenset({"invalid_choice", "invalid_pk_value"})
LEFT_OUT: Final = "what this account is refused within the hour is not written down any more"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that was asked for and not given; ``told`` is what is known of it, never what was typed."""

    why: str
    told: State


_noted: ContextVar[list[Refusal] | None] = ContextVar("refusals_noted", default=None)


@contextmanager
def noting() -> Iterator[list[Refusal]]:
    """Inside, refusals are noted in the list that this yields."""
    noted: list[Refusal] = []
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)


def note_refusal(why: str, **told: Any) -> None:
    """Something was asked for and is not done; outside of requests nobody is there to write it down."""
    noted = _noted.get()
    if noted is not None:
        noted.append(Refusal(why, told))


def note_forged_choices(form: BaseForm) -> None:
    """Noted where something was sent for a choice that the form did not offer: forged, or gone since it was shown."""
    faults = form.errors.as_data().items()
    forged = [name for name, found in faults if any(one.code in _NO_CHOICE for one in found)]
    if forged:
        note_refusal("a choice that the form does not offer", fields=", ".join(forged))


def write_refusals(refusals: Sequence[Refusal], *, account: Model, actor: str, organisation_id: int) -> int:
    """They stand in this chain as what befell the account, as far as there is room; returns how many do."""
    room = AN_HOUR - _written_lately(actor, organisation_id)
    written = list(refusals[: max(0, room)])
    if not written:
        return 0
    if len(written) == room:
        written[-1] = replace(written[-1], told={**written[-1].told, "further": LEFT_OUT})
    events = (Event.about(account, REFUSED, after=one.told, reason=one.why, by=actor) for one in written)
    with transaction.atomic():
        record_many(replace(event, organisation_id=organisation_id) for event in events)
    return len(written)


def _written_lately(actor: str, organisation_id: int) -> int:
    """Read before the transaction begins: where there is no room, nobody waits for the end of a chain."""
    with everywhere("how often an account was refused, whatever it may see"):
        lately = AuditEvent.objects.filter(
            organisation_id=organisation_id,
            verb=REFUSED,
            actor=actor[:150],
            at__gt=timezone.now() - _HOUR,
        )
        return lately.order_by()[:AN_HOUR].count()

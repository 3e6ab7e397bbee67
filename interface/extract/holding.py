"""GO files that wait for a person (promises P12): how they come to wait, in which order, and how that ends.

Files are loaded in the order in which the staff record wrote them. While one waits, newer changes files wait behind it,
because they speak of what it would have brought; a newer full extract says everything that there is, and overtakes
files that say no more. It does not say what is gone: behind a file that deletes it waits as well. A yes is to exactly
the bytes that were held, and is carried out once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.db import transaction
from django.utils import timezone

from interface.extract import keeping
from interface.extract.foresight import Sight, difference
from interface.extract.guard import Affected
from interface.extract.load import Load
from interface.extract.report import ExtractRefusedError
from interface.extract.source import SoundExtract, check
from interface.formats import names
from interface.models import ExtractHold, ForeseenChange, HoldState
from interface.models.extract import SETTLED
from people.audit.actions import record
from people.audit.context import current
from people.models import Organisation

UNDECIDED: Final = (HoldState.WAITING, HoldState.BEHIND)


class HoldDecidedError(RuntimeError):
    """Somebody has decided already, or there is nothing left to decide; the text says which."""


@dataclass(frozen=True, slots=True)
class Given:
    """A file as it came: where it lies, and what it is called."""

    path: Path
    name: str
    sha256: str
    size: int
    encoding: str


def is_full(extract: SoundExtract) -> bool:
    """Whether the header names the file as one that says everything."""
    named = names.parse(extract.header.file_name)
    return named is not None and named.kind == "GOF"


# --- Waiting ------------------------------------------------------------------------------------------


def refuse_dismissed(given: Given) -> None:
    """Raise ExtractRefusedError where a person has said no to these bytes."""
    no = ExtractHold.objects.filter(sha256=given.sha256, state=HoldState.DISMISSED).first()
    if no is not None:
        raise ExtractRefusedError(
            f"{no.decided_by} dismissed it on {no.decided_at:%Y-%m-%d}: {no.reason} "
            "(if it is right after all: --accept-mass-change)"
        )


def being_loaded(given: Given) -> ExtractHold | None:
    """The hold of these bytes, where a person has said yes and somebody is at it: its decision stands."""
    return ExtractHold.objects.filter(sha256=given.sha256, state=HoldState.LOADING).first()


def earlier(extract: SoundExtract, given: Given) -> ExtractHold | None:
    """The file that this one has to wait for, if any: the oldest one written before it that is not loaded yet.

    Of a full extract: that deletes, for who is not in it is not deleted by it (wire format §3).
    """
    waiting = ExtractHold.objects.filter(settled_at__isnull=True, extracted_at__lt=extract.header.created)
    in_order = waiting.exclude(sha256=given.sha256).order_by("extracted_at", "pk")
    if is_full(extract):
        return next(filter(_deletes, in_order), None)
    return in_order.first()


def _deletes(hold: ExtractHold) -> bool:
    """Whether its bytes delete anything; what is not there any more never will."""
    try:
        with keeping.place(hold.organisation_id, hold.sha256).open("rb") as file:
            return check(file, encoding=hold.encoding).deletes
    except (OSError, ExtractRefusedError):
        return False


def next_in_line(vpd: str) -> ExtractHold | None:
    """The oldest that waits behind others, where all of those are settled by now."""
    waiting = ExtractHold.objects.filter(organisation__vpd=vpd, settled_at__isnull=True)
    first = waiting.order_by("extracted_at", "pk").first()
    return first if first is not None and first.state == HoldState.BEHIND else None


def wait_behind(extract: SoundExtract, given: Given, organisation: Organisation) -> ExtractHold:
    """The file is kept until those before it are settled. Again: nothing new happens."""
    return _held(extract, given, organisation, state=HoldState.BEHIND)


def wait(
    extract: SoundExtract, given: Given, load: Load, affected: Affected, sights: tuple[Sight, Sight]
) -> ExtractHold:
    """The file is kept for a person, with what it would do. One that is full overtakes those before it."""
    before, after = sights
    hold = _held(
        extract,
        given,
        load.organisation,
        state=HoldState.WAITING,
        population=affected.population,
        changed=len(affected.changed),
        deleted=len(affected.deleted),
        added=affected.added,
        counts={kind: dict(outcomes) for kind, outcomes in sorted(load.tally.counts.items())},
        standing={name: [count, after.standing[name]] for name, count in before.standing.items()},
    )
    _foresee(hold, affected, before, after)
    overtake(extract, given)
    return hold


def _held(
    extract: SoundExtract, given: Given, organisation: Organisation, *, state: HoldState, **figures: object
) -> ExtractHold:
    keeping.keep(given.path, organisation.pk, given.sha256)
    now, by = timezone.now(), current().by or "command line"
    about = {
        "file_name": given.name[-150:],
        "size": given.size,
        "encoding": given.encoding,
        "is_full": is_full(extract),
        "extracted_at": extract.header.created,
        "lines": extract.by_type.total(),
        "state": state,
        **figures,
    }
    own = {"organisation": organisation, "sha256": given.sha256, "settled_at": None}
    before = ExtractHold.objects.filter(**own).values_list("state", flat=True).first()
    hold, _ = ExtractHold.objects.update_or_create(
        **own, defaults=about, create_defaults={**about, "held_at": now, "held_by": by}
    )
    if before != state:
        told = {
            "file": hold.file_name,
            "sha256": hold.sha256,
            "changed": hold.changed,
            "deleted": hold.deleted,
        }
        record(verb="load held", about=hold, after={**told, "state": hold.state}, by=by)
    return hold


def _foresee(hold: ExtractHold, affected: Affected, before: Sight, after: Sight) -> None:
    """In place of what was foreseen when it was tried last."""
    hold.foreseen.all().delete()
    told = [(person, difference(said, after.people[person])) for person, said in before.people.items()]
    ForeseenChange.objects.bulk_create(
        ForeseenChange(
            organisation_id=hold.organisation_id,
            hold=hold,
            place=place,
            person_id=person,
            is_deleted=person in affected.deleted,
            before=was,
            after=becomes,
            foreseen_at=timezone.now(),
        )
        for place, (person, (was, becomes)) in enumerate(told, 1)
    )


# --- Decided ------------------------------------------------------------------------------------------


@transaction.atomic
def accept_hold(hold: ExtractHold, *, by: str, reason: str) -> None:
    """The file is to be loaded as it is, however many people it touches.

    Whoever calls sees to it that it is (``tasks.load_soon``). Raises HoldDecidedError where somebody was faster.
    """
    _decide(hold, HoldState.LOADING, among=[HoldState.WAITING], by=by, reason=reason)
    record(verb="held load accepted", about=hold, after={"sha256": hold.sha256}, reason=reason, by=by)


@transaction.atomic
def dismiss_hold(hold: ExtractHold, *, by: str, reason: str) -> None:
    """The file is never loaded, and its bytes are not kept. Raises HoldDecidedError where somebody was faster.

    What waits behind it is tried next (``tasks.load_next_soon``).
    """
    _decide(hold, HoldState.DISMISSED, among=UNDECIDED, by=by, reason=reason)
    _settled(hold)
    record(verb="held load dismissed", about=hold, after={"sha256": hold.sha256}, reason=reason, by=by)


def _decide(hold: ExtractHold, state: HoldState, *, among: Sequence[HoldState], by: str, reason: str) -> None:
    """The conditional UPDATE: of two who decide at once, one does."""
    if not reason.strip():
        raise HoldDecidedError("Say why.")
    now = timezone.now()
    settled = {"settled_at": now} if state in SETTLED else {}
    decided = {"decided_at": now, "decided_by": by, "reason": reason.strip()[:200], "message": "", **settled}
    if not ExtractHold.objects.filter(pk=hold.pk, state__in=among).update(state=state, **decided):
        hold.refresh_from_db()
        raise HoldDecidedError(f"Nothing was done: {hold.file_name} is no longer waiting ({_whose(hold)}).")
    hold.refresh_from_db()


def _whose(hold: ExtractHold) -> str:
    state = hold.get_state_display().lower()
    return f"{state}, decided by {hold.decided_by}" if hold.decided_by else state


def give_back(hold: ExtractHold, why: str) -> None:
    """What was accepted could not be loaded: it waits for a person again, who is told why."""
    accepted = ExtractHold.objects.filter(pk=hold.pk, state=HoldState.LOADING)
    accepted.update(state=HoldState.WAITING, decided_at=None, decided_by="", reason="", message=_told(why))


def tell_why_not(hold: ExtractHold, why: str) -> None:
    """Its turn came and it could not be loaded: it stays where it is until a person dismisses it."""
    ExtractHold.objects.filter(pk=hold.pk, state=HoldState.BEHIND).update(message=_told(why))


def _told(why: str) -> str:
    return f"It could not be loaded: {why}."[:300]


# --- Settled ------------------------------------------------------------------------------------------


def loaded(extract: SoundExtract, given: Given) -> None:
    """In the transaction that loaded these bytes: they wait no more, nor does what they overtake."""
    for hold in ExtractHold.objects.filter(sha256=given.sha256, settled_at__isnull=True):
        _settle(hold, HoldState.LOADED)
    overtake(extract, given)


def overtake(extract: SoundExtract, given: Given) -> None:
    """A full extract says all that those before it said, unless they delete: nobody need decide on them any more."""
    if not is_full(extract):
        return
    older = ExtractHold.objects.filter(state__in=UNDECIDED, extracted_at__lt=extract.header.created)
    for hold in older.exclude(sha256=given.sha256):
        if _deletes(hold):
            continue
        _settle(hold, HoldState.SUPERSEDED, message=f"Overtaken by {given.name}, which is newer and full.")
        record(verb="held load overtaken", about=hold, after={"by": given.name[-150:]})


def _settle(hold: ExtractHold, state: HoldState, *, message: str = "") -> None:
    hold.state, hold.settled_at, hold.message = state, timezone.now(), message[:300]
    hold.save(update_fields=["state", "settled_at", "message"])
    _settled(hold)


def _settled(hold: ExtractHold) -> None:
    """What was kept for the decision is not kept beyond it."""
    hold.foreseen.all().delete()
    transaction.on_commit(lambda: keeping.forget(hold.organisation_id, hold.sha256))

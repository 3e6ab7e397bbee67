"""How nights went: of one connection or of all, what came in, what was decided, what was answered, what went out.

From the files' own counts: no record is read, so that a night of a million lines costs what one of ten does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from interface.models import (
    Connection,
    InboundFile,
    InboundKind,
    InboundState,
    OutboundFile,
    OutboundHold,
    OutboundKind,
)
from people.models import NightlyRun
from people.models.run import RunState

JOB: Final = "exchange"
NIGHTS: Final = 30
KINDS: Final = ("I", "W", "E")
WAITING: Final = (InboundState.HELD, InboundState.QUARANTINED)
ANSWERS: Final = (OutboundKind.CONFIRMATION, OutboundKind.SUPPLEMENT, OutboundKind.REFUSAL)


@dataclass(slots=True)
class Night:
    """One business date. ``runs`` are states of the exchange with their connections' counts; ``codes`` count records.

    ``lines_in`` are records of completions files whatever became of the files, ``answered`` those that the partner
    has an answer to; ``lines_out`` are lines by record type of full and changes files.
    """

    on: date
    runs: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    files_in: int = 0
    refused: int = 0
    waiting: int = 0
    lines_in: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    answered: int = 0
    answers_out: int = 0
    files_out: int = 0
    lines_out: Counter[str] = field(default_factory=Counter)
    holds: int = 0

    def counted(self, kind: str) -> int:
        """Records whose code begins with this letter."""
        return sum(count for code, count in self.codes.items() if code.startswith(kind))

    @property
    def records(self) -> int:
        """All that were decided."""
        return self.codes.total()

    @property
    def lines_sent(self) -> int:
        """Of all record types."""
        return self.lines_out.total()

    @property
    def state(self) -> str:
        """The worst that became of a run, or nothing where there was none."""
        order = (RunState.FAILED, RunState.RUNNING, RunState.DONE)
        return next((str(state.value) for state in order if self.runs[state.value]), "")

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened."""
        return not (self.runs or self.files_in or self.files_out or self.answers_out or self.holds)

    def add(self, other: Night) -> None:
        """Takes in what happened on another connection."""
        for one in ("runs", "codes", "lines_out"):
            getattr(self, one).update(getattr(other, one))
        for one in (
            "files_in",
            "refused",
            "waiting",
            "lines_in",
            "answered",
            "answers_out",
            "files_out",
            "holds",
        ):
            setattr(self, one, getattr(self, one) + getattr(other, one))
        self.errors += other.errors


def nights_of(
    connections: Iterable[Connection], *, last: date, count: int = NIGHTS
) -> dict[int, list[Night]]:
    """By connection's key its last nights, oldest first, those without anything too. In four queries."""
    first = last - timedelta(days=count - 1)
    days = [first + timedelta(days=place) for place in range(count)]
    chosen = list(connections)
    found = {one.pk: {on: Night(on) for on in days} for one in chosen}
    _enter_runs(found, chosen, first, last)
    _enter_files(found, first, last)
    _enter_sent(found, first, last)
    holds = OutboundHold.objects.filter(settled_at__isnull=True, **_within(found, first, last))
    for key, on in holds.order_by().values_list("connection_id", "business_date"):
        found[key][on].holds += 1
    return {key: list(nights.values()) for key, nights in found.items()}


def together(nights: Iterable[Sequence[Night]]) -> list[Night]:
    """The nights of several connections as one; nothing where there is none."""
    whole: list[Night] = []
    for one in nights:
        whole = whole or [Night(night.on) for night in one]
        for sum_of, night in zip(whole, one, strict=True):
            sum_of.add(night)
    return whole


Found = Mapping[int, Mapping[date, Night]]


def _within(found: Found, first: date, last: date) -> dict[str, Any]:
    return {"connection__in": list(found), "business_date__range": (first, last)}


def _enter_runs(found: Found, connections: Sequence[Connection], first: date, last: date) -> None:
    keys = {(one.organisation_id, one.code): one.pk for one in connections}
    runs = NightlyRun.objects.filter(
        job=JOB, subject__in={code for _, code in keys}, business_date__range=(first, last)
    ).order_by()
    for organisation, code, on, state, error in runs.values_list(
        "organisation_id", "subject", "business_date", "state", "error"
    ):
        if key := keys.get((organisation, code)):
            found[key][on].runs[state] += 1
            found[key][on].errors += [error] if error else []


def _enter_files(found: Found, first: date, last: date) -> None:
    # Those uploaded by hand too: their records are on the same lists.
    files = InboundFile.objects.filter(**_within(found, first, last)).exclude(kind=InboundKind.RESEED)
    fields = ("connection_id", "business_date", "state", "records", "counts")
    for key, on, state, records, counts in files.order_by().values_list(*fields):
        night = found[key][on]
        night.files_in += 1
        night.lines_in += records
        night.refused += state == InboundState.REFUSED
        night.waiting += state in WAITING
        night.codes.update(counts)
        night.answered += sum(counts.values()) if state == InboundState.ANSWERED else 0


def _enter_sent(found: Found, first: date, last: date) -> None:
    files = OutboundFile.objects.filter(**_within(found, first, last)).order_by()
    for key, on, kind, counts in files.values_list("connection_id", "business_date", "kind", "counts"):
        night = found[key][on]
        if kind in ANSWERS:
            night.answers_out += 1
        else:
            night.files_out += 1
            night.lines_out.update(counts)

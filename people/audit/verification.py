"""Reads the chains again and tells where the first event stands that is not as it was written.

It finds an event that was changed, one that is missing and one that was put in, whoever did it by whatever means.
Whoever rewrites a whole chain from some event on, and its end too, can be found by an earlier run alone: the end of a
chain that was noted then must still be in it (``known``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from people.audit.actions import BLANKED_VERB
from people.audit.events import BLANKED, CONTENT, chain_hash, content_hash
from people.audit.ranges import read_ranges
from people.models.audit import AuditEvent, AuditHead
from people.tenancy import everywhere

Progress = Callable[[int], None]
# What an event says of rows elsewhere, checked against them: None where it holds, else what is wrong.
Evidence = Callable[["Row"], str | None]

_BLOCK: Final = 2000
_evidence: dict[str, Evidence] = {}


class Row(NamedTuple):
    """One event as it is read again: a tuple, because there are millions."""

    organisation_id: int
    sequence: int
    content: tuple[Any, ...]
    content_hash: str
    chain_hash: str
    is_blanked: bool

    def told(self, column: str) -> Any:
        """One column of its content."""
        return self.content[CONTENT.index(column)]


class End(NamedTuple):
    """An event's place in a chain, and the hash that holds all before it."""

    sequence: int
    chain_hash: str


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong in a chain: ``kind`` is changed, missing, inserted or end."""

    sequence: int
    kind: str
    text: str


@dataclass(slots=True)
class ChainReport:
    """What became of one organisation's chain."""

    organisation_id: int
    end: End
    events: int = 0
    blanked: int = 0
    fault: Fault | None = None


def evidence(verb: str, check: Evidence) -> None:
    """Events of this verb vouch for rows of another app, which says how: called once, when that app is ready."""
    _evidence[verb] = check


def verify(
    *,
    organisation_ids: list[int] | None = None,
    known: Mapping[int, End] | None = None,
    progress: Progress = lambda events: None,
) -> Iterator[ChainReport]:
    """One report for each chain, or for each of those named. Memory is flat in the number of events."""
    with everywhere("every chain is read again, whoever asks"):
        for organisation_id in _chains() if organisation_ids is None else organisation_ids:
            yield _verify_chain(organisation_id, (known or {}).get(organisation_id), progress)


def _chains() -> list[int]:
    """Those that have an end, and those that lost it."""
    ended = set(AuditHead.objects.values_list("organisation_id", flat=True))
    begun = (
        AuditEvent.objects.order_by("organisation_id").values_list("organisation_id", flat=True).distinct()
    )
    return sorted(ended | set(begun))


def _verify_chain(organisation_id: int, known: End | None, progress: Progress) -> ChainReport:
    end = _end_of(organisation_id)
    report = ChainReport(organisation_id, end)
    blanked = _Blanked(organisation_id, end.sequence)
    previous = ""
    for row in _rows(organisation_id, end.sequence):
        report.fault = _fault_of(row, report.events + 1, previous, blanked)
        if report.fault is None and known is not None and row.sequence == known.sequence:
            report.fault = _if_rewritten(row, known)
        if report.fault is not None:
            return report
        previous = row.chain_hash
        report.events += 1
        report.blanked += row.is_blanked
        if report.events % _BLOCK == 0:
            progress(_BLOCK)
    progress(report.events % _BLOCK)
    report.fault = _fault_at_end(report, previous, known)
    return report


def _end_of(organisation_id: int) -> End:
    head = AuditHead.objects.filter(pk=organisation_id).first()
    return End(head.sequence, head.chain_hash) if head else End(0, "")


def _rows(organisation_id: int, last: int) -> Iterator[Row]:
    columns = ("sequence", "content_hash", "chain_hash", "blanked_at", *CONTENT)
    events = AuditEvent.objects.filter(organisation_id=organisation_id, sequence__lte=last).order_by(
        "sequence"
    )
    for sequence, own, chained, blanked_at, *content in events.values_list(*columns).iterator(
        chunk_size=_BLOCK
    ):
        yield Row(organisation_id, sequence, tuple(content), own, chained, blanked_at is not None)


def _fault_of(row: Row, expected: int, previous: str, blanked: _Blanked) -> Fault | None:
    if row.sequence > expected:
        return Fault(expected, "missing", f"event {expected} is missing: the next is {row.sequence}")
    if row.sequence < expected:
        return Fault(row.sequence, "inserted", f"event {row.sequence} was put in: it is there twice")
    if text := _what_changed(row, blanked):
        return Fault(row.sequence, "changed", f"event {row.sequence} was changed: {text}")
    if row.chain_hash != chain_hash(row.organisation_id, row.sequence, previous, row.content_hash):
        text = "it does not follow the one before it"
        return Fault(row.sequence, "inserted", f"event {row.sequence} was put in or renumbered: {text}")
    check = _evidence.get(row.told("verb"))
    if check is not None and not row.is_blanked and (text := check(row) or ""):
        return Fault(row.sequence, "changed", f"what event {row.sequence} vouches for was changed: {text}")
    return None


def _what_changed(row: Row, blanked: _Blanked) -> str:
    if row.is_blanked:
        if row.sequence not in blanked:
            return "it has lost its content, and no event says that it was blanked"
        return "it was blanked, and tells something all the same" if any(map(row.told, BLANKED)) else ""
    return "" if content_hash(row.content) == row.content_hash else "its content is not what was written"


def _if_rewritten(row: Row, known: End) -> Fault | None:
    if row.chain_hash == known.chain_hash:
        return None
    return Fault(
        row.sequence, "changed", f"the chain up to event {row.sequence} is another than the one noted earlier"
    )


def _fault_at_end(report: ChainReport, previous: str, known: End | None) -> Fault | None:
    end = report.end
    if report.events < end.sequence:
        gone = report.events + 1
        return Fault(gone, "missing", f"event {gone} is missing: the chain was {end.sequence} long")
    if known is not None and known.sequence > end.sequence:
        return Fault(
            end.sequence + 1, "missing", f"event {end.sequence + 1} is missing: {known.sequence} were noted"
        )
    if previous != end.chain_hash:
        return Fault(
            end.sequence, "end", "the end of the chain is noted with another hash than its last event has"
        )
    return _after_the_end(report.organisation_id)


def _after_the_end(organisation_id: int) -> Fault | None:
    """Read in this order, an event that is added meanwhile is never taken for one that was put in."""
    newest = AuditEvent.objects.filter(organisation_id=organisation_id).order_by("-sequence").first()
    end = _end_of(organisation_id)
    if newest is None or newest.sequence <= end.sequence:
        return None
    first = end.sequence + 1
    return Fault(first, "inserted", f"event {first} was put in: the chain ends with event {end.sequence}")


class _Blanked:
    """Which events of a chain were blanked by a later event: a bit for each."""

    def __init__(self, organisation_id: int, length: int) -> None:
        self._bits = bytearray(length // 8 + 1)
        says = AuditEvent.objects.filter(
            organisation_id=organisation_id, verb=BLANKED_VERB, blanked_at__isnull=True
        )
        for after in says.order_by("sequence").values_list("after", flat=True).iterator(chunk_size=_BLOCK):
            for first, last in _blanked_by(after):
                for sequence in range(max(first, 0), min(last, length) + 1):
                    self._bits[sequence // 8] |= 1 << sequence % 8

    def __contains__(self, sequence: int) -> bool:
        return bool(self._bits[sequence // 8] & 1 << sequence % 8)


def _blanked_by(after: str) -> Iterator[tuple[int, int]]:
    """Whatever stands there: an event that was tampered with is found when its turn comes, by its hash."""
    try:
        yield from list(read_ranges(json.loads(after)["events"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return

"""A person's timeline: what the record says by date, every line that touched them, what told their partners.

The newest first, bounded: each source gives its newest, and what is older than the oldest of a full source is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain

from interface.decision.codes import MEANING
from interface.models import (
    CarriedPerson,
    InboundFile,
    InboundKind,
    InboundRecord,
    ReplayedRecord,
    Undo,
)
from people.dates import london_noon
from people.models import AssignmentVersion, Person, PersonVersion


class Kind(StrEnum):
    """What an event is."""

    RECORD = "record"
    ASSIGNMENT = "assignment"
    INBOUND = "inbound"
    REPLAY = "replay"
    UNDO = "undo"
    OUTBOUND = "outbound"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. ``at`` is noon of the day where only the day is known, ``record`` a line's key."""

    at: datetime
    kind: Kind
    what: str
    code: str = ""
    file: str = ""
    line: int | None = None
    element_ids: tuple[str, ...] = ()
    record: int | None = None
    # Of a line that a person uploaded: who did, and with which upload.
    by_whom: str = ""


def timeline(person: Person, *, most: int = 200) -> list[Event]:
    """The newest ``most`` events of the person, in a fixed number of queries."""
    events = chain(
        _record(person), _assignments(person), _inbound(person, most), _replays(person, most), _undone(person),
        _outbound(person, most),
    )  # fmt: skip
    return sorted(events, key=lambda one: one.at, reverse=True)[:most]


def _record(person: Person) -> Iterator[Event]:
    for version in PersonVersion.objects.filter(person=person).order_by("effective_start"):
        kind = version.person_type or version.get_system_person_type_display()
        yield Event(london_noon(version.effective_start), Kind.RECORD, f"{version}: {kind}")
    if person.removed_at is not None:
        yield Event(
            person.removed_at, Kind.RECORD, "Deleted in the staff record, or merged into another person"
        )


def _assignments(person: Person) -> Iterator[Event]:
    versions = AssignmentVersion.objects.filter(assignment__person=person).select_related("assignment")
    for version in versions.order_by("effective_start"):
        number = version.assignment_number or version.assignment.assignment_id
        yield Event(
            london_noon(version.effective_start), Kind.ASSIGNMENT, f"Assignment {number}: {version.status}"
        )


def _inbound(person: Person, most: int) -> Iterator[Event]:
    rows = InboundRecord.objects.filter(person=person).select_related("file").order_by("-pk")[:most]
    for row in rows:
        at = row.file.answered_at or row.file.received_at
        yield _answered(row, at, Kind.INBOUND)


def _replays(person: Person, most: int) -> Iterator[Event]:
    rows = (
        ReplayedRecord.objects.filter(person=person).select_related("file", "replay").order_by("-pk")[:most]
    )
    for row in rows:
        yield _answered(row, row.replay.replayed_at, Kind.REPLAY)


def _answered(row: InboundRecord | ReplayedRecord, at: datetime, kind: Kind) -> Event:
    ids = tuple(row.element_ids.split("|")) if row.element_ids else ()
    record = row.pk if isinstance(row, InboundRecord) else None
    file, what = row.file, MEANING.get(row.code, "")
    return Event(at, kind, what, row.code, file.name, row.line_number, ids, record, file.by_whom)


def uploads_of(person: Person) -> dict[str, InboundFile]:
    """Of the person's elements that were uploaded by hand: the file that last gave each, by element ID."""
    lines = InboundRecord.objects.filter(person=person, file__kind=InboundKind.BY_HAND, code__gte="I")
    return {
        element_id: line.file
        for line in lines.exclude(element_ids="").select_related("file").order_by("pk")
        for element_id in line.element_ids.split("|")
    }


def _undone(person: Person) -> Iterator[Event]:
    """Undone files that had a line of theirs."""
    theirs = InboundRecord.objects.filter(person=person).values("file")
    for undo in Undo.objects.filter(file__in=theirs).select_related("file"):
        what = f"Undone by {undo.undone_by}: {undo.reason}"
        yield Event(undo.undone_at, Kind.UNDO, what, file=undo.file.name)


def _outbound(person: Person, most: int) -> Iterator[Event]:
    """Every file of ours that carried them, be it overtaken since."""
    rows = CarriedPerson.objects.filter(person=person).select_related("file").order_by("-file")[:most]
    for row in rows:
        what = f"{row.records} record{'s' if row.records != 1 else ''} sent" if row.records else ""
        gone = f"{row.deletes} deleted" if row.deletes else ""
        at = row.file.published_at or row.file.created_at
        yield Event(at, Kind.OUTBOUND, ", ".join(filter(None, (what, gone))), file=row.file.name)

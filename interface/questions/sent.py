"""Was it sent, and if not, why? For one person and one connection, record by record.

Today's picture of the person is compared with what the partner holds, as the next outbound file will do it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from competencies.models import CompetencyElement
from competencies.naming import spoken
from interface.models import (
    Connection,
    InboundFile,
    InboundRecord,
    OutboundFile,
    OutboundKind,
    ReplayedRecord,
)
from interface.outbound.actions import SEQUENCE
from interface.outbound.guard import open_hold
from interface.outbound.ledger import Ledger
from interface.outbound.packing import Entry, Key
from interface.outbound.projection import Projection
from interface.scope import is_in_population, why_not
from people.dates import written
from people.models import AssignmentVersion, Person

_ORDER = ("PRA", "ASA", "CMA")


class Verdict(StrEnum):
    """Whether the partner holds a record as it stands today."""

    SENT = "sent"
    TOLD = "told"  # by the partner itself: not sent back to it
    WAITING = "waiting"
    LEAVING = "leaving"  # held by the partner, and to be deleted there
    NOT_SENT = "not sent"


@dataclass(frozen=True, slots=True)
class RecordSent:
    """One record of the person. ``file`` and ``on`` say what first carried it as the partner holds it, ``line`` where
    the partner told us; ``again`` is the newest full file that has carried it since.

    Of the two keys of files one is set, where there is a file: of ours, or of the partner's.
    """

    record_type: str
    key: str
    what: str
    verdict: Verdict
    because: str = ""
    file: str = ""
    on: date | None = None
    line: int | None = None
    sent_in: int | None = None
    told_in: int | None = None
    again: str = ""


def sent_or_why_not(person: Person, connection: Connection, *, on: date) -> list[RecordSent]:
    """Every record of the person that the partner holds or might hold: person, assignments, elements."""
    last = OutboundFile.objects.filter(connection=connection, kind__in=SEQUENCE).order_by("-number").first()
    ledger = Ledger(connection, since=last.number or 0 if last else 0, person=person.pk)
    held = ledger.held([person.pk])[person.pk]
    is_member = is_in_population(person, connection, on=on)
    today: dict[Key, int] = {}
    if is_member:
        pictures = Projection.of(connection, on=on).pictures({person.pk: person.person_id})
        today = pictures[person.pk].digests()
    rows = CompetencyElement.objects.held().filter(person=person).select_related("competence")
    elements = {one.element_id: one for one in rows}
    outside = "" if is_member else why_not(person, connection, on=on) or _LEFT_UNSENT
    keys = {*today, *held, ("PRA", person.person_id), *(("CMA", one) for one in elements)}
    asked = _Asked(person, held, today, elements, outside=outside, waiting=_why_waiting(connection, on=on))
    fulls = OutboundFile.objects.filter(connection=connection, kind=OutboundKind.FULL)
    asked.full = fulls.order_by("-number").first()
    return [asked.answer(key) for key in sorted(keys, key=_order)]


_NEXT = "It waits for the next file."
_LEFT_UNSENT = "The person has left, and was never sent."


def _order(key: Key) -> tuple[int, int, str]:
    return _ORDER.index(key[0]), len(key[1]), key[1]


def _why_waiting(connection: Connection, *, on: date) -> str:
    if reason := connection.why_not_sending(on=on):
        return reason
    hold = open_hold(connection)
    if hold is not None and hold.released_at is None:
        return f"The file of {written(hold.business_date)} is held for a person's yes: it would change too many people."
    return _NEXT


class _Asked:
    """What is known around one person's records."""

    def __init__(
        self,
        person: Person,
        held: dict[Key, Entry],
        today: dict[Key, int],
        elements: dict[str, CompetencyElement],
        *,
        outside: str,
        waiting: str,
    ) -> None:
        self.held, self.today, self.elements = held, today, elements
        self.outside, self.waiting = outside, waiting
        entries = held.values()
        self.sent_in = OutboundFile.objects.in_bulk(
            {one.outbound_file for one in entries if one.outbound_file}
        )
        self.told_in = InboundFile.objects.in_bulk({one.inbound_file for one in entries if one.inbound_file})
        self.lines = _lines(person, self.told_in.keys())
        self.numbers = _numbers(person)
        self.full: OutboundFile | None = None

    def answer(self, key: Key) -> RecordSent:
        entry, now = self.held.get(key), self.today.get(key)
        if entry is not None and entry.digest == now:
            return self._carried(key, entry, Verdict.SENT if entry.outbound_file else Verdict.TOLD)
        if now is not None:
            return self._carried(key, entry, Verdict.WAITING, self.waiting)
        if entry is not None:
            why = self.outside or "It is not held any more."
            # What keeps files back keeps deletions back too.
            because = why if self.waiting == _NEXT else f"{why} {self.waiting}"
            return self._carried(key, entry, Verdict.LEAVING, because)
        return self._carried(key, None, Verdict.NOT_SENT, self._why_never(key))

    def _why_never(self, key: Key) -> str:
        element = self.elements.get(key[1]) if key[0] == "CMA" else None
        if element is not None and not element.competence.is_cstf:
            return "It is not a national CSTF competence."
        return self.outside

    def _carried(self, key: Key, entry: Entry | None, verdict: Verdict, because: str = "") -> RecordSent:
        what = self._what(key)
        if entry is None:
            return RecordSent(*key, what, verdict, because)
        if (sent := self.sent_in.get(entry.outbound_file or 0)) is not None:
            return RecordSent(
                *key,
                what,
                verdict,
                because,
                sent.name,
                sent.business_date,
                sent_in=sent.pk,
                again=self._again(sent),
            )
        told = self.told_in.get(entry.inbound_file or 0)
        if told is None:
            return RecordSent(*key, what, verdict, because)
        line = self.lines.get((told.pk, key[1]))
        return RecordSent(*key, what, verdict, because, told.name, told.business_date, line, told_in=told.pk)

    def _again(self, sent: OutboundFile) -> str:
        """A full file carries all that the partner is to hold."""
        full = self.full
        return full.name if full is not None and (full.number or 0) > (sent.number or 0) else ""

    def _what(self, key: Key) -> str:
        if key[0] == "CMA":
            element = self.elements.get(key[1])
            return _said(element) if element is not None else "Element"
        return f"Assignment {self.numbers.get(key[1], '')}".strip() if key[0] == "ASA" else "Person"


def _said(element: CompetencyElement) -> str:
    name = spoken(element.competence.name)
    return f"{name}, from {written(element.date_from)}" if element.date_from else name


def _numbers(person: Person) -> dict[str, str]:
    """By assignment ID, the number by which people know the assignment, as it was last."""
    versions = AssignmentVersion.objects.filter(assignment__person=person).order_by("effective_start")
    return dict(versions.values_list("assignment__assignment_id", "assignment_number"))


def _lines(person: Person, files: Collection[int]) -> dict[tuple[int, str], int]:
    """By file and element ID, the last line of it that names the element, a replay's too."""
    found: dict[tuple[int, str], int] = {}
    for model in (InboundRecord, ReplayedRecord) if files else ():
        # A person has few lines and a file many: asked for both, the database might read the file.
        rows = model._default_manager.filter(person=person).exclude(element_ids="")
        for file, line, ids in rows.order_by().values_list("file_id", "line_number", "element_ids"):
            for element_id in ids.split("|") if file in files else ():
                found[file, element_id] = max(line, found.get((file, element_id), 0))
    return found

"""Writes what a batch of records decided: elements, what the partner thereby knows, and one outcome for every line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any

from competencies.models import CompetencyElement, Source
from interface.decision.codes import MENDABLE, Code
from interface.decision.facts import Catalogue
from interface.decision.outcome import NOTHING, Held, Outcome
from interface.decision.quick import answer_of
from interface.formats.completions import Completion, read
from interface.inbound.batch import Added, Decided, Unchanged
from interface.inbound.befores import keep_befores
from interface.inbound.evidence import evidence_of, vouch_for
from interface.models import Connection, InboundFile, InboundKind, InboundRecord, OpenFailure
from interface.outbound.difference import UNKNOWN
from interface.outbound.digests import day, digest_of, element_of
from interface.outbound.ledger import forget
from people.bulk import Ready, insert_rows, update_rows

_TOLD = ("told_digest", "told_in", "told_before")
_NOT_TOLD = (None, None, None)
_AMENDED = (
    "date_from", "date_to", "source_date_to", "proficiency_level", "certification_method", *_TOLD, "content_digest",
    "last_update",
)  # fmt: skip
_ELEMENT = (
    "element_id", "person", "competence", *_AMENDED, "source_reference", "withdrawn_at",
)  # fmt: skip
_LAST_UPDATE, _DIGEST, _WITHDRAWN_AT, _TOLD_AT = (
    _ELEMENT.index(field) for field in ("last_update", "content_digest", "withdrawn_at", _TOLD[0])
)
_UNCHANGED = Code.UNCHANGED.value
_RECORD = ("line_number", "source_reference", "code", "message", "person", "element_ids", "raw")
_FAILURE = (
    "file", "line_number", "code", "course_code", "course_version", "person", "organisation", "connection",
)  # fmt: skip

# An element's values, in the order of ``outcome.Held``.
_Held = tuple[str, int, int, date, date | None, date | None]
# Person ID on the wire, proficiency level, certification method, content digest and Last Update.
_Version = tuple[str, str, str, int, datetime | None]


class Writer:
    """Gathers a batch's outcomes in line order, then writes each table once.

    A later line may amend or withdraw what an earlier line of the batch added, so changes are kept by element.
    """

    def __init__(
        self,
        file: InboundFile,
        connection: Connection,
        catalogue: Catalogue,
        person_ids: Mapping[int, str],
        *,
        at: datetime,
        next_outbound: int,
    ) -> None:
        """``person_ids`` are the Person IDs on the wire, by primary key.

        ``next_outbound`` is the connection's, which is locked: what is told now, its next file is to know.
        """
        self._file = file
        self._connection = connection
        vpd = connection.organisation.vpd
        self._sent_as = {
            one.pk: element_of(competence_name=one.name, competence_id=one.competence_id, vpd=vpd)
            for one in catalogue.by_id.values()
        }
        self._person_ids = person_ids
        # What people upload by hand the partner does not know: it is sent, and its failures come back to them.
        self._is_from_partner = file.kind != InboundKind.BY_HAND
        self._told_tail = (file.pk, next_outbound)
        self._at = at
        self._added: dict[str, list[Any]] = {}
        # Those of which no other line speaks.
        self._new: list[tuple[Any, ...]] = []
        self._amended: dict[str, list[Any]] = {}
        self._advanced: dict[str, datetime | None] = {}
        self._withdrawn: set[str] = set()
        self._superseded: dict[str, Outcome] = {}
        self._forgotten: list[tuple[int, str]] = []
        self._records: list[tuple[Any, ...]] = []
        self._failures: list[tuple[Any, ...]] = []

    @cached_property
    def codes(self) -> Counter[str]:
        """How many lines had each code."""
        return Counter([row[2] for row in self._records])

    @property
    def changes_what_was_held(self) -> bool:
        """Whether anything held before this batch is otherwise after it: not what it adds."""
        return bool(self._amended or self._advanced or self._withdrawn or self._superseded or self._forgotten)

    def take(self, decided: Decided, /) -> None:
        """One line's outcome."""
        line, reference, _, _, outcome = decided
        if outcome.changes is not NOTHING:
            self._change(decided)
        code = outcome.code.value
        if code in MENDABLE and self._is_from_partner:
            self._failures.append(self._failure_of(decided))
        ids = "|".join(outcome.element_ids)
        self._records.append((line.number, reference, code, outcome.message, outcome.person, ids, line.raw))

    def unchanged(self, lines: Sequence[Unchanged], newer: Mapping[str, datetime], /) -> None:
        """I102. ``newer``: a Last Update that an element takes over."""
        self._advanced.update(newer)
        self._records += [
            (number, reference, _UNCHANGED, "Unchanged.", person, element_id, raw)
            for number, raw, reference, person, element_id in lines
        ]

    def added(self, lines: Sequence[Added], /) -> None:
        """I100, W200 or W201: one new element of these ids for each competence that a line gives."""
        for number, raw, reference, parts, element_ids in lines:
            who, what, (level, method, _), (last_update, _), digest = parts
            for element_id, (competence, ends) in zip(element_ids, what.gives, strict=True):
                held = (element_id, who.person, competence, what.completed_on, ends, what.expires_on)
                told = self._told(held, who.person_id, level, method)
                self._new.append((*held, level, method, *told, digest, last_update, reference, None))
            code, message = answer_of(parts)
            ids = element_ids[0] if len(element_ids) == 1 else "|".join(element_ids)
            self._records.append((number, reference, code, message, who.person, ids, raw))

    def _change(self, decided: Decided) -> None:
        _, _, level, method, outcome = decided
        changes = outcome.changes
        person_id = self._person_ids.get(outcome.person or 0, "")
        version = (person_id, level, method, outcome.digest, outcome.last_update)
        for held in changes.added:
            self._add(held, decided, version)
        for held in changes.amended:
            self._amend(held, version)
        for element_id in changes.advanced:
            self._advance(element_id, outcome)
        for element_id in changes.withdrawn:
            self._withdraw(element_id, outcome)

    def write(self) -> None:
        """Every table's rows, inside the caller's transaction."""
        self.write_changes()
        self._outcome_rows.insert()
        insert_rows(OpenFailure, _FAILURE, self._failures)

    def make_ready(self) -> None:
        """All that can be done beforehand, and without a connection, is done: no line is to be taken after this."""
        # In line order, as the audit vouches for them.
        self._records.sort()
        _ = self._element_rows, self._outcome_rows, self._evidence

    @cached_property
    def _element_rows(self) -> Ready:
        same = {
            "organisation": self._connection.organisation_id,
            "source": Source.LMS.value,
            "source_id": self._connection.pk,
        }
        return Ready(CompetencyElement, _ELEMENT, [*self._added.values(), *self._new], same=same)

    @cached_property
    def _outcome_rows(self) -> Ready:
        same = {"organisation": self._connection.organisation_id, "file": self._file.pk}
        return Ready(InboundRecord, _RECORD, self._records, same=same)

    @cached_property
    def _evidence(self) -> dict[str, Any]:
        return evidence_of(self._records)

    def vouch(self) -> None:
        """The batch's outcomes stand in the audit: last of all, because it locks the organisation's chain."""
        vouch_for(self._file, self._evidence)

    def write_changes(self) -> None:
        """Elements, and what the partner thereby knows; no outcomes. Later updates overrule earlier ones."""
        keep_befores(self._file, {*self._advanced, *self._amended, *self._withdrawn})
        update_rows(
            CompetencyElement,
            self._key,
            ("last_update",),
            [(at, *self._own(one)) for one, at in self._advanced.items()],
        )
        update_rows(
            CompetencyElement,
            self._key,
            _AMENDED,
            [(*row, *self._own(one)) for one, row in self._amended.items()],
        )
        update_rows(
            CompetencyElement,
            self._key,
            ("withdrawn_at",),
            [(self._at, *self._own(one)) for one in self._withdrawn],
        )
        update_rows(
            CompetencyElement,
            self._key,
            _TOLD,
            [(*_NOT_TOLD, *self._own(one)) for _, one in self._forgotten if one not in self._added],
        )
        update_rows(
            CompetencyElement,
            self._key,
            ("last_update", "content_digest"),
            [(by.last_update, by.digest, *self._own(one)) for one, by in self._superseded.items()],
        )
        self._element_rows.insert()
        forget(self._connection, self._forgotten)

    _key = ("organisation", "element_id")

    def _own(self, element_id: str) -> tuple[int, str]:
        return self._connection.organisation_id, element_id

    def _add(self, held: Held, decided: Decided, version: _Version) -> None:
        self._added[held.element_id] = self._row(held, version, decided.reference)

    def _amend(self, held: Held, version: _Version) -> None:
        values = self._values(held, version)
        row = self._added.get(held.element_id)
        if row is None:
            self._amended[held.element_id] = values
        else:
            row[3 : 3 + len(values)] = values

    def _row(self, held: _Held, version: _Version, reference: str) -> list[Any]:
        """In the order of ``_ELEMENT``."""
        return [*held[:3], *self._values(held, version), reference, None]

    def _values(self, held: _Held, version: _Version) -> list[Any]:
        """In the order of ``_AMENDED``."""
        person_id, level, method, digest, last_update = version
        told = self._told(held, person_id, level, method)
        return [*held[3:], level, method, *told, digest, last_update]

    def _told(self, held: _Held, person_id: str, level: str, method: str) -> tuple[int | None, ...]:
        """What the partner knows of an element that it made or amended so, in the order of ``_TOLD``."""
        element_id, _, competence, date_from, date_to, source_date_to = held
        if not self._is_from_partner:
            return _NOT_TOLD
        if source_date_to is not None and source_date_to != date_to:
            # The partner holds this element now, with another expiry date than ours.
            return UNKNOWN, *self._told_tail
        template, start, end = self._sent_as[competence], day(date_from), day(date_to)
        return digest_of(template % (person_id, element_id, start, end, level, method)), *self._told_tail

    def _advance(self, element_id: str, outcome: Outcome) -> None:
        if row := self._added.get(element_id):
            row[_LAST_UPDATE] = outcome.last_update
        elif amended := self._amended.get(element_id):
            amended[-1] = outcome.last_update
        else:
            self._advanced[element_id] = outcome.last_update

    def _withdraw(self, element_id: str, outcome: Outcome) -> None:
        """By a LUD line (the partner said so itself), or because an amendment moved away from this element."""
        row = self._added.get(element_id)
        if row is None:
            self._withdrawn.add(element_id)
        else:
            row[_WITHDRAWN_AT] = self._at
        if outcome.code == Code.WITHDRAWN:
            assert outcome.person is not None
            self._forgotten.append((outcome.person, element_id))
            if row is not None:
                row[_TOLD_AT : _TOLD_AT + len(_TOLD)] = _NOT_TOLD
        elif row is None:
            self._superseded[element_id] = outcome
        else:
            row[_LAST_UPDATE], row[_DIGEST] = outcome.last_update, outcome.digest

    def _failure_of(self, decided: Decided) -> tuple[Any, ...]:
        """The course is named where it decided: where neither competence column was filled."""
        record, course = read(decided.line.raw), ("", "")
        if isinstance(record, Completion) and not (record.competence_id or record.competence_name):
            course = (record.course_code, record.course_version)
        connection, outcome = self._connection, decided.outcome
        return (
            self._file.pk, decided.line.number, outcome.code.value, *course, outcome.person,
            connection.organisation_id, connection.pk,
        )  # fmt: skip

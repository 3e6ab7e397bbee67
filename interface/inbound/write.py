"""Writes what a batch of records decided: elements, what the partner thereby knows, and one outcome for every line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from competencies.models import CompetencyElement, Source
from interface.decision.codes import MENDABLE, Code
from interface.decision.facts import Catalogue
from interface.decision.outcome import NOTHING, Changes, Held, Outcome
from interface.formats.completions import Completion, read
from interface.inbound.batch import Decided
from interface.inbound.befores import keep_befores
from interface.inbound.evidence import vouch_for
from interface.models import Connection, InboundFile, InboundRecord, OpenFailure
from interface.outbound.difference import UNKNOWN
from interface.outbound.digests import day, digest_of, element_of
from interface.outbound.ledger import forget
from people.bulk import insert_rows, update_rows

_TOLD = ("told_digest", "told_in", "told_before")
_NOT_TOLD = (None, None, None)
_AMENDED = (
    "date_from", "date_to", "source_date_to", "proficiency_level", "certification_method", *_TOLD, "content_digest",
    "last_update",
)  # fmt: skip
_ELEMENT = (
    "element_id", "person", "competence", *_AMENDED, "source_reference", "withdrawn_at",
    "organisation", "source", "source_id",
)  # fmt: skip
_LAST_UPDATE, _DIGEST, _WITHDRAWN_AT, _TOLD_AT = (
    _ELEMENT.index(field) for field in ("last_update", "content_digest", "withdrawn_at", _TOLD[0])
)
_RECORD = (
    "line_number", "source_reference", "code", "message", "person", "element_ids", "raw", "organisation", "file",
)  # fmt: skip
_FAILURE = (
    "file", "line_number", "code", "course_code", "course_version", "person", "organisation", "connection",
)  # fmt: skip


class Writer:
    """Gathers a batch's outcomes in line order, then writes each table once.

    A later line may amend or withdraw what an earlier line of the batch added, so changes are kept by element.
    """

    def __init__(
        self,
        file: InboundFile,
        connection: Connection,
        catalogue: Catalogue,
        *,
        at: datetime,
        next_outbound: int,
    ) -> None:
        """``next_outbound`` is the connection's, which is locked: what is told now, its next file is to know."""
        self._file = file
        self._connection = connection
        vpd = connection.organisation.vpd
        self._sent_as = {
            one.pk: element_of(competence_name=one.name, competence_id=one.competence_id, vpd=vpd)
            for one in catalogue.by_id.values()
        }
        self._told_tail = (file.pk, next_outbound)
        self._at = at
        self._element_tail = (None, connection.organisation_id, Source.LMS.value, connection.pk)
        self._record_tail = (connection.organisation_id, file.pk)
        self._added: dict[str, list[Any]] = {}
        self._amended: dict[str, list[Any]] = {}
        self._advanced: dict[str, datetime | None] = {}
        self._withdrawn: set[str] = set()
        self._superseded: dict[str, Outcome] = {}
        self._forgotten: list[tuple[int, str]] = []
        self._records: list[tuple[Any, ...]] = []
        self._failures: list[tuple[Any, ...]] = []
        self.codes: Counter[str] = Counter()

    def take(self, decided: Decided, person_ids: Mapping[int, str]) -> None:
        """One line's outcome; ``person_ids`` are the Person IDs on the wire, by primary key."""
        line, reference, _, _, outcome = decided
        changes = outcome.changes
        if changes is not NOTHING:
            self._change(decided, changes, person_ids.get(outcome.person or 0, ""))
        code = outcome.code.value
        self.codes[code] += 1
        if code in MENDABLE:
            self._failures.append(self._failure_of(decided))
        ids = outcome.element_ids
        self._records.append(
            (
                line.number,
                reference,
                code,
                outcome.message,
                outcome.person,
                ids[0] if len(ids) == 1 else "|".join(ids),
                line.raw,
                *self._record_tail,
            )
        )

    def _change(self, decided: Decided, changes: Changes, person_id: str) -> None:
        for held in changes.added:
            self._add(held, decided, person_id)
        for held in changes.amended:
            self._amend(held, decided, person_id)
        for element_id in changes.advanced:
            self._advance(element_id, decided.outcome)
        for element_id in changes.withdrawn:
            self._withdraw(element_id, decided.outcome)

    def write(self) -> None:
        """Every table's rows, inside the caller's transaction."""
        self.write_changes()
        insert_rows(InboundRecord, _RECORD, self._records)
        insert_rows(OpenFailure, _FAILURE, self._failures)

    def vouch(self) -> None:
        """The batch's outcomes stand in the audit: last of all, because it locks the organisation's chain."""
        vouch_for(self._file, self._records)

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
        insert_rows(CompetencyElement, _ELEMENT, list(self._added.values()))
        forget(self._connection, self._forgotten)

    _key = ("organisation", "element_id")

    def _own(self, element_id: str) -> tuple[int, str]:
        return self._connection.organisation_id, element_id

    def _add(self, held: Held, decided: Decided, person_id: str) -> None:
        self._added[held.element_id] = [
            held.element_id,
            held.person,
            held.competence,
            *self._values(held, decided, person_id),
            decided.reference,
            *self._element_tail,
        ]

    def _amend(self, held: Held, decided: Decided, person_id: str) -> None:
        values = self._values(held, decided, person_id)
        row = self._added.get(held.element_id)
        if row is None:
            self._amended[held.element_id] = values
        else:
            row[3 : 3 + len(values)] = values

    def _values(self, held: Held, decided: Decided, person_id: str) -> list[Any]:
        """In the order of ``_AMENDED``."""
        return [
            held.date_from,
            held.date_to,
            held.source_date_to,
            decided.proficiency_level,
            decided.certification_method,
            self._told_digest(held, decided, person_id),
            *self._told_tail,
            decided.outcome.digest,
            decided.outcome.last_update,
        ]

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

    def _told_digest(self, held: Held, decided: Decided, person_id: str) -> int:
        """The partner holds this element now: with our values, or where its expiry date differs, with others."""
        if held.source_date_to is not None and held.source_date_to != held.date_to:
            return UNKNOWN
        return digest_of(
            self._sent_as[held.competence]
            % (
                person_id,
                held.element_id,
                day(held.date_from),
                day(held.date_to),
                decided.proficiency_level,
                decided.certification_method,
            )
        )

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

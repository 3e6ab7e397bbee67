"""CDA and CDD: competence definitions, national ones and the organisation's own.

National definitions are shared by every organisation, so one organisation's extract may confirm and amend them, Last
Update deciding, but never end them. Its own are ended by a CDD on the day before the file's business date: what
people hold of them stays true, so nothing is deleted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from competencies.models import Competence, Subject, SubjectLevel
from competencies.naming import SubjectLevelName, parse, renewal_disagrees, subject_level_of
from interface.extract.definitions import FIELDS, Content, Definition, Definitions, may_rename
from interface.extract.load import Load
from interface.extract.report import Outcome
from interface.extract.rules import compare, ends_before_it_starts, may_remove, renewal_period
from interface.extract.source import Line
from interface.extract.trail import apart
from interface.formats.go import CompetenceRow, Delete, Row
from people.bulk import insert_rows, update_rows

NAME_DISAGREES = "renewal period in a competence's name differs from its renewal columns, which rule"
UNKNOWN_LEVEL = "national CSTF competence whose name means none of the 24 subject-levels"
NATIONAL_KEPT = "deletion of a national competence, which one organisation's extract cannot end"

_Refusal = tuple[str, str]


class CompetenceLoader:
    """Keeps the definitions as the file has them."""

    record_types = ("CDA", "CDD")

    def __init__(self, load: Load, definitions: Definitions) -> None:
        self._load = load
        self._definitions = definitions
        # Two organisations loaded at the same time would both create a new national competence: the second
        # waits here until the first is done.
        list(Subject.objects.select_for_update(no_key=True).order_by("pk"))
        definitions.reload()
        levels = SubjectLevel.objects.values_list("subject__name", "level", "variant", "pk")
        self._levels = {(subject, level, variant): pk for subject, level, variant, pk in levels}

    def take(self, lines: Sequence[tuple[Line, Row]]) -> None:
        """As Loader.take."""
        for line, row in lines:
            if isinstance(row, CompetenceRow):
                self._amend(line, row)
            elif isinstance(row, Delete):
                self._end(line, row.key)
        self._write()

    def _amend(self, line: Line, row: CompetenceRow) -> None:
        is_national = parse(row.name).is_national
        refusal = self._unsound(row)
        held = self._held(row, national=is_national)
        if refusal is None and held is not None:
            refusal = self._mismatch(held, row)
        if refusal is not None:
            self._load.reject(line, *refusal)
            return
        self._note_findings(row)
        last_update = row.last_update or self._load.created
        content = self._content(row, held)
        outcome = Outcome.ADDED
        if held is None:
            self._definitions.add(Definition(None, is_national, content, last_update, differs=True))
        else:
            outcome = self._update(held, content, last_update)
        self._load.tally.count(line.record_type, outcome)

    def _held(self, row: CompetenceRow, *, national: bool) -> Definition | None:
        """A national competence is known by its name first, for its ID here may be a seed's; a local one by its ID."""
        by_name = self._definitions.by_name(row.name, national=national)
        by_id = self._definitions.by_id(row.competence_id, national=national)
        return (by_name or by_id) if national else (by_id or by_name)

    def _unsound(self, row: CompetenceRow) -> _Refusal | None:
        if ends_before_it_starts(row.date_from, row.date_to):
            return "Date To", "lies before the Date From"
        if renewal_period(row.renewal_frequency, row.renewal_units) is None:
            return "Renewal Period Units", "with the Renewal Period Freq is not a number of years or months"
        return None

    def _mismatch(self, held: Definition, row: CompetenceRow) -> _Refusal | None:
        """Why this row cannot be the one held: ID and name must not belong to two competences."""
        with_id = self._definitions.by_id(row.competence_id, national=held.is_national)
        with_name = self._definitions.by_name(row.name, national=held.is_national)
        if with_id not in (None, held):
            return "Competence ID", "is held by another competence"
        if with_name not in (None, held):
            return "Competence Name", "is held by another competence"
        if not may_rename(held.content.name, row.name):
            return "Competence ID", "is held by a competence of another subject, level or owner"
        return None

    def _update(self, held: Definition, content: Content, last_update: datetime) -> Outcome:
        outcome = compare(held.content, held.last_update, content, last_update)
        if outcome is Outcome.AMENDED and content[:2] != held.content[:2]:
            # IDs and names are unique: what changed before must be written before one is taken over.
            held = self._written(held)
        held.note_before()
        if outcome is Outcome.AMENDED:
            self._definitions.replace(held, content)
        is_newer = held.last_update is None or last_update > held.last_update
        if outcome is Outcome.AMENDED or is_newer:
            held.last_update, held.differs = last_update, True
        return outcome

    def _written(self, held: Definition) -> Definition:
        """The same definition, once all that differs is stored: one that was new has its key now."""
        self._write()
        found = self._definitions.by_id(held.content.competence_id, national=held.is_national)
        assert found is not None, "it is stored"
        return found

    def _content(self, row: CompetenceRow, held: Definition | None) -> Content:
        meant = subject_level_of(row.name)
        level, version = self._level(meant), meant.version if meant else ""
        if held is not None and level is None:
            # Somebody has said by hand what an irregular name means.
            level, version = held.content.subject_level, held.content.version
        renewal = renewal_period(row.renewal_frequency, row.renewal_units)
        assert renewal is not None
        return Content(
            row.competence_id,
            row.name,
            row.description,
            level,
            version,
            *renewal,
            row.date_from,
            row.date_to,
        )

    def _level(self, meant: SubjectLevelName | None) -> int | None:
        return self._levels.get(meant[:3]) if meant else None

    def _note_findings(self, row: CompetenceRow) -> None:
        findings = self._load.tally.findings
        frequency, units = row.renewal_frequency or None, row.renewal_units
        renewal = renewal_period(frequency, units)
        if renewal is not None and renewal_disagrees(row.name, frequency=renewal[0], units=renewal[1]):
            findings[NAME_DISAGREES] += 1
        if parse(row.name).is_cstf and subject_level_of(row.name) is None:
            findings[UNKNOWN_LEVEL] += 1

    def _end(self, line: Line, competence_id: str) -> None:
        self._load.tally.count(line.record_type, self._ended(competence_id))

    def _ended(self, competence_id: str) -> Outcome:
        held = self._definitions.by_id(competence_id, national=False)
        if held is None:
            if self._definitions.by_id(competence_id, national=True) is None:
                return Outcome.NOT_HELD
            self._load.tally.findings[NATIONAL_KEPT] += 1
            return Outcome.SKIPPED
        if held.last_update is not None and not may_remove(held.last_update, file_created=self._load.created):
            return Outcome.STALE
        last_day = self._load.business_date - timedelta(days=1)
        content = held.content
        if content.date_to is not None and content.date_to <= last_day:
            return Outcome.UNCHANGED
        if content.date_from is not None:
            last_day = max(last_day, content.date_from)
        if content.date_to == last_day:
            return Outcome.UNCHANGED
        self._definitions.replace(held, content._replace(date_to=last_day))
        # From now on an older CDA, read again, is stale and does not open it anew.
        held.last_update = self._load.created
        return Outcome.REMOVED

    def _write(self) -> None:
        fields = ("last_update", *FIELDS)
        organisation = self._load.organisation.pk
        differing = [one for one in self._definitions if one.differs]
        new = [
            (None if one.is_national else organisation, one.last_update, *one.content)
            for one in differing
            if one.pk is None
        ]
        old = [(one.last_update, *one.content, one.pk) for one in differing if one.pk is not None]
        for one in differing:
            if one.pk is not None and one.before is not None:
                states = apart(fields, one.before, (one.last_update, *one.content))
                name = one.content.competence_id
                self._load.trail.change(Competence, one.pk, name, *states, national=one.is_national)
        update_rows(Competence, ("id",), fields, old)
        insert_rows(Competence, ("organisation", *fields), new)
        for one in differing:
            one.differs, one.before = False, None
        if new:
            self._definitions.reload()

"""ASA and ASD: assignments and applications, by date, with the places they are in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from interface.extract.keys import any_text
from interface.extract.load import Load
from interface.extract.places import Places
from interface.extract.report import Outcome
from interface.extract.rules import Content, ends_before_it_starts, may_remove, revives, too_long
from interface.extract.source import Line
from interface.extract.trail import apart
from interface.extract.versions import Versions
from interface.formats.go import AssignmentRow, Delete, Row, staff_group_and_role
from people.bulk import insert_rows, update_rows
from people.models import Assignment, AssignmentVersion
from people.models.assignment import AssignmentType

FIELDS = (
    "effective_end",
    "earliest_start",
    "assignment_type",
    "assignment_number",
    "system_status",
    "status",
    "employee_status_flag",
    "payroll_name",
    "payroll_period",
    "is_primary",
    "fte",
    "unit_id",
    "position_id",
    "staff_group",
    "job_role",
    "projected_hire_on",
    "vacancy_id",
    "ended_on",
)
_IDENTITY = ("person", "removed_at")
_PART_OF_JOB_NAME = 100


@dataclass(slots=True)
class _Identity:
    """One Assignment row: whose it is and whether it was removed."""

    pk: int
    person: int
    removed_at: datetime | None
    before: tuple[int, datetime | None]

    @property
    def differs(self) -> bool:
        """Whether it is to be stored otherwise than it was held."""
        return self.before != (self.person, self.removed_at)


class AssignmentLoader:
    """Keeps assignments and their versions as the file has them. None is ever deleted, only marked removed."""

    record_types = ("ASA", "ASD")

    def __init__(self, load: Load, places: Places) -> None:
        self._load = load
        self._places = places
        self._versions = Versions(AssignmentVersion, owner="assignment", fields=FIELDS)
        self._held: dict[str, _Identity] = {}
        self._new: set[str] = set()

    def take(self, lines: Sequence[tuple[Line, Row]]) -> None:
        """As Loader.take."""
        sound = [(line, row) for line, row in lines if self._is_sound(line, row)]
        rows = [row for _, row in sound if isinstance(row, AssignmentRow)]
        self._places.meet_positions(rows)
        self._meet(rows, {row.key for _, row in sound if isinstance(row, Delete)})
        for line, row in sound:
            if isinstance(row, AssignmentRow):
                self._amend(line, row)
            elif isinstance(row, Delete):
                self._remove(line, row.key)
        self._write()

    def _is_sound(self, line: Line, row: Row) -> bool:
        if not isinstance(row, AssignmentRow):
            return True
        fault = self._fault(row)
        if fault is not None:
            self._load.reject(line, *fault)
        return fault is None

    def _fault(self, row: AssignmentRow) -> tuple[str, str] | None:
        if row.person_id not in self._load.persons:
            return "Person ID", "is not known"
        if row.assignment_type not in AssignmentType.values:
            return "Assignment Type", "is not E or A"
        if ends_before_it_starts(row.effective_start, row.effective_end):
            return "Effective End Date", "lies before the Effective Start Date"
        if too_long(staff_group_and_role(row.job_name), _PART_OF_JOB_NAME):
            return "Job Name", f"has a part longer than {_PART_OF_JOB_NAME} characters"
        return None

    def _meet(self, rows: Sequence[AssignmentRow], deleted: set[str]) -> None:
        """Load the batch's assignments, giving every new Assignment ID its row."""
        persons = self._load.persons
        owners = {row.assignment_id: persons[row.person_id] for row in rows}
        self._held = self._load_identities(owners.keys() | deleted)
        self._new = owners.keys() - self._held.keys()
        organisation = self._load.organisation
        new = [(organisation.pk, owners[one], one) for one in sorted(self._new)]
        insert_rows(Assignment, ("organisation", "person", "assignment_id"), new)
        if self._new:
            self._held |= self._load_identities(self._new)
        self._versions.hold({one.pk for one in self._held.values()})

    def _load_identities(self, assignment_ids: set[str]) -> dict[str, _Identity]:
        rows = Assignment.objects.filter(assignment_id__in=any_text(assignment_ids)).order_by()
        return {
            assignment_id: _Identity(pk, person, removed_at, (person, removed_at))
            for assignment_id, pk, person, removed_at in rows.values_list(
                "assignment_id", "pk", "person_id", "removed_at"
            )
        }

    def _amend(self, line: Line, row: AssignmentRow) -> None:
        held = self._held[row.assignment_id]
        last_update = row.last_update or self._load.created
        outcome = self._versions.take(held.pk, row.effective_start, self._content(row), last_update)
        if outcome is not Outcome.STALE:
            outcome = self._settle(held, self._load.persons[row.person_id], last_update, outcome)
        if outcome is Outcome.ADDED and row.assignment_id not in self._new:
            # One more version of an assignment that is known is a change of its person's.
            self._load.changed.add(held.person)
        self._load.touch(held.person, line.record_type, outcome)

    def _settle(self, held: _Identity, person: int, last_update: datetime, outcome: Outcome) -> Outcome:
        """Bring back what was removed, and follow a merge of persons at the source."""
        if held.removed_at is not None:
            if not revives(held.removed_at, file_created=self._load.created, last_update=last_update):
                return Outcome.STALE
            held.removed_at, outcome = None, Outcome.AMENDED
        newest = self._versions.newest(held.pk)
        if held.person != person and (newest is None or last_update >= newest):
            held.person, outcome = person, Outcome.AMENDED
        return outcome

    def _remove(self, line: Line, assignment_id: str) -> None:
        held = self._held.get(assignment_id)
        if held is None:
            self._load.tally.count(line.record_type, Outcome.NOT_HELD)
            return
        outcome = Outcome.REMOVED
        if held.removed_at is not None:
            outcome = Outcome.UNCHANGED
        elif not may_remove(self._versions.newest(held.pk), file_created=self._load.created):
            outcome = Outcome.STALE
        else:
            held.removed_at = self._load.created
        self._load.touch(held.person, line.record_type, outcome)

    def _content(self, row: AssignmentRow) -> Content:
        """In the order of FIELDS."""
        return (
            row.effective_end,
            row.earliest_start,
            row.assignment_type,
            row.assignment_number,
            row.system_status,
            row.status,
            row.employee_status_flag,
            row.payroll_name,
            row.payroll_period,
            bool(row.is_primary),
            row.fte,
            self._places.units.get(row.organisation_id),
            self._places.positions.get(row.position_id),
            *staff_group_and_role(row.job_name),
            row.projected_hire_date,
            row.vacancy_id,
            row.assignment_end,
        )

    def _write(self) -> None:
        organisation = self._load.organisation
        names = {one.pk: assignment_id for assignment_id, one in self._held.items()}
        self._versions.write(organisation, self._load.trail, names)
        differing = [one for one in self._held.values() if one.differs]
        for one in differing:
            states = apart(_IDENTITY, one.before, (one.person, one.removed_at))
            self._load.trail.change(Assignment, one.pk, names[one.pk], *states)
        rows = [(one.person, one.removed_at, organisation.pk, one.pk) for one in differing]
        update_rows(Assignment, ("organisation", "id"), _IDENTITY, rows)

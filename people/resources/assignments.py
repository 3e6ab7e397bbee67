"""Assignments and applications as a table: what ESR would say in ASA."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from people.dates import london_today
from people.models import Assignment, AssignmentVersion, PersonVersion, Position
from people.models.assignment import AssignmentType
from people.resources.organisations import vpd_column
from people.resources.staff import by_key, cells, text_column
from people.resources.table import Column, ColumnFault
from people.resources.versions import REMOVED, VersionColumns
from people.resources.widgets import ChoiceWidget, DateWidget, LookupWidget, Row, YesNoWidget, as_text
from people.tables import quoted


class AssignmentResource(VersionColumns):
    """assignments.csv: an assignment ID that is not known yet is a new assignment of the person named."""

    owner = "assignment"

    organisation = vpd_column()
    assignment = Column(
        "assignment_id",
        LookupWidget("find_assignment", "assignment_id"),
        attribute="assignment",
        required=True,
    )
    person_id = Column("person_id", attribute="assignment__person__person_id", readonly=True)
    employee_number = Column("employee_number", readonly=True)
    effective_start = Column("effective_start", DateWidget(), required=True)
    effective_end = Column("effective_end", DateWidget())
    assignment_type = Column("assignment_type", ChoiceWidget(AssignmentType.values), required=True)
    assignment_number = text_column("assignment_number")
    system_status = text_column("system_status")
    status = text_column("status")
    payroll_name = text_column("payroll_name")
    is_primary = Column("is_primary", YesNoWidget())
    fte = text_column("fte")
    position = Column("position_id", LookupWidget("find_position", "position_id"), attribute="position")
    unit = Column("unit_id", LookupWidget("find_unit", "unit_id"), attribute="unit")
    staff_group = text_column("staff_group")
    job_role = text_column("job_role")
    projected_hire_on = Column("projected_hire_on", DateWidget())
    ended_on = Column("ended_on", DateWidget())

    class Meta:
        model = AssignmentVersion
        import_id_fields = ("assignment", "effective_start")
        fields = (
            "organisation", "assignment", "person_id", "employee_number", "effective_start", "effective_end",
            "assignment_type", "assignment_number", "system_status", "status", "payroll_name", "is_primary",
            "fte", "position", "unit", "staff_group", "job_role", "projected_hire_on", "ended_on",
        )  # fmt: skip
        skip_unchanged = True
        skip_diff = True
        clean_model_instances = True
        use_transactions = True

    def meet(self, rows: Sequence[Row]) -> None:
        super().meet(rows)
        assignments = Assignment.objects.filter(assignment_id__in=cells(rows, "assignment_id"))
        self._assignments = by_key(assignments, "assignment_id")
        positions = Position.objects.filter(position_id__in=cells(rows, "position_id"))
        self._positions = by_key(positions, "position_id")
        held = {assignment.pk for assignment in self._assignments.values()}
        self.hold(AssignmentVersion.objects.filter(assignment__in=held))

    def of_list(self, listed: QuerySet[Any]) -> QuerySet[Any]:
        """With the employee number of whose they are, for whoever reads them."""
        persons = PersonVersion.objects.in_effect(on=london_today())
        number = persons.filter(person=OuterRef("assignment__person")).values("employee_number")[:1]
        rows = super().of_list(listed.filter(person__removed_at__isnull=True))
        related = ("organisation", "assignment__person", "position", "unit")
        numbered: QuerySet[Any] = rows.annotate(employee_number=Coalesce(Subquery(number), Value("")))
        return numbered.select_related(*related)

    def is_over(self, version: AssignmentVersion) -> bool:
        """The job or application has ended, or will."""
        return version.ended_on is not None

    def whose(self, version: AssignmentVersion) -> int:
        return version.assignment.person_id

    def find_position(self, text: str, row: Row) -> Position | None:
        """By its ID; none for an empty cell."""
        return self.found(self._positions, text, row, "position") if text else None

    def find_assignment(self, text: str, row: Row) -> Assignment | None:
        """The one of this ID, which stays whose it is; a new one of whoever the row names."""
        organisation = self._organisations.get(as_text(row.get("vpd")))
        if organisation is None:
            return None
        person, held = self.person_of(row), self._assignments.get((organisation.pk, text))
        if held is None:
            if person is None:
                raise ValueError(f"{quoted(text)} is new: person_id or employee_number says whose it is")
            held = Assignment(organisation=organisation, person=person, assignment_id=text)
            self._assignments[organisation.pk, text] = held
        if held.removed_at is not None:
            raise ValueError(f"{quoted(text)} {REMOVED}")
        if person is not None and held.person_id != person.pk:
            raise ColumnFault("person_id", f"assignment {quoted(text)} is another person's")
        found: Assignment = held
        return found

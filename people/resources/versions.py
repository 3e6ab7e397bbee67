"""Persons and assignments as tables: what ESR would say in PRA and ASA.

A row is a *version*: what holds from its ``effective_start`` on, as in ESR. Like there, the version with the latest
start rules. What a row changes counts as updated now: an older extract of ESR does not take it back, and a newer
one does (promises P10).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import BigIntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from people.dates import london_today
from people.models import Assignment, AssignmentVersion, Person, PersonVersion, Position, SystemPersonType
from people.models.assignment import AssignmentType
from people.models.person import effective_on
from people.resources.organisations import vpd_column
from people.resources.staff import StaffColumns, by_key, cells, text_column
from people.resources.table import Column, ColumnFault
from people.resources.widgets import ChoiceWidget, DateWidget, LookupWidget, Row, YesNoWidget, as_text
from people.tables import quoted

_LEFT = (
    SystemPersonType.EX_EMPLOYEE,
    SystemPersonType.EX_EMPLOYEE_APPLICANT,
    SystemPersonType.EX_APPLICANT,
)
_REMOVED = "was deleted in ESR, or merged into another: it cannot be changed here"


class VersionColumns(StaffColumns):
    """What the tables of versions share: whose they are, and that they end after they start."""

    # The field that names whose version a row is.
    owner: str

    def prepare(self) -> None:
        super().prepare()
        # Whom nobody had heard of before the file.
        self._new_owners: set[int] = set()

    def meet(self, rows: Sequence[Row]) -> None:
        super().meet(rows)
        self._persons = by_key(Person.objects.filter(person_id__in=cells(rows, "person_id")), "person_id")
        self._numbered: dict[tuple[int, str], set[Person]] = {}
        numbered = PersonVersion.objects.filter(employee_number__in=cells(rows, "employee_number"))
        for version in numbered.filter(person__removed_at__isnull=True).select_related("person"):
            same = self._numbered.setdefault((version.organisation_id, version.employee_number), set())
            same.add(version.person)
        self._held: dict[tuple[int, date], Any] = {}
        self._over: set[int] = set()

    def of_list(self, listed: QuerySet[Any]) -> QuerySet[Any]:
        """One version each: what rules today, else the last. What ESR has deleted has none to correct."""
        model, today = self._meta.model, london_today()
        theirs = (
            model.objects.filter(**{self.owner: OuterRef("pk")}).order_by("-effective_start").values("pk")
        )
        chosen = Coalesce(
            Subquery(theirs.filter(effective_on(today))[:1]),
            Subquery(theirs[:1]),
            output_field=BigIntegerField(),
        )
        owners = listed.order_by().filter(removed_at__isnull=True).annotate(chosen=chosen)
        rows: QuerySet[Any] = model.objects.filter(pk__in=owners.values("chosen"))
        return rows.order_by("organisation", f"{self.owner}__{self.owner}_id")

    def hold(self, versions: QuerySet[Any]) -> None:
        """The versions that rows of the block may amend."""
        self._held = {(getattr(one, f"{self.owner}_id"), one.effective_start): one for one in versions}
        self._over = {owner for (owner, _), one in self._held.items() if self.is_over(one)}

    def is_over(self, version: Any) -> bool:
        """Whether the version says that it has come to its end."""
        raise NotImplementedError

    def whose(self, version: Any) -> int:
        """The key of the person whom the version is about."""
        raise NotImplementedError

    def people_touched(self) -> tuple[set[int], set[int]]:
        """As the loader of ESR's extracts counts them: what is new changes nobody, one more version does."""
        changed, ended = set(), set()
        for row, _, _ in self._changes.values():
            owner = getattr(row, f"{self.owner}_id")
            if owner not in self._new_owners:
                changed.add(self.whose(row))
                if self.is_over(row) and owner not in self._over:
                    ended.add(self.whose(row))
        return changed - ended, ended

    def person_of(self, row: Row) -> Person | None:
        """By person ID, else by employee number; None where the row names nobody. ColumnFault where it finds none."""
        person_id, number = as_text(row.get("person_id")), as_text(row.get("employee_number"))
        organisation = self._organisations.get(as_text(row.get("vpd")))
        if organisation is None or not (person_id or number):
            return None
        if person_id:
            return self._of_id(organisation.pk, person_id)
        found = self._numbered.get((organisation.pk, number), set())
        if len(found) != 1:
            who = f"{len(found)} people have" if found else "nobody has"
            raise ColumnFault("employee_number", f"{who} the number {quoted(number)}: give the person_id")
        return next(iter(found))

    def _of_id(self, organisation: int, person_id: str) -> Person:
        person: Person | None = self._persons.get((organisation, person_id))
        if person is None:
            raise ColumnFault("person_id", f"there is no person {quoted(person_id)} in this organisation")
        if person.removed_at is not None:
            raise ColumnFault("person_id", f"{quoted(person_id)} {_REMOVED}")
        return person

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        errors = dict(import_validation_errors or {})
        end = instance.effective_end
        if end is not None and end < instance.effective_start:
            errors["effective_end"] = ["lies before effective_start"]
        owner = getattr(instance, self.owner)
        if owner.pk is None:
            try:
                owner.clean_fields(exclude=("organisation", "person"))
            except ValidationError as fault:
                errors[self.owner] = fault.messages
        super().validate_instance(instance, errors, validate_unique)

    def get_instance(self, instance_loader: Any, row: Row) -> Any:
        owner, start = self.fields[self.owner].clean(row), self.fields["effective_start"].clean(row)
        return self._held.get((owner.pk, start))

    def before_save_instance(self, instance: Any, row: Row, **kwargs: Any) -> None:
        """Whoever is new is stored first; the change counts as made now."""
        owner = getattr(instance, self.owner)
        if owner.pk is None:
            owner.save(force_insert=True)
            self.note(owner, before={})
            # Assigned anew, the reference takes the key.
            setattr(instance, self.owner, owner)
            self._new_owners.add(getattr(instance, f"{self.owner}_id"))
        instance.last_update = timezone.now()


class PersonResource(VersionColumns):
    """persons.csv: a person ID that is not known yet is a new person."""

    owner = "person"

    organisation = vpd_column()
    person = Column("person_id", LookupWidget("find_person", "person_id"), attribute="person", needed=True)
    effective_start = Column("effective_start", DateWidget(), required=True)
    effective_end = Column("effective_end", DateWidget())
    employee_number = text_column("employee_number")
    title = text_column("title")
    last_name = text_column("last_name", required=True)
    first_name = text_column("first_name")
    middle_names = text_column("middle_names")
    maiden_name = text_column("maiden_name")
    preferred_name = text_column("preferred_name")
    previous_last_name = text_column("previous_last_name")
    date_of_birth = Column("date_of_birth", DateWidget())
    ni_number = text_column("ni_number")
    nhs_unique_id = text_column("nhs_unique_id")
    hired_on = Column("hired_on", DateWidget())
    terminated_on = Column("terminated_on", DateWidget())
    system_person_type = Column("system_person_type", ChoiceWidget(SystemPersonType.values), required=True)
    person_type = text_column("person_type")
    office_email = text_column("office_email")
    nhs_started_on = Column("nhs_started_on", DateWidget())

    class Meta:
        model = PersonVersion
        import_id_fields = ("person", "effective_start")
        fields = (
            "organisation", "person", "effective_start", "effective_end", "employee_number", "title",
            "last_name", "first_name", "middle_names", "maiden_name", "preferred_name", "previous_last_name",
            "date_of_birth", "ni_number", "nhs_unique_id", "hired_on", "terminated_on", "system_person_type",
            "person_type", "office_email", "nhs_started_on",
        )  # fmt: skip
        skip_unchanged = True
        skip_diff = True
        clean_model_instances = True
        use_transactions = True

    def meet(self, rows: Sequence[Row]) -> None:
        super().meet(rows)
        numbered = {person.pk for people in self._numbered.values() for person in people}
        known = numbered | {person.pk for person in self._persons.values()}
        self.hold(PersonVersion.objects.filter(person__in=known))

    def of_list(self, listed: QuerySet[Any]) -> QuerySet[Any]:
        return super().of_list(listed).select_related("organisation", "person")

    def is_over(self, version: PersonVersion) -> bool:
        """They have left, or will."""
        return version.terminated_on is not None or version.system_person_type in _LEFT

    def whose(self, version: PersonVersion) -> int:
        return version.person_id

    def find_person(self, text: str, row: Row) -> Person | None:
        """Whoever the row names; somebody new under a person ID that nobody has."""
        organisation = self._organisations.get(as_text(row.get("vpd")))
        if text and organisation is not None:
            self._persons.setdefault(
                (organisation.pk, text), Person(organisation=organisation, person_id=text)
            )
        person = self.person_of(row)
        if person is None and organisation is not None:
            raise ValueError("is missing, and so is employee_number: one of them says who it is")
        return person


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
            raise ValueError(f"{quoted(text)} {_REMOVED}")
        if person is not None and held.person_id != person.pk:
            raise ColumnFault("person_id", f"assignment {quoted(text)} is another person's")
        found: Assignment = held
        return found

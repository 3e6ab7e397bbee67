"""Positions as a table, and what the tables of staff have in common.

Rows come in their thousands: what a block of them needs is looked up together, and no value is checked by a query of
its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from people.dates import london_today
from people.models import Assignment, AssignmentVersion, OrganisationUnit, Position
from people.resources.organisations import OrganisationColumns, vpd_column
from people.resources.table import Column
from people.resources.widgets import LookupWidget, Row, TextWidget, as_text
from people.tables import quoted

# Rows of one model by organisation and natural key.
Found = dict[tuple[int, Any], Any]


def cells(rows: Iterable[Row], column: str) -> set[str]:
    """What stands in this column."""
    return {text for row in rows if (text := as_text(row.get(column)))}


def by_key(rows: Iterable[Any], name: str) -> Found:
    """Rows by organisation and the field that is their natural key there."""
    return {(row.organisation_id, getattr(row, name)): row for row in rows}


def text_column(name: str, *, required: bool = False) -> Column:
    """A text that is sent in files; nothing where the column is left out."""
    return Column(name, TextWidget(on_the_wire=True), required=required, default="")


class StaffColumns(OrganisationColumns):
    """What the tables of staff share: whoever and whatever a row names is found among what its block names."""

    def meet(self, rows: Sequence[Row]) -> None:
        super().meet(rows)
        units = OrganisationUnit.objects.filter(unit_id__in=cells(rows, "unit_id"))
        self._units = by_key(units, "unit_id")

    def find_unit(self, text: str, row: Row) -> OrganisationUnit | None:
        """By its ID; none for an empty cell."""
        return self.found(self._units, text, row, "organisation unit") if text else None

    def found(self, rows: Mapping[tuple[int, Any], Any], key: str, row: Row, what: str) -> Any:
        """The one that the row's organisation has under this key. ValueError where it has none."""
        vpd = as_text(row.get("vpd"))
        organisation = self._organisations.get(vpd)
        one = rows.get((organisation.pk, key)) if organisation else None
        if one is None:
            raise ValueError(f"organisation {quoted(vpd)} has no {what} {quoted(key)}")
        return one

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        """The values fit their columns. What a row refers to was looked up in its organisation, and its key too."""
        relations = [field.name for field in instance._meta.concrete_fields if field.is_relation]
        errors = dict(import_validation_errors or {})
        try:
            instance.clean_fields(exclude=[*relations, *errors])
        except ValidationError as fault:
            errors = fault.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)


class PositionResource(StaffColumns):
    """positions.csv."""

    organisation = vpd_column()
    position_id = text_column("position_id", required=True)
    name = text_column("name", required=True)
    staff_group = text_column("staff_group")
    job_role = text_column("job_role")
    unit = Column("unit_id", LookupWidget("find_unit", "unit_id"), attribute="unit")

    class Meta:
        model = Position
        import_id_fields = ("organisation", "position_id")
        fields = ("organisation", "position_id", "name", "staff_group", "job_role", "unit")
        skip_unchanged = True
        skip_diff = True
        clean_model_instances = True
        use_transactions = True

    def of_list(self, listed: QuerySet[Any]) -> QuerySet[Any]:
        return listed.select_related("organisation", "unit")

    def meet(self, rows: Sequence[Row]) -> None:
        super().meet(rows)
        positions = Position.objects.filter(position_id__in=cells(rows, "position_id"))
        self._positions = by_key(positions, "position_id")

    def people_touched(self) -> tuple[set[int], set[int]]:
        """Whoever works today at a position that says something else now."""
        changed = [position.pk for position, before, _ in self._changes.values() if before]
        jobs = AssignmentVersion.objects.current(on=london_today()).filter(position__in=changed)
        held = Assignment.objects.filter(pk__in=jobs.order_by().values("assignment")).order_by()
        return set(held.values_list("person_id", flat=True)), set()

    def get_instance(self, instance_loader: Any, row: Row) -> Any:
        organisation = self._organisations[as_text(row["vpd"])]
        return self._positions.get((organisation.pk, as_text(row["position_id"])))

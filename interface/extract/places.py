"""ORA and POA: organisation units and positions, also those that only an assignment's line tells of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from interface.extract.keys import any_text
from interface.extract.load import Load
from interface.extract.report import Outcome
from interface.extract.rules import Content, in_effect
from interface.extract.source import Line
from interface.extract.trail import Trail, apart
from interface.formats.go import AssignmentRow, OrganisationRow, PositionRow, Row, staff_group_and_role
from people.bulk import insert_rows, update_rows
from people.models import OrganisationUnit, Position

_PLACE_FIELDS = ("name", "staff_group", "job_role", "unit")


class Places:
    """The keys of the organisation's units and positions, by the IDs on the wire."""

    def __init__(self, load: Load) -> None:
        self._organisation = load.organisation
        self.units = dict(OrganisationUnit.objects.values_list("unit_id", "pk"))
        self.positions = dict(Position.objects.values_list("position_id", "pk"))

    def meet_units(self, unit_ids: Iterable[str]) -> None:
        """Units that nothing has told of yet are created, without a name."""
        new = {unit_id for unit_id in unit_ids if unit_id and unit_id not in self.units}
        rows = [(self._organisation.pk, unit_id, "") for unit_id in sorted(new)]
        insert_rows(OrganisationUnit, ("organisation", "unit_id", "name"), rows)
        if new:
            self.units.update(
                OrganisationUnit.objects.filter(unit_id__in=any_text(new)).values_list("unit_id", "pk")
            )

    def meet_positions(self, rows: Sequence[AssignmentRow]) -> None:
        """Units and positions that these assignments name and nothing has told of yet are created."""
        self.meet_units(row.organisation_id for row in rows)
        new = {
            row.position_id: row for row in rows if row.position_id and row.position_id not in self.positions
        }
        self.insert_positions({position_id: self._seen_on(row) for position_id, row in new.items()})

    def insert_positions(self, contents: dict[str, Content]) -> None:
        """Create these positions: Position ID → name, staff group, job role and unit."""
        rows = [(self._organisation.pk, position_id, *content) for position_id, content in contents.items()]
        insert_rows(Position, ("organisation", "position_id", *_PLACE_FIELDS), rows)
        if contents:
            held = Position.objects.filter(position_id__in=any_text(contents))
            self.positions.update(held.values_list("position_id", "pk"))

    def _seen_on(self, row: AssignmentRow) -> Content:
        staff_group, job_role = staff_group_and_role(row.job_name)
        return (row.position_name, staff_group, job_role, self.units.get(row.organisation_id))


class _Merge:
    """The units or positions of one batch: as they are held, then as the lines have them."""

    def __init__(self, held: dict[str, Content]) -> None:
        self.contents = held
        self.new: set[str] = set()
        # As they were held, of those that are held otherwise now.
        self.amended: dict[str, Content] = {}

    def take(self, key: str, content: Content) -> Outcome:
        held = self.contents.get(key)
        if held == content:
            return Outcome.UNCHANGED
        self.contents[key] = content
        if held is None:
            self.new.add(key)
            return Outcome.ADDED
        if key not in self.new:
            self.amended.setdefault(key, held)
        return Outcome.AMENDED

    def tell(
        self,
        trail: Trail,
        places: type[OrganisationUnit | Position],
        keys: Mapping[str, int],
        fields: Sequence[str],
    ) -> None:
        """What became of those that were held."""
        for one, before in self.amended.items():
            trail.change(places, keys[one], one, *apart(fields, before, self.contents[one]))


def _is_passed_over(load: Load, row: PositionRow | OrganisationRow, *, is_known: bool) -> bool:
    """Units and positions have no versions here: the row in effect on the file's date stands.

    One that is not in effect serves only to give a name to what would have none.
    """
    return is_known and not in_effect(row.effective_start, row.effective_end, on=load.business_date)


class UnitLoader:
    """ORA. The deletion of a unit means nothing to this product, so ORD is skipped."""

    record_types = ("ORA", "ORD")

    def __init__(self, load: Load, places: Places) -> None:
        self._load = load
        self._places = places

    def take(self, lines: Sequence[tuple[Line, Row]]) -> None:
        """As Loader.take."""
        ids = {row.organisation_id for _, row in lines if isinstance(row, OrganisationRow)}
        held = OrganisationUnit.objects.filter(unit_id__in=any_text(ids)).values_list("unit_id", "name")
        merge = _Merge({unit_id: (name,) for unit_id, name in held})
        for line, row in lines:
            outcome = Outcome.SKIPPED
            if isinstance(row, OrganisationRow):
                known = row.organisation_id in merge.contents
                if not _is_passed_over(self._load, row, is_known=known):
                    outcome = merge.take(row.organisation_id, (row.name,))
            self._load.tally.count(line.record_type, outcome)
        self._write(merge)

    def _write(self, merge: _Merge) -> None:
        organisation = self._load.organisation
        self._places.meet_units(merge.new)
        rows = [(*merge.contents[one], organisation.pk, one) for one in sorted({*merge.new, *merge.amended})]
        merge.tell(self._load.trail, OrganisationUnit, self._places.units, ("name",))
        update_rows(OrganisationUnit, ("organisation", "unit_id"), ("name",), rows)


class PositionLoader:
    """POA. The deletion of a position means nothing to this product, so POD is skipped."""

    record_types = ("POA", "POD")

    def __init__(self, load: Load, places: Places) -> None:
        self._load = load
        self._places = places

    def take(self, lines: Sequence[tuple[Line, Row]]) -> None:
        """As Loader.take."""
        rows = [row for _, row in lines if isinstance(row, PositionRow)]
        self._places.meet_units(row.organisation_id for row in rows)
        held = Position.objects.filter(position_id__in=any_text({row.position_id for row in rows}))
        merge = _Merge(
            {key: tuple(content) for key, *content in held.values_list("position_id", *_PLACE_FIELDS)}
        )
        for line, row in lines:
            outcome = Outcome.SKIPPED
            if isinstance(row, PositionRow):
                content = merge.contents.get(row.position_id)
                if not _is_passed_over(self._load, row, is_known=content is not None):
                    outcome = merge.take(row.position_id, self._content(row, content))
            self._load.tally.count(line.record_type, outcome)
        self._write(merge)

    def _content(self, row: PositionRow, held: Content | None) -> Content:
        # The name is optional on the wire; an assignment may have told it already.
        name = row.name or (held[0] if held else "")
        return (name, row.staff_group, row.job_role, self._places.units.get(row.organisation_id))

    def _write(self, merge: _Merge) -> None:
        organisation = self._load.organisation
        self._places.insert_positions({one: merge.contents[one] for one in sorted(merge.new)})
        rows = [(*merge.contents[one], organisation.pk, one) for one in sorted(merge.amended)]
        merge.tell(self._load.trail, Position, self._places.positions, _PLACE_FIELDS)
        update_rows(Position, ("organisation", "position_id"), _PLACE_FIELDS, rows)

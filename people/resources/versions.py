"""What the tables of persons and of assignments share: they say what ESR would say in PRA and ASA.

A row is a *version*: what holds from its ``effective_start`` on, as in ESR. Like there, the version with the latest
start rules. What a row changes counts as updated now: an older extract of ESR does not take it back, and a newer
one does (promises P10).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import BigIntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from people.dates import london_today
from people.models import Person, PersonVersion, SystemPersonType
from people.models.person import effective_on
from people.resources.staff import StaffColumns, by_key, cells
from people.resources.table import ColumnFault
from people.resources.widgets import Row, as_text
from people.tables import quoted

LEFT = (
    SystemPersonType.EX_EMPLOYEE,
    SystemPersonType.EX_EMPLOYEE_APPLICANT,
    SystemPersonType.EX_APPLICANT,
)
REMOVED = "was deleted in ESR, or merged into another: it cannot be changed here"


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
            raise ColumnFault("person_id", f"{quoted(person_id)} {REMOVED}")
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

"""Persons as a table: what ESR would say in PRA."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from people.models import Person, PersonVersion, SystemPersonType
from people.resources.organisations import vpd_column
from people.resources.staff import text_column
from people.resources.table import Column
from people.resources.versions import LEFT, VersionColumns
from people.resources.widgets import ChoiceWidget, DateWidget, LookupWidget, Row, as_text


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
        return version.terminated_on is not None or version.system_person_type in LEFT

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

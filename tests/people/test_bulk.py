"""The bulk writer: what is given is what is stored, on both databases, whatever the values hold."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from competencies.models import Competence, CompetencyElement
from people.bulk import Ready, insert_rows
from people.models import Organisation, OrganisationUnit, Person

# What a database stores as text: no NUL, no lone surrogates. The other marks are those of the COPY format.
TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40),
    st.text("\\Nbtn\t\n\r\v\f\b%s. 'é€", max_size=10),
    st.sampled_from(["None", "\\N", "\\.", "%s", "%", "\\", "NULL", ""]),
)


@pytest.fixture
def organisation(db: None) -> Organisation:
    return Organisation.objects.create(vpd="277", name="Northmoor")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(TEXTS, min_size=1, max_size=20))
def test_any_text_is_stored_as_it_is(organisation: Organisation, names: list[str]) -> None:
    rows = [(organisation.pk, str(number), name) for number, name in enumerate(names)]
    with transaction.atomic():
        insert_rows(OrganisationUnit, ("organisation", "unit_id", "name"), rows)
        stored = dict(OrganisationUnit.objects.values_list("unit_id", "name"))
        transaction.set_rollback(True)
    assert stored == {str(number): name for number, name in enumerate(names)}


def elements(organisation: Organisation, numbers: range) -> list[tuple[Any, ...]]:
    """Every kind of value, some of them empty."""
    person, competence = Person.objects.get(), Competence.objects.get()
    return [
        (
            organisation.pk, str(number), person.pk, competence.pk, date(2026, 1, 2),
            None if number % 3 else date(2027, 1, 1), datetime(2026, 11, 2, 14, 30, number % 60, tzinfo=UTC), -number,
            "HAND", "", "", "",
        )
        for number in numbers
    ]  # fmt: skip


FIELDS = (
    "organisation", "element_id", "person", "competence", "date_from", "date_to", "last_update", "content_digest",
    "source", "proficiency_level", "certification_method", "source_reference",
)  # fmt: skip


@pytest.fixture
def held(organisation: Organisation) -> None:
    Person.objects.create(organisation=organisation, person_id="1")
    Competence.objects.create(competence_id="1", name="NHS|CSTF|Fire Safety - 1 Year|")


@pytest.mark.usefixtures("held")
def test_rows_made_ready_by_another_thread_are_stored_as_they_are(organisation: Organisation) -> None:
    rows = elements(organisation, range(1003))
    with ThreadPoolExecutor(1) as helper:
        helper.submit(Ready, CompetencyElement, FIELDS, rows).result().insert()
    stored = CompetencyElement.objects.order_by("pk").values_list(
        *(f"{field}_id" if field in ("organisation", "person", "competence") else field for field in FIELDS)
    )
    assert list(stored) == rows


@pytest.mark.usefixtures("held")
def test_fields_of_one_value_in_all_rows_are_stored_with_each(organisation: Organisation) -> None:
    rows = elements(organisation, range(3))
    at = {field: place for place, field in enumerate(FIELDS)}
    common = ("organisation", "date_from", "source")
    own = [field for field in FIELDS if field not in common]
    with transaction.atomic():
        Ready(
            CompetencyElement,
            own,
            [tuple(row[at[field]] for field in own) for row in rows],
            same={field: rows[0][at[field]] for field in common},
        ).insert()
    stored = CompetencyElement.objects.order_by("pk").values_list(*common)
    assert list(stored) == [tuple(rows[0][at[field]] for field in common)] * 3


@pytest.mark.usefixtures("held")
def test_what_the_database_refuses_is_raised_and_nothing_is_stored(organisation: Organisation) -> None:
    row = elements(organisation, range(1))[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(CompetencyElement, FIELDS, [row, row])
    assert not CompetencyElement.objects.exists()


def test_no_rows_are_no_statement(organisation: Organisation) -> None:
    insert_rows(OrganisationUnit, ("organisation", "unit_id", "name"), [])
    assert not OrganisationUnit.objects.exists()


def test_many_rows_are_updated_by_key_and_no_others(organisation: Organisation, held: None) -> None:
    fields = ("proficiency_level", "date_to", "organisation", "element_id")
    with transaction.atomic():
        insert_rows(CompetencyElement, FIELDS, elements(organisation, range(6)))
        changed = [("a\tb\\", None, organisation.pk, str(number)) for number in (1, 3, 99)]
        Ready(CompetencyElement, fields, changed).update(fields[-2:])
        Ready(CompetencyElement, fields, []).update(fields[-2:])
    stored = CompetencyElement.objects.order_by("pk").values_list(
        "element_id", "proficiency_level", "date_to"
    )
    assert [row for row in stored if row[1]] == [(number, "a\tb\\", None) for number in ("1", "3")]
    assert len(stored) == 6

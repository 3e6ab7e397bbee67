"""Composite keys hold in the database itself: every one of them is broken here, and refuses (promises P14)."""

from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction

from people.constraints import CompositeForeignKey
from people.models import Assignment, Organisation, Person

OURS = ("people", "roles", "competencies", "interface")


def composite_keys() -> list[tuple[type[models.Model], CompositeForeignKey]]:
    return [
        (model, constraint)
        for app in OURS
        for model in apps.get_app_config(app).get_models()
        if not model._meta.proxy
        for constraint in model._meta.constraints
        if isinstance(constraint, CompositeForeignKey)
    ]


@pytest.fixture
def pair(db: None) -> tuple[Person, Person]:
    persons = []
    for vpd in ("901", "902"):
        organisation = Organisation.objects.create(vpd=vpd, name=vpd)
        persons.append(Person.objects.create(organisation=organisation, person_id="1"))
    return persons[0], persons[1]


def test_every_model_that_names_a_person_has_its_composite_key() -> None:
    held = {(model, constraint.to) for model, constraint in composite_keys()}
    naming = {
        (model, "people.Person")
        for app in OURS
        for model in apps.get_app_config(app).get_models()
        if not model._meta.proxy
        for field in model._meta.fields
        if field.related_model is Person
    }
    assert naming - held == set()
    assert len(held) > 10


@pytest.mark.parametrize(
    ("model", "constraint"), composite_keys(), ids=[constraint.name for _, constraint in composite_keys()]
)
def test_the_database_holds_it(db: None, model: type[models.Model], constraint: CompositeForeignKey) -> None:
    """Asked of the database's own catalogue, so that a migration that forgot one is found."""
    with connection.cursor() as cursor:
        found: dict[str, Any] = connection.introspection.get_constraints(cursor, model._meta.db_table)
    if connection.vendor == "postgresql":
        assert found[constraint.name]["foreign_key"] is not None
        return
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA foreign_key_list({model._meta.db_table})")
        keys: dict[tuple[int, str], set[str]] = {}
        for number, _, table, own, *_ in cursor.fetchall():
            keys.setdefault((number, table), set()).add(own)
    columns = {getattr(model._meta.get_field(field), "column", None) for field in constraint.fields}
    target = apps.get_model(constraint.to)._meta.db_table
    assert any(table == target and own == columns for (_, table), own in keys.items())


@pytest.mark.django_db(transaction=True)
def test_a_row_cannot_point_into_another_organisation() -> None:
    persons = []
    for vpd in ("901", "902"):
        organisation = Organisation.objects.create(vpd=vpd, name=vpd)
        persons.append(Person.objects.create(organisation=organisation, person_id="1"))
    ours, theirs = persons
    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.create(organisation=ours.organisation, person=theirs, assignment_id="7")
    assert not Assignment.objects.exists()
    Assignment.objects.create(organisation=ours.organisation, person=ours, assignment_id="7")


def test_a_form_says_it_before_the_database_does(pair: tuple[Person, Person]) -> None:
    ours, theirs = pair
    crossing = Assignment(organisation=ours.organisation, person=theirs, assignment_id="7")
    with pytest.raises(ValidationError, match="different organisations"):
        crossing.validate_constraints()
    Assignment(organisation=ours.organisation, person=ours, assignment_id="7").validate_constraints()


def test_it_survives_a_migration_s_round_trip() -> None:
    key = CompositeForeignKey(
        name="k", fields=("a", "b"), to="people.Person", to_fields=("organisation", "id")
    )
    path, args, kwargs = key.deconstruct()
    assert path == "people.constraints.CompositeForeignKey"
    assert CompositeForeignKey(*args, **kwargs) == key
    with pytest.raises(ValueError, match="as many"):
        CompositeForeignKey(name="k", fields=("a",), to="people.Person", to_fields=("a", "b"))

"""Composite keys hold in the database itself: every one of them is broken here, and refuses (promises P14)."""

from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction

from competencies.models import Competence, CompetencyElement
from people.bulk import insert_rows
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
    if connection.vendor == "postgresql" and constraint.by_statement:
        assert triggers_of(model) | triggers_of(apps.get_model(constraint.to)) >= {
            f"{constraint.name}_{what}" for what in ("new", "moved", "gone", "left")
        }
        return
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


def triggers_of(model: type[models.Model]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass", [model._meta.db_table])
        return {name for (name,) in cursor.fetchall()}


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


@pytest.fixture
def elements(transactional_db: None) -> tuple[CompetencyElement, Person, Person]:
    """One element of ours, its person, and somebody of another organisation. Its key is checked by statement."""
    persons = []
    for vpd in ("901", "902"):
        organisation = Organisation.objects.create(vpd=vpd, name=vpd)
        persons.append(Person.objects.create(organisation=organisation, person_id="1"))
    competence = Competence.objects.create(competence_id="1", name="NHS|CSTF|Fire|")
    element = CompetencyElement(
        organisation=persons[0].organisation,
        person=persons[0],
        competence=competence,
        element_id="1",
        source="GO",
    )
    element.save()
    return element, persons[0], persons[1]


def test_by_statement_many_rows_are_checked_at_once(
    elements: tuple[CompetencyElement, Person, Person],
) -> None:
    element, ours, theirs = elements
    texts = ("proficiency_level", "certification_method", "source_reference")
    fields = ("organisation", "element_id", "person", "competence", "source", "content_digest", *texts)
    empty = [0] + [""] * len(texts)
    good = [(ours.organisation_id, f"1{n}", ours.pk, element.competence_id, "GO", *empty) for n in range(500)]
    bad = (ours.organisation_id, "2", theirs.pk, element.competence_id, "GO", *empty)
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(CompetencyElement, fields, [*good, bad])
    assert CompetencyElement.objects.count() == 1
    with transaction.atomic():
        insert_rows(CompetencyElement, fields, good)
    assert CompetencyElement.objects.count() == 501


def test_by_statement_a_row_cannot_move_there(elements: tuple[CompetencyElement, Person, Person]) -> None:
    element, ours, theirs = elements
    with pytest.raises(IntegrityError), transaction.atomic():
        CompetencyElement.objects.update(person=theirs)
    with pytest.raises(IntegrityError), transaction.atomic():
        CompetencyElement.objects.update(organisation=theirs.organisation)
    CompetencyElement.objects.update(person=ours, element_id="7")
    element.refresh_from_db()
    assert (element.person_id, element.element_id) == (ours.pk, "7")


def test_by_statement_what_is_referred_to_cannot_go(
    elements: tuple[CompetencyElement, Person, Person],
) -> None:
    _, ours, theirs = elements
    for statement in (
        "DELETE FROM people_person WHERE id = %s",
        "UPDATE people_person SET id = 99 WHERE id = %s",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [ours.pk])
    theirs.delete()
    ours.delete()  # with all it holds
    assert not CompetencyElement.objects.exists()


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
    by_statement = CompositeForeignKey(**kwargs, by_statement=True)
    assert by_statement != key
    assert CompositeForeignKey(**by_statement.deconstruct()[2]) == by_statement
    with pytest.raises(ValueError, match="as many"):
        CompositeForeignKey(name="k", fields=("a",), to="people.Person", to_fields=("a", "b"))

"""Every constraint that our models declare is broken here in the real database, and lets its nearest neighbour pass.

The cases stand in tests/constraints. Composite keys have their own proof (tests/people/test_constraints.py). A
constraint without a case fails the last test.
"""

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, models, transaction

from people.constraints import CompositeForeignKey
from people.models import Organisation
from tests.constraints import competencies, console, exchange, people, roles
from tests.constraints.case import Case
from tests.constraints.rows import CAST, SOUND, Model, Values

OURS = ("people", "roles", "competencies", "interface")
CASES = [case for part in (people, roles, competencies, exchange, console) for case in part.CASES]
ATTEMPTS = [(case, one) for case in CASES for one in case.refused]
NEIGHBOURS = [(case, one) for case in CASES for one in case.allowed]


def label(value: object) -> str:
    """Of a test: the constraint, then what is changed."""
    if isinstance(value, Case):
        return value.name
    assert isinstance(value, dict)
    return ",".join(f"{name}={one}" for name, one in value.items()) or "sound"


@pytest.fixture
def cast(db: None) -> None:
    for model, values in CAST:
        model._default_manager.create(**values)


def set_up(case: Case) -> None:
    if case.beside is not None:
        create(case, case.beside)


def create(case: Case, changes: Values) -> None:
    case.model._default_manager.create(**SOUND[case.model] | changes)


@pytest.mark.parametrize(("case", "changes"), ATTEMPTS, ids=label)
def test_the_database_refuses(cast: None, case: Case, changes: Values) -> None:
    set_up(case)
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        create(case, changes)
    assert names(caught.value, case)


@pytest.mark.parametrize(("case", "changes"), NEIGHBOURS, ids=label)
def test_and_takes_the_neighbour(cast: None, case: Case, changes: Values) -> None:
    set_up(case)
    with transaction.atomic():
        create(case, changes)
        connection.check_constraints()


@pytest.mark.parametrize("end", ["\n", "\r", "\x00"])
def test_nothing_follows_the_three_digits_of_a_vpd(db: None, end: str) -> None:
    """A pattern's ``$`` would let a line end through. PostgreSQL refuses by the column's length already."""
    with pytest.raises((DatabaseError, ValueError)), transaction.atomic():
        Organisation.objects.create(vpd=f"123{end}", name="Westmoor")


def names(error: IntegrityError, case: Case) -> bool:
    """Whether the database says that it was this constraint. SQLite names a unique one by its columns."""
    columns = unique_columns(case.model, case.name)
    table = case.model._meta.db_table
    if connection.vendor == "postgresql":
        # The database names the index of a column that is unique by itself.
        known = (case.name, f"{table}_{case.name}_key", f"{table}_{columns[0]}_key" if columns else "")
        return error.__cause__.diag.constraint_name in known  # type: ignore[union-attr]  # psycopg's own error
    if columns:
        return str(error) == "UNIQUE constraint failed: " + ", ".join(f"{table}.{one}" for one in columns)
    return str(error) == f"CHECK constraint failed: {case.name}"


def unique_columns(model: Model, name: str) -> list[str]:
    """The columns of a unique constraint, or of a field that is unique by itself; of a check none."""
    for constraint in model._meta.constraints:
        if constraint.name == name:
            fields = constraint.fields if isinstance(constraint, models.UniqueConstraint) else ()
            return [column(model, one) for one in fields]
    return [column(model, name)]


def column(model: Model, field_name: str) -> str:
    found = model._meta.get_field(field_name)
    assert isinstance(found, models.Field)
    return str(found.column)


# --- Keys that composite keys refer to --------------------------------------------------------------

KEYS = [
    (model, constraint)
    for app in OURS
    for model in apps.get_app_config(app).get_models()
    if not model._meta.proxy
    for constraint in model._meta.constraints
    if isinstance(constraint, models.UniqueConstraint) and constraint.fields == ("organisation", "id")
]


@pytest.mark.parametrize(("model", "constraint"), KEYS, ids=[one.name for _, one in KEYS])
def test_the_key_for_composites_is_there(db: None, model: Model, constraint: models.UniqueConstraint) -> None:
    """No row can break it, because the primary key is part of it: asked of the database's own catalogue."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)
    assert any(one["unique"] and one["columns"] == ["organisation_id", "id"] for one in found.values())


# --- Nothing is left out ----------------------------------------------------------------------------


def declared() -> set[tuple[Model, str]]:
    """Every constraint and every unique field of our models, but for composite keys and what they refer to."""
    ours = [model for app in OURS for model in apps.get_app_config(app).get_models() if not model._meta.proxy]
    fields = {
        (model, one.name)
        for model in ours
        for one in model._meta.fields
        if one.unique and not one.primary_key
    }
    constraints = {
        (model, one.name)
        for model in ours
        for one in model._meta.constraints
        if not isinstance(one, CompositeForeignKey) and (model, one) not in KEYS
    }
    return fields | constraints


def test_every_constraint_has_cases_that_break_it_and_neighbours() -> None:
    assert {(case.model, case.name) for case, _ in ATTEMPTS} == declared()
    assert {(case.model, case.name) for case, _ in NEIGHBOURS} == declared()
    assert not any(model._meta.unique_together for model, _ in declared())

"""Tenancy's third layer: what SQL by hand gets from the server, whatever the code above forgot."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, models, transaction

from people.models import Assignment, Organisation, Person
from people.postgresql.owner import as_owner
from people.rowsecurity import POLICY, is_scoped, scoped_models
from people.tenancy import everywhere, within
from tests.conftest import ROOT

pytestmark = [pytest.mark.requires("postgresql"), pytest.mark.scoped, pytest.mark.django_db]

OURS, THEIRS = "901", "902"


def make(vpd: str) -> Person:
    with everywhere("the test's own cast"):
        organisation = Organisation.objects.create(vpd=vpd, name=vpd)
        return Person.objects.create(organisation=organisation, person_id=f"of {vpd}")


@pytest.fixture
def ours() -> Person:
    return make(OURS)


@pytest.fixture
def theirs(ours: Person) -> Person:
    return make(THEIRS)


def sql(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """As a forgotten manager would ask: by hand, without a condition."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]


def persons() -> list[str]:
    return [row[0] for row in sql("SELECT person_id FROM people_person ORDER BY person_id")]


# --- Every table, and the roles ---------------------------------------------------------------------


def test_every_scoped_table_has_its_policy_and_it_is_forced() -> None:
    rows = sql(
        "SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid "
        "WHERE c.relrowsecurity AND c.relforcerowsecurity AND p.polname = %s AND p.polcmd = '*' "
        "AND p.polqual IS NOT NULL AND p.polwithcheck IS NOT NULL AND p.polroles = '{0}'",
        POLICY,
    )
    scoped = {model._meta.db_table for model in scoped_models()}
    assert {name for (name,) in rows} == scoped | {Organisation._meta.db_table}
    assert len(scoped) > 10


def test_the_application_s_role_owns_nothing_and_has_no_way_around() -> None:
    assert sql("SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user") == [
        (False, False, False)
    ]
    assert sql("SELECT count(*) FROM pg_class WHERE pg_has_role(current_user, relowner, 'MEMBER')") == [(0,)]
    for forbidden in (
        "ALTER TABLE people_person DISABLE ROW LEVEL SECURITY",
        "DROP POLICY organisations_in_scope ON people_person",
        "TRUNCATE people_person CASCADE",
        "CREATE TABLE public.mine (x int)",
        "UPDATE django_migrations SET name = 'x'",
        "SET ROLE cstf_owner",
        "SET ROLE cstf_matching",
        "SET SESSION AUTHORIZATION cstf_owner",
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            sql(forbidden)


def test_audit_events_are_added_and_blanked_and_nothing_else() -> None:
    for forbidden in (
        "DELETE FROM people_auditevent",
        "UPDATE people_auditevent SET actor = 'mallory'",
        "UPDATE people_auditevent SET chain_hash = ''",
        "TRUNCATE people_auditevent",
        "DELETE FROM people_audithead",
        "TRUNCATE people_audithead",
        "ALTER TABLE people_auditevent DISABLE TRIGGER ALL",
    ):
        with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
            sql(forbidden)
    assert sql("UPDATE people_auditevent SET before = '', blanked_at = now()") == [(0,)]


# --- Who sees and writes what -----------------------------------------------------------------------


def test_outside_any_scope_there_is_nothing(ours: Person) -> None:
    assert persons() == []
    assert sql("UPDATE people_person SET person_id = 'x'") == [(0,)]
    assert sql("DELETE FROM people_person") == [(0,)]
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        sql("INSERT INTO people_person (organisation_id, person_id) VALUES (%s, 'x')", ours.organisation_id)


def test_a_scope_is_its_organisations(ours: Person, theirs: Person) -> None:
    with within(ours.organisation):
        assert persons() == ["of 901"]
    with within(ours.organisation, theirs.organisation):
        assert persons() == ["of 901", "of 902"]
    with within():
        assert persons() == []
    with everywhere("a test"):
        assert persons() == ["of 901", "of 902"]


def test_nothing_is_written_into_another_organisation(ours: Person, theirs: Person) -> None:
    foreign = theirs.organisation_id
    with within(ours.organisation):
        assert sql("UPDATE people_person SET person_id = 'x' WHERE id = %s", theirs.pk) == [(0,)]
        assert sql("DELETE FROM people_person WHERE id = %s", theirs.pk) == [(0,)]
        for crossing in (
            f"INSERT INTO people_person (organisation_id, person_id) VALUES ({foreign}, 'x')",
            f"UPDATE people_person SET organisation_id = {foreign}",
            f"INSERT INTO people_person (organisation_id, person_id) VALUES ({foreign}, 'of 902') "
            "ON CONFLICT (organisation_id, person_id) DO UPDATE SET person_id = 'x'",
        ):
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                sql(crossing)
    with everywhere("a test"):
        assert persons() == ["of 901", "of 902"]


def test_an_organisation_s_own_row_is_in_its_scope_alone(ours: Person, theirs: Person) -> None:
    with within(ours.organisation):
        assert sql("SELECT vpd FROM people_organisation") == [(OURS,)]
        assert sql("UPDATE people_organisation SET auto_iat = true") == [(1,)]
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Organisation.objects.create(vpd="903", name="new")


# --- The scope follows the code ---------------------------------------------------------------------


def test_the_scope_changes_and_returns_inside_one_transaction(ours: Person, theirs: Person) -> None:
    with transaction.atomic(), within(ours.organisation):
        assert persons() == ["of 901"]
        with within(theirs.organisation):
            assert persons() == ["of 902"]
            with everywhere("a test"):
                assert len(persons()) == 2
        assert persons() == ["of 901"]
    assert persons() == []


def test_a_rollback_takes_the_scope_back_and_it_is_said_again(ours: Person, theirs: Person) -> None:
    with within(ours.organisation):
        assert persons() == ["of 901"]
        try:
            with transaction.atomic(), within(theirs.organisation):
                assert persons() == ["of 902"]
                raise LookupError
        except LookupError:
            assert persons() == ["of 901"]
        with within(theirs.organisation):
            with pytest.raises(DatabaseError), transaction.atomic():
                sql("SELECT 1 / 0")
            assert persons() == ["of 902"]
        assert persons() == ["of 901"]


def test_a_savepoint_released_keeps_what_is_said(ours: Person, theirs: Person) -> None:
    with within(ours.organisation):
        with transaction.atomic(), within(theirs.organisation):
            assert persons() == ["of 902"]
        assert persons() == ["of 901"]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_on_the_connection(ours: Person, theirs: Person) -> None:
    told = "SELECT current_setting('cstf.organisations', true)"
    with within(ours.organisation):
        assert persons() == ["of 901"]
        assert sql(told) == [(str(ours.organisation_id),)]
        with transaction.atomic():
            assert persons() == ["of 901"]
        with transaction.atomic():
            assert persons() == ["of 901"]
            transaction.set_rollback(True)
    assert sql(told) == [("",)]
    # Not the cursor that announces: what another client of the same pooled connection would find.
    assert psycopg.ClientCursor(connection.connection).execute(told).fetchone() == ("",)
    assert persons() == []


@pytest.mark.django_db(transaction=True)
def test_every_way_to_ask_is_under_the_scope_outside_a_transaction_too(ours: Person, theirs: Person) -> None:
    for ask in (*_WAYS, _streamed):
        with within(ours.organisation):
            assert ask() == ["of 901"], ask.__name__
            with transaction.atomic():
                assert ask() == ["of 901"], ask.__name__
        assert ask() == [], ask.__name__


def _by_copy() -> list[str]:
    with connection.cursor() as cursor, cursor.copy("COPY people_person (person_id) TO STDOUT") as copy:
        return [row[0] for row in copy.rows()]


def _by_server_side_cursor() -> list[str]:
    with connection.chunked_cursor() as cursor:
        cursor.execute("SELECT person_id FROM people_person WHERE person_id LIKE %s", ["of%"])
        return [row[0] for row in cursor.fetchall()]


def _by_driver() -> list[str]:
    connection.ensure_connection()
    return [row[0] for row in connection.connection.execute("SELECT person_id FROM people_person").fetchall()]


def _by_pipeline() -> list[str]:
    connection.ensure_connection()
    with connection.connection.pipeline():
        cursor = connection.connection.execute("SELECT person_id FROM people_person")
        return [row[0] for row in cursor.fetchall()]


def _by_many() -> list[str]:
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE people_person SET removed_at = now() WHERE person_id = %s", [["of 902"], ["of 901"]]
        )
        return ["of 901"] * cursor.rowcount


def _streamed() -> list[str]:
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        return [row[0] for row in cursor.stream("SELECT person_id FROM people_person")]


_WAYS: list[Callable[[], list[str]]] = [
    persons,
    _by_copy,
    _by_server_side_cursor,
    _by_driver,
    _by_pipeline,
    _by_many,
]


def test_a_scope_of_many_organisations_is_no_trouble(ours: Person) -> None:
    with within(*range(10_000, 11_000), ours.organisation):
        assert persons() == ["of 901"]


def test_percent_signs_and_parameters_are_left_alone(ours: Person) -> None:
    with within(ours.organisation):
        assert sql("SELECT 'a%b', '%s'") == [("a%b", "%s")]
    with within():
        assert sql("SELECT %s, 'a%%b'", "x'; DROP TABLE people_person; --") == [
            ("x'; DROP TABLE people_person; --", "a%b")
        ]


def test_keys_are_checked_whatever_the_scope(ours: Person, theirs: Person) -> None:
    """Referential integrity sees every row: a key is not free because its row is hidden."""
    with within(ours.organisation):
        Assignment.objects.create(organisation=ours.organisation, person=ours, assignment_id="1")
        Assignment.objects.create(organisation=ours.organisation, person=theirs, assignment_id="2")
        with pytest.raises(IntegrityError):
            connection.check_constraints()


@pytest.mark.django_db(transaction=True)
def test_the_owner_migrates_every_organisation_s_rows(ours: Person, theirs: Person) -> None:
    """Forced security would show a data migration nothing."""
    with as_owner():
        assert persons() == ["of 901", "of 902"]
        sql("CREATE TABLE made_by_owner (x int)")
        sql("DROP TABLE made_by_owner")
    assert persons() == []


def test_the_owner_takes_no_transaction_from_the_application() -> None:
    with pytest.raises(transaction.TransactionManagementError), as_owner():
        pass


# --- No model is forgotten --------------------------------------------------------------------------


def relations() -> Iterator[tuple[type[models.Model], Any]]:
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if isinstance(field.related_model, type):
                yield model, field


# Tables with an organisation that no scope guards, each with its reason.
NOT_SCOPED = {
    "competencies.Competence": "definitions, national ones without an organisation among them: not personal data",
    "interface.Advice": "whom to turn to, in lines for everybody and of one organisation: not personal data",
}


def test_a_model_with_an_organisation_is_scoped_or_named_with_its_reason() -> None:
    found = {
        model._meta.label
        for model, field in relations()
        if field.related_model is Organisation and not model._meta.proxy and not is_scoped(model)
    }
    assert found == NOT_SCOPED.keys()


def test_what_refers_to_a_scoped_row_is_scoped_itself() -> None:
    open_children = [
        f"{model._meta.label}.{field.name}"
        for model, field in relations()
        if is_scoped(field.related_model) and not is_scoped(model)
    ]
    assert open_children == []


# The first layer leaves organisations open, the server does not: each of these is asked inside a scope.
LOOK_UPS = {
    "cstf_site/demo/accounts.py",
    "cstf_site/management/commands/verify_audit.py",
    "interface/by_hand/work.py",
    "interface/extract/actions.py",
    "interface/tasks.py",
    "people/audit/tasks.py",
    "people/runs.py",
    "roles/actions.py",
}


def test_whoever_looks_an_organisation_up_is_known_to_do_so_in_a_scope() -> None:
    """On SQLite nobody would notice: a new one enters ``everywhere(why)`` or ``within``, and joins the list."""
    found = {
        str(path.relative_to(ROOT))
        for folder in ("people", "roles", "competencies", "iat", "interface", "login", "cstf_site")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"\bOrganisation\.objects(?!\.in_scope)", path.read_text("utf-8"))
    }
    assert found <= LOOK_UPS

"""Tenancy's third layer: row-level security on PostgreSQL, which holds when the code does not (promises P14).

The tables under it are those of the models that are scoped in the first layer, so that nobody meets it who has not
been refused by that one: it is for statements by hand, forgotten managers and bugs. It is *forced*, the application's
role owns nothing, and both are found from the models: a new scoped model joins by itself at the next ``migrate``,
which ends with ``secure``.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.db import models, transaction

from people.models import Organisation
from people.postgresql.base import DatabaseWrapper
from people.postgresql.cursors import ALL, SETTING
from people.tenancy import ScopedQuerySet

POLICY: Final = "organisations_in_scope"
# Owns the one function that looks across organisations, logs in nowhere (docs/security.md).
MATCHING_ROLE: Final = "cstf_matching"
FUNCTIONS: Final = Path(__file__).with_name("functions.sql")

# Each part is asked once a statement, not once a row: a sub-query without reference to the row.
_EVERYWHERE = f"(SELECT current_setting('{SETTING}', true) = '{ALL}')"
_KEYS = f"(SELECT string_to_array(nullif(nullif(current_setting('{SETTING}', true), ''), '{ALL}'), ',')::bigint[])"


def scoped_models() -> Iterator[type[models.Model]]:
    """Every model whose rows belong to an organisation."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy and is_scoped(model):
            yield model


def is_scoped(model: type[models.Model]) -> bool:
    """Whether the first layer guards it."""
    return isinstance(model._default_manager.get_queryset(), ScopedQuerySet)


def condition(column: str) -> str:
    """SQL: the row's organisation is in the scope of the transaction."""
    # The outer cast changes nothing, but makes the sub-query one array instead of rows to compare with.
    return f"{_EVERYWHERE} OR {column} = ANY ({_KEYS}::bigint[])"


def secure(connection: DatabaseWrapper) -> None:
    """The tables have their policies and the application's role its rights, whatever they were. Repeatable; as owner.

    Of a model with ``append_only_but`` the application may read and add rows, and change only the columns named there.
    """
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for statement in _statements(connection, connection.application_role):
            cursor.execute(statement)


def _statements(connection: DatabaseWrapper, role: str) -> Iterator[str]:
    quote = connection.ops.quote_name
    # Migrated to an earlier state, a database lacks the tables of later models.
    tables = set(connection.introspection.table_names())
    yield from _rights(quote, role, tables)
    for model in scoped_models():
        if model._meta.db_table in tables:
            yield from _under_policy(
                quote(model._meta.db_table), condition(quote(_organisation_column(model)))
            )
    yield from _under_policy(quote(Organisation._meta.db_table), condition("id"))
    functions = FUNCTIONS.read_text("utf-8")
    yield functions.replace("APPLICATION_ROLE", quote(role)).replace("MATCHING_ROLE", quote(MATCHING_ROLE))


def _rights(quote: Any, role: str, tables: Container[str]) -> Iterator[str]:
    grantee = quote(role)
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    yield f"GRANT USAGE ON SCHEMA public TO {grantee}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {grantee}"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {grantee}"
    yield f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {grantee}"
    for model in apps.get_models():
        if hasattr(model, "append_only_but") and model._meta.db_table in tables:
            table, columns = quote(model._meta.db_table), ", ".join(map(quote, model.append_only_but))
            yield f"REVOKE UPDATE, DELETE ON {table} FROM {grantee}"
            if columns:
                yield f"GRANT UPDATE ({columns}) ON {table} TO {grantee}"


def _under_policy(table: str, allowed: str) -> Iterator[str]:
    yield from _forced(table)
    yield f"DROP POLICY IF EXISTS {POLICY} ON {table}"
    yield f"CREATE POLICY {POLICY} ON {table} USING ({allowed}) WITH CHECK ({allowed})"


def _forced(table: str) -> Iterator[str]:
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"


def _organisation_column(model: type[models.Model]) -> str:
    field = next(field for field in model._meta.concrete_fields if field.attname == "organisation_id")
    assert field.column is not None
    return field.column

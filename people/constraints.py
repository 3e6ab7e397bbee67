"""Composite foreign keys: the database itself refuses a row that points into another organisation.

Django's ForeignKey refers to one column. Tenancy (promises P14) needs (organisation, row): this constraint adds it
to CREATE TABLE, on PostgreSQL and on SQLite alike, beside a ForeignKey with ``db_constraint=False`` that gives the
ORM its joins. One check a row instead of two is also what the volume tables can afford.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, models
from django.db.backends.ddl_references import Statement

from people.statement_keys import StatementKey

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor


class CompositeForeignKey(models.BaseConstraint):
    """``fields`` of this table must be found together in ``to_fields`` of ``to``; a NULL among them is not checked.

    ``to`` is a model label ("people.Person") and needs a unique constraint on ``to_fields``. The check is deferred
    to the commit, as for Django's own keys, so that rows may be written in any order within a transaction.

    ``by_statement``: PostgreSQL checks all rows of a statement at once, when it ends, and not each by itself at the
    commit. For tables that take millions of rows, because a check by row costs more than to store it.
    """

    default_violation_error_message = "This row and what it refers to belong to different organisations."

    def __init__(
        self,
        *,
        name: str,
        fields: tuple[str, ...],
        to: str,
        to_fields: tuple[str, ...],
        by_statement: bool = False,
    ) -> None:
        """Take field names of this model and of ``to``, pairwise."""
        if len(fields) != len(to_fields):
            raise ValueError(f"{name}: as many fields as to_fields are needed")
        super().__init__(name=name)
        self.fields = tuple(fields)
        self.to = to
        self.to_fields = tuple(to_fields)
        self.by_statement = by_statement

    def _target(self, model: type[models.Model]) -> type[models.Model]:
        try:
            return model._meta.apps.get_model(self.to)
        except LookupError:
            # While SQLite remakes a table its model lives in a registry of its own, without the neighbours.
            return apps.get_model(self.to)

    def _clause(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> str:
        quote = schema_editor.quote_name
        target = self._target(model)
        own = ", ".join(quote(_column(model, field)) for field in self.fields)
        theirs = ", ".join(quote(_column(target, field)) for field in self.to_fields)
        return f"FOREIGN KEY ({own}) REFERENCES {quote(target._meta.db_table)} ({theirs}) DEFERRABLE INITIALLY DEFERRED"

    def _triggers(
        self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor
    ) -> StatementKey | None:
        """What holds it instead of a foreign key, where that is so."""
        if not self.by_statement or schema_editor.connection.vendor != "postgresql":
            return None
        target = self._target(model)
        return StatementKey(
            self.name,
            model._meta.db_table,
            tuple(_column(model, field) for field in self.fields),
            target._meta.db_table,
            tuple(_column(target, field) for field in self.to_fields),
        )

    def constraint_sql(
        self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> str:
        """The clause inside CREATE TABLE."""
        assert model is not None
        assert schema_editor is not None
        if triggers := self._triggers(model, schema_editor):
            schema_editor.deferred_sql.append(triggers.create())
            return ""
        return f"CONSTRAINT {schema_editor.quote_name(self.name)} {self._clause(model, schema_editor)}"

    def create_sql(  # type: ignore[override]  # every constraint of Django's own returns a Statement, not its str
        self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Statement:
        """ALTER TABLE for a table that exists (SQLite never comes here: Django remakes the table)."""
        assert model is not None
        assert schema_editor is not None
        if triggers := self._triggers(model, schema_editor):
            return triggers.create()
        return Statement(
            "ALTER TABLE %(table)s ADD CONSTRAINT %(name)s %(clause)s",
            table=schema_editor.quote_name(model._meta.db_table),
            name=schema_editor.quote_name(self.name),
            clause=self._clause(model, schema_editor),
        )

    def remove_sql(  # type: ignore[override]  # as create_sql
        self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Statement:
        """ALTER TABLE … DROP CONSTRAINT."""
        assert model is not None
        assert schema_editor is not None
        if triggers := self._triggers(model, schema_editor):
            return triggers.drop()
        return Statement(
            "ALTER TABLE %(table)s DROP CONSTRAINT %(name)s",
            table=schema_editor.quote_name(model._meta.db_table),
            name=schema_editor.quote_name(self.name),
        )

    def validate(
        self,
        model: type[models.Model],
        instance: models.Model,
        exclude: Any = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        """Raise ValidationError where the referred row is not of the same organisation."""
        if exclude and set(exclude) & set(self.fields):
            return
        values = [getattr(instance, _field(model, name).attname) for name in self.fields]
        if any(value is None for value in values):
            return
        wanted = dict(zip(self.to_fields, values, strict=True))
        if not self._target(model)._base_manager.using(using).filter(**wanted).exists():
            raise ValidationError(self.get_violation_error_message(), code="other_organisation")

    def __eq__(self, other: object) -> bool:
        """Equal where name and both ends are (the migration autodetector compares)."""
        if not isinstance(other, CompositeForeignKey):
            return NotImplemented
        return self.deconstruct() == other.deconstruct()

    __hash__ = None  # type: ignore[assignment]  # mutable by Django's migrations, as the built-in constraints are

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        """How a migration writes it."""
        path, args, kwargs = super().deconstruct()
        kwargs |= {"fields": self.fields, "to": self.to, "to_fields": self.to_fields}
        if self.by_statement:
            kwargs["by_statement"] = True
        return path, args, kwargs


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field), "a composite key is made of columns of its own table"
    return field


def _column(model: type[models.Model], name: str) -> str:
    column = _field(model, name).column
    assert column is not None
    return column


def belongs_to(
    what: str, *, of: str, name: str, via: str | None = None, by_statement: bool = False
) -> CompositeForeignKey:
    """(organisation, ``what``) must be a row of ``of``: the usual case of a composite key."""
    return CompositeForeignKey(
        name=name,
        fields=("organisation", via or what),
        to=of,
        to_fields=("organisation", "id"),
        by_statement=by_statement,
    )

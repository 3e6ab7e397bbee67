"""The database itself refuses to change or delete an audit event, whoever asks: also the owner of the tables.

Emptying the table at one stroke (PostgreSQL's ``TRUNCATE``, which no trigger for rows sees) is refused too, and so is
that of the chains' ends. Blanking alone passes: it takes the content that tells about a person, once, and no
more. A migration that lets SQLite rebuild the table must call ``guard`` again: the triggers go with the old table.
"""

from __future__ import annotations

from typing import Final

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from people.audit.events import BLANKED, CONTENT

TABLE: Final = "people_auditevent"
EMPTIED: Final = (TABLE, "people_audithead")
_KEPT: Final = ("id", "organisation_id", "sequence", "content_hash", "chain_hash", *CONTENT)

_IS_BLANKING: Final = " AND ".join(
    [
        "OLD.blanked_at IS NULL",
        "NEW.blanked_at IS NOT NULL",
        *(f"NEW.{column} = ''" for column in BLANKED),
        *(f"NEW.{column} = OLD.{column}" for column in _KEPT if column not in BLANKED),
    ]
)

POSTGRESQL: Final = (
    f"""
    CREATE FUNCTION {TABLE}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND {_IS_BLANKING} THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'audit events are never changed or deleted' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    f"""
    CREATE TRIGGER {TABLE}_is_append_only BEFORE UPDATE OR DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION {TABLE}_is_append_only()
    """,
)
NEVER_EMPTIED: Final = (
    f"""
    CREATE FUNCTION {TABLE}_is_never_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'audit events are never changed or deleted' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    *(
        f"""
        CREATE TRIGGER {table}_is_never_emptied BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_is_never_emptied()
        """
        for table in EMPTIED
    ),
)
SQLITE: Final = (
    f"""
    CREATE TRIGGER {TABLE}_is_never_changed BEFORE UPDATE ON {TABLE} WHEN NOT ({_IS_BLANKING})
    BEGIN SELECT RAISE(ABORT, 'audit events are never changed or deleted'); END
    """,
    f"""
    CREATE TRIGGER {TABLE}_is_never_deleted BEFORE DELETE ON {TABLE}
    BEGIN SELECT RAISE(ABORT, 'audit events are never changed or deleted'); END
    """,
)
UNGUARD: Final = {
    "postgresql": (
        f"DROP TRIGGER IF EXISTS {TABLE}_is_append_only ON {TABLE}",
        f"DROP FUNCTION IF EXISTS {TABLE}_is_append_only()",
    ),
    "sqlite": (
        f"DROP TRIGGER IF EXISTS {TABLE}_is_never_changed",
        f"DROP TRIGGER IF EXISTS {TABLE}_is_never_deleted",
    ),
}


def guard(schema_editor: BaseDatabaseSchemaEditor) -> None:
    """From now on the table takes events and gives none back."""
    vendor = schema_editor.connection.vendor
    for statement in (*UNGUARD[vendor], *(POSTGRESQL if vendor == "postgresql" else SQLITE)):
        schema_editor.execute(statement, params=None)


def guard_whole(schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Nor does it lose all of them at once; SQLite knows no such statement."""
    if schema_editor.connection.vendor == "postgresql":
        for statement in NEVER_EMPTIED:
            schema_editor.execute(statement, params=None)


def unguard_whole(schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For a migration that goes back."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP FUNCTION {TABLE}_is_never_emptied() CASCADE", params=None)


def unguard(schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For a migration that goes back."""
    for statement in UNGUARD[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)

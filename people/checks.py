"""System checks: on PostgreSQL, the application's role has no way around row-level security (promises P14).

They ask the database, so they run with ``migrate`` and with ``check --database default``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from people.postgresql.base import DatabaseWrapper
from people.rowsecurity import MATCHING_ROLE

# A member may become the role, so it is as good as it; a superuser is a member of every role.
_FAULTS = """
    SELECT rolsuper,
           rolbypassrls,
           rolcreaterole,
           pg_has_role(rolname, (SELECT datdba FROM pg_database WHERE datname = current_database()), 'MEMBER')
           OR EXISTS (
               SELECT FROM pg_class
               WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
                 AND pg_has_role(rolname, relowner, 'MEMBER')
           ),
           EXISTS (SELECT FROM pg_roles m WHERE m.rolname = %s AND pg_has_role(r.rolname, m.oid, 'MEMBER'))
    FROM pg_roles r WHERE rolname = %s
"""
_MATCHING = """
    SELECT EXISTS (
        SELECT FROM pg_roles m WHERE m.rolname = %s
        AND (NOT %s OR pg_has_role(current_user, m.oid, 'MEMBER'))
    )
"""
_SAID = (
    "is a superuser",
    "has BYPASSRLS",
    "has CREATEROLE, so that it may become the owner",
    "owns the database or tables in it, or is a member of the role that does",
    f"is a member of {MATCHING_ROLE}",
)
_HINT = (
    "DATABASE_URL names a role that owns nothing, DATABASE_OWNER_URL the owner, for `migrate` alone: "
    "docs/installation.md has the statements."
)

_MATCHING_HINT = "docs/installation.md has the statements: CREATE ROLE … NOLOGIN, GRANT … TO the owner."


@register(Tags.database)
def application_role(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Neither superuser nor owner, nor anything by which it could become one."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if isinstance(connection, DatabaseWrapper):
            for said in faults_of_role(connection):
                text = f"The application's role on PostgreSQL {said}: row-level security would not hold."
                found.append(Error(text, hint=_HINT, id="people.E001"))
            if not is_matching_ready(connection):
                text = f"There is no role {MATCHING_ROLE} on PostgreSQL, or the owner is not a member of it."
                found.append(Error(text, hint=_MATCHING_HINT, id="people.E002"))
    return found


def faults_of_role(connection: DatabaseWrapper) -> list[str]:
    """What makes the role of DATABASE_URL unfit, in words."""
    with connection.cursor() as cursor:
        cursor.execute(_FAULTS, [MATCHING_ROLE, connection.application_role])
        row = cursor.fetchone()
    return [said for said, is_so in zip(_SAID, row, strict=True) if is_so]


def is_matching_ready(connection: DatabaseWrapper) -> bool:
    """The role that owns the matching is there; for the owner, who gives it that function, also its membership."""
    with connection.cursor() as cursor:
        cursor.execute(_MATCHING, [MATCHING_ROLE, connection.is_owner])
        return bool(cursor.fetchone()[0])

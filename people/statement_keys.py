"""A foreign key that PostgreSQL checks once a statement, over all its rows: triggers in the place of its own keys.

PostgreSQL checks a foreign key row by row, by a query and a lock for each, which costs three times what storing the row
does. The same rule over the rows of a whole statement is one join. It is held from both ends: rows that come or move
must lead somewhere, and what they lead to must not go. Whoever deletes that locks the referring table first, so that no
row can come meanwhile; such deletions are rare, and the referring table may have no index that finds its rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.backends.ddl_references import Statement

_CREATE = """
CREATE FUNCTION "%(name)s_new"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (
        SELECT 1 FROM rows_written AS own
        WHERE %(filled)s AND NOT EXISTS (SELECT 1 FROM "%(to_table)s" AS theirs WHERE %(own_match)s)
    ) THEN RAISE foreign_key_violation USING %(told)s; END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION "%(name)s_moved"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF %(new_filled)s AND NOT EXISTS (SELECT 1 FROM "%(to_table)s" AS theirs WHERE %(new_match)s)
    THEN RAISE foreign_key_violation USING %(told)s; END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION "%(name)s_gone"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    LOCK TABLE "%(table)s" IN SHARE ROW EXCLUSIVE MODE;
    IF EXISTS (SELECT 1 FROM rows_gone AS theirs JOIN "%(table)s" AS own ON %(own_match)s)
    THEN RAISE foreign_key_violation USING %(told)s; END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION "%(name)s_left"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    LOCK TABLE "%(table)s" IN SHARE ROW EXCLUSIVE MODE;
    IF EXISTS (SELECT 1 FROM "%(table)s" AS own WHERE %(old_match)s)
    THEN RAISE foreign_key_violation USING %(told)s; END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER "%(name)s_new" AFTER INSERT ON "%(table)s" REFERENCING NEW TABLE AS rows_written
    FOR EACH STATEMENT EXECUTE FUNCTION "%(name)s_new"();
CREATE TRIGGER "%(name)s_moved" AFTER UPDATE OF %(columns)s ON "%(table)s"
    FOR EACH ROW WHEN (%(own_changed)s) EXECUTE FUNCTION "%(name)s_moved"();
CREATE TRIGGER "%(name)s_gone" AFTER DELETE ON "%(to_table)s" REFERENCING OLD TABLE AS rows_gone
    FOR EACH STATEMENT EXECUTE FUNCTION "%(name)s_gone"();
CREATE TRIGGER "%(name)s_left" AFTER UPDATE OF %(to_columns)s ON "%(to_table)s"
    FOR EACH ROW WHEN (%(theirs_changed)s) EXECUTE FUNCTION "%(name)s_left"();
"""
_DROP = """
DROP FUNCTION "%(name)s_new"(), "%(name)s_moved"(), "%(name)s_gone"(), "%(name)s_left"() CASCADE;
"""


@dataclass(frozen=True, slots=True)
class StatementKey:
    """``columns`` of ``table`` must be found together in ``to_columns`` of ``to_table``, unless one is NULL."""

    name: str
    table: str
    columns: tuple[str, ...]
    to_table: str
    to_columns: tuple[str, ...]

    def create(self) -> Statement:
        """Its functions and triggers."""
        return Statement(_CREATE, **self._parts())

    def drop(self) -> Statement:
        """The same, gone."""
        return Statement(_DROP, name=self.name)

    def _parts(self) -> dict[str, str]:
        pairs = list(zip(self.columns, self.to_columns, strict=True))
        message = f'insert, update or delete violates foreign key "{self.name}" of "{self.table}"'
        return {
            "name": self.name,
            "table": self.table,
            "to_table": self.to_table,
            "columns": _listed(self.columns),
            "to_columns": _listed(self.to_columns),
            "told": f"CONSTRAINT = '{self.name}', TABLE = '{self.table}', MESSAGE = '{message}'",
            "filled": _all(f'own."{one}" IS NOT NULL' for one in self.columns),
            "new_filled": _all(f'NEW."{one}" IS NOT NULL' for one in self.columns),
            "own_match": _all(f'theirs."{to}" = own."{one}"' for one, to in pairs),
            "new_match": _all(f'theirs."{to}" = NEW."{one}"' for one, to in pairs),
            "old_match": _all(f'OLD."{to}" = own."{one}"' for one, to in pairs),
            "own_changed": _any_changed(self.columns),
            "theirs_changed": _any_changed(self.to_columns),
        }


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(f'"{one}"' for one in columns)


def _all(conditions: Iterable[str]) -> str:
    return " AND ".join(conditions)


def _any_changed(columns: Sequence[str]) -> str:
    return " OR ".join(f'OLD."{one}" IS DISTINCT FROM NEW."{one}"' for one in columns)

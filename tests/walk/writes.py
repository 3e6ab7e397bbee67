"""Notices statements that write, so that all rows are compared only where something may have changed."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from people.models import Organisation
from tests.walk.world import scoped_models


class Writes:
    """Notices whether a scoped table may have been written: only then are all rows compared."""

    def __init__(self) -> None:
        written: list[type[Model]] = [Organisation, *scoped_models()]
        self.tables = tuple(model._meta.db_table for model in written)
        self.seen = False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(("SELECT", "SAVEPOINT", "RELEASE")) and any(one in sql for one in self.tables):
            self.seen = True
        return execute(sql, params, many, context)

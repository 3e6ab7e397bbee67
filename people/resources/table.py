"""What an operator may upload and download by hand, and the rules that every such table shares.

Natural keys only, every field named, unchanged rows left alone. All of a row's faults are told at once, each
with its column as the *file* calls it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import tablib
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model, QuerySet
from import_export import fields, resources, widgets
from import_export.results import Result

from people.audit.actions import record_many
from people.audit.changes import change_of
from people.audit.events import Event, organisation_of
from people.audit.states import difference, state_of
from people.resources.widgets import LookupWidget, Row, TextWidget, as_text
from people.tables import Problem, Table


class ColumnFault(ValueError):  # noqa: N818  (a value that is told, never an error of ours)
    """What is wrong with a cell, found out while another one was looked at."""

    def __init__(self, column: str, text: str) -> None:
        super().__init__(text)
        self.column = column


class Column(fields.Field):
    """A column of the table. ``required``: there, and filled in every row; ``needed``: there; others may be absent."""

    def __init__(
        self,
        name: str,
        widget: widgets.Widget | None = None,
        *,
        attribute: str | None = None,
        required: bool = False,
        needed: bool = False,
        default: Any = fields.NOT_PROVIDED,
        readonly: bool = False,
    ) -> None:
        super().__init__(
            column_name=name,
            attribute=attribute or name,
            widget=widget or TextWidget(),
            default=default,
            readonly=readonly,
        )
        self.required = required
        self.needed = needed or required

    def clean(self, row: Row, **kwargs: Any) -> Any:
        if self.required and not as_text(row.get(self.column_name)):
            raise ValueError("is missing")
        return super().clean(row, **kwargs)

    def save(self, instance: Any, row: Row, is_m2m: bool = False, **kwargs: Any) -> None:
        """A text that is stored stays as it is where the cell differs in the blanks around it alone."""
        stored = self.get_value(instance)
        if isinstance(stored, str) and as_text(row.get(self.column_name)) == stored.strip():
            return
        super().save(instance, row, is_m2m, **kwargs)


class TableResource(resources.ModelResource):
    """A table of reference data: strict about its columns, told in the words of the file.

    ``sentences`` says in plain words what a named constraint of the model means, with the column it concerns.
    """

    sentences: ClassVar[Mapping[str, tuple[str, str]]] = {}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._is_prepared = False
        self._lines: Sequence[int] = ()
        self._seen: dict[tuple[Any, ...], int] = {}
        self._before: dict[str, Any] = {}
        self._events: list[Event] = []
        # Of the block that was stored last: by the row's place in it, what differs.
        self._changes: dict[int, tuple[Model, dict[str, Any], dict[str, Any]]] = {}
        self._written = [
            (column, getattr(self, f"dehydrate_{name}", None)) for name, column in self.fields.items()
        ]
        for column in self.fields.values():
            if isinstance(column.widget, LookupWidget):
                column.widget.resource = self

    # --- The whole file ---------------------------------------------------------------------------

    @classmethod
    def columns(cls) -> list[Column]:
        """In the order of the file."""
        return list(cls.fields.values())

    @classmethod
    def header_problems(cls, headers: Sequence[str]) -> list[Problem]:
        """Columns missing, unknown or named twice."""
        known = [column.column_name for column in cls.columns()]
        keys = cls._meta.import_id_fields
        needed = [one.column_name for name, one in cls.fields.items() if one.needed or name in keys]
        all_columns = ", ".join(known)
        problems = [Problem(1, name, "this column is missing") for name in needed if name not in headers]
        for name in dict.fromkeys(headers):
            if name not in known:
                text = f"this column is not known; the columns are {all_columns}"
                problems.append(Problem(1, name or "(no name)", text))
            elif list(headers).count(name) > 1:
                problems.append(Problem(1, name, "this column is there twice"))
        return problems

    def load(self, table: Table) -> tuple[Result, list[Problem]]:
        """Import a table that was read; what is wrong is told, the rows that are right are stored.

        The caller decides in its transaction whether they stay. Any other error than of the data is raised.
        """
        problems = table.problems + self.header_problems(table.headers)
        if problems:
            return Result(), problems
        result = self.store(table.headers, table.rows, table.lines)
        return result, [problem for row in result.invalid_rows for problem in self.problems_of(row)]

    def store(self, headers: Sequence[str], rows: Sequence[Sequence[str]], lines: Sequence[int]) -> Result:
        """One block of a file's rows: those that are right are stored, the others are the result's ``invalid_rows``.

        A resource takes one file, block by block: what it has looked up, and which keys it has seen, it keeps. The
        headers were found sound. Any other error than of the data is raised.
        """
        if not self._is_prepared:
            self._is_prepared = True
            self.prepare()
        self._lines, self._changes = lines, {}
        dataset = tablib.Dataset(*rows, headers=headers)
        self.meet(dataset.dict)
        # No savepoint for each row: one that is wrong is found out before anything of it is written.
        result = self.import_data(dataset, use_transactions=False)
        for bug in [*result.base_errors, *(error for row in result.error_rows for error in row.errors)]:
            raise bug.error
        return result

    def prepare(self) -> None:
        """Look up what every row of the file may need: once."""

    def meet(self, rows: Sequence[Row]) -> None:
        """Look up what these rows need, all of them together."""

    def people_touched(self) -> tuple[set[int], set[int]]:
        """Of the block that was stored last: keys of people whose record it changes, and of those whom it ends.

        People who are new are neither. Tables that are not about people touch nobody.
        """
        return set(), set()

    def changes_of(self, place: int) -> list[tuple[str, str, str]]:
        """Column, before and after of the row at this place (from 1) of the block that was stored last."""
        row, before, after = self._changes[place]
        return [
            (
                column.column_name,
                self._shown(row, column, before),
                self._shown(row, column, after),
            )
            for column in self._differing(before, after)
        ]

    def difference_of(self, place: int) -> list[str]:
        """The same as values that are stored: what a row changes, told without asking the database."""
        _, before, after = self._changes[place]
        return [
            f"{column.column_name}: {before.get(column.attribute)!r} {after.get(column.attribute)!r}"
            for column in self._differing(before, after)
        ]

    def _differing(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Column]:
        return [one for one in self.columns() if one.attribute in after or one.attribute in before]

    @staticmethod
    def _shown(row: Model, column: Column, state: Mapping[str, Any]) -> str:
        value, field = state.get(column.attribute), row._meta.get_field(column.attribute)
        if value is not None and field.is_relation:
            assert isinstance(field.related_model, type)
            value = field.related_model._base_manager.filter(pk=value).first()
        return "" if value is None else str(column.widget.render(value))

    def after_import(self, dataset: tablib.Dataset, result: Result, **kwargs: Any) -> None:
        """The audit takes the rows that changed, all together; a preview changed none.

        Rows never bring their own primary keys, so no sequence has to be set after them.
        """
        if not kwargs.get("dry_run"):
            record_many(self._events)
        self._events = []

    # --- A list taken away ------------------------------------------------------------------------

    def of_list(self, listed: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of this table that stand for the rows of a list."""
        return listed

    def cells_of(self, row: Model) -> list[str]:
        """What stands in the columns, as an upload would read it."""
        return [str(made_of(row) if made_of else column.export(row)) for column, made_of in self._written]

    # --- One row ----------------------------------------------------------------------------------

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        """All faults of a row's values at once, and rows that are there twice."""
        faults: dict[str, list[str]] = {}
        values: dict[str, Any] = {}
        for name, column in self.fields.items():
            if column.column_name not in row or column.readonly:
                continue
            try:
                values[name] = column.clean(row)
            except ValueError as fault:
                where = getattr(fault, "column", column.column_name)
                faults.setdefault(where, []).append(str(fault))
        if faults:
            raise ValidationError(faults)
        self._refuse_twins(values, kwargs["row_number"])

    def after_init_instance(self, instance: Any, new: bool, row: Row, **kwargs: Any) -> None:
        """As it is stored, before the row's values are put in."""
        self._before = {} if new else state_of(instance)

    def after_save_instance(self, instance: Any, row: Row, **kwargs: Any) -> None:
        self.note(instance, before=self._before)
        before, after = difference(self._before, state_of(instance))
        self._changes[kwargs["row_number"]] = (instance, before, after)

    def note(self, row: Model, *, before: Mapping[str, Any]) -> None:
        """The audit is to tell that this row was added (``before`` is empty) or changed."""
        if event := change_of(row, before=before):
            self._events.append(event)

    def skip_row(self, instance: Any, original: Any, row: Row, import_validation_errors: Any = None) -> bool:
        """One that says what is stored. The package would copy every row, and what it refers to, to compare."""
        if import_validation_errors or not self._before:
            return False
        return self._before == state_of(instance)

    def _refuse_twins(self, values: Mapping[str, Any], number: int) -> None:
        keys = self.get_import_id_fields()
        key = tuple(_hashable(values.get(name)) for name in keys)
        line = self._lines[number - 1]
        first = self._seen.setdefault(key, line)
        if first != line:
            names = ", ".join(self.fields[name].column_name for name in keys)
            raise ValidationError(f"the same {names} as in line {first}: keep one of the two")

    def problems_of(self, row: Any) -> Iterable[Problem]:
        """What is wrong with one of the result's ``invalid_rows``, with its line and columns."""
        line = self._lines[row.number - 1]
        for name, messages in row.error_dict.items():
            for message in messages:
                column, text = self._in_words(name, message)
                yield Problem(line, column, text)

    def _in_words(self, name: str, message: str) -> tuple[str, str]:
        """The column as the file calls it, and a constraint's name replaced by its meaning."""
        for constraint, sentence in self.sentences.items():
            if constraint in message:
                return sentence
        column = next((own.column_name for own in self.columns() if own.attribute == name), name)
        return ("" if name == NON_FIELD_ERRORS else column), message.rstrip(".")


def _hashable(value: Any) -> Any:
    """A row that is not stored yet has no key by which it is known: within its organisation its name is one."""
    return (organisation_of(value), str(value)) if isinstance(value, Model) else value

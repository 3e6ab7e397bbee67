"""What an operator may upload and download by hand, and the rules that every such table shares.

Natural keys only, every field named, unchanged rows left alone. All of a row's faults are told at once, each
with its column as the *file* calls it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

import tablib
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from import_export import fields, resources, widgets
from import_export.results import Result

from people.audit.actions import record_many
from people.audit.changes import change_of
from people.audit.events import Event, organisation_of
from people.audit.states import state_of
from people.models import Organisation
from people.tables import Problem, Table, quoted

Row = Mapping[str, Any]
YES_NO = {"yes": True, "no": False, "": False}
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def as_text(value: Any) -> str:
    """A cell as text: spreadsheets hand over numbers, dates and nothing at all."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


class TextWidget(widgets.Widget):
    """A text of one line; ``on_the_wire``: one that is written to files whose separator it may not hold."""

    def __init__(self, *, on_the_wire: bool = False) -> None:
        super().__init__()
        self.on_the_wire = on_the_wire

    def clean(self, value: Any, row: Row | None = None, **kwargs: Any) -> str:
        text = as_text(value)
        if not text.isprintable():
            raise ValueError(f"{quoted(text)} holds a line break or another control character: take it out")
        if self.on_the_wire and "~" in text:
            raise ValueError(
                f"{quoted(text)} holds ~, which separates columns in the files exchanged: take it out"
            )
        return text


class DateWidget(widgets.Widget):
    """YYYY-MM-DD, or nothing."""

    def clean(self, value: Any, row: Row | None = None, **kwargs: Any) -> date | None:
        text = as_text(value)
        if not text:
            return None
        try:
            if _ISO_DATE.match(text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        raise ValueError(f"{quoted(text)} is not a real date: write YYYY-MM-DD, as in 2026-11-03")

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.isoformat() if value else ""


class YesNoWidget(widgets.Widget):
    """yes or no; nothing is no."""

    def clean(self, value: Any, row: Row | None = None, **kwargs: Any) -> bool:
        text = as_text(value)
        try:
            return YES_NO[text.casefold()]
        except KeyError:
            raise ValueError(f"{quoted(text)} is neither yes nor no") from None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "yes" if value else "no"


class ChoiceWidget(TextWidget):
    """One of a few words."""

    def __init__(self, choices: Iterable[str]) -> None:
        super().__init__()
        self.choices = tuple(choices)

    def clean(self, value: Any, row: Row | None = None, **kwargs: Any) -> str:
        text = super().clean(value, row, **kwargs)
        if text and text not in self.choices:
            raise ValueError(f"{quoted(text)} is not one of {', '.join(self.choices)}")
        return text


class LookupWidget(widgets.Widget):
    """Another row, found by natural key: a method of the resource takes the cell's text and the row."""

    resource: TableResource

    def __init__(self, method: str, shown: str) -> None:
        super().__init__()
        self.method = method
        self.shown = shown

    def clean(self, value: Any, row: Row | None = None, **kwargs: Any) -> Any:
        return getattr(self.resource, self.method)(as_text(value), row or {})

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        if value is None:
            return ""
        return str(getattr(value, self.shown) if self.shown else value)


class Column(fields.Field):
    """A column of the table. ``required``: there, and filled in every row; others may be left out."""

    def __init__(
        self,
        name: str,
        widget: widgets.Widget | None = None,
        *,
        attribute: str | None = None,
        required: bool = False,
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

    def clean(self, row: Row, **kwargs: Any) -> Any:
        if self.required and not as_text(row.get(self.column_name)):
            raise ValueError("is missing")
        return super().clean(row, **kwargs)


class TableResource(resources.ModelResource):
    """A table of reference data: strict about its columns, told in the words of the file.

    ``sentences`` says in plain words what a named constraint of the model means, with the column it concerns.
    """

    sentences: ClassVar[Mapping[str, tuple[str, str]]] = {}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._lines: Sequence[int] = ()
        self._seen: dict[tuple[Any, ...], int] = {}
        self._before: dict[str, Any] = {}
        self._events: list[Event] = []
        self._exported: Counter[int] = Counter()
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
        needed = [column.column_name for column in cls.columns() if column.required]
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
        self._lines = table.lines
        dataset = tablib.Dataset(*table.rows, headers=table.headers)
        result = self.import_data(dataset)
        for bug in [*result.base_errors, *(error for row in result.error_rows for error in row.errors)]:
            raise bug.error
        return result, [problem for row in result.invalid_rows for problem in self._problems_of(row)]

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        """Refuse a table with other columns (an upload comes here without ``load``)."""
        self._seen, self._events = {}, []
        if problems := self.header_problems(dataset.headers or []):
            raise ValidationError([str(problem) for problem in problems])

    def after_import(self, dataset: tablib.Dataset, result: Result, **kwargs: Any) -> None:
        """The audit takes the rows that changed, all together; a preview changed none.

        Rows never bring their own primary keys, so no sequence has to be set after them.
        """
        if not kwargs.get("dry_run"):
            record_many(self._events)

    def after_export(self, queryset: Any, dataset: tablib.Dataset, **kwargs: Any) -> None:
        """That rows were taken away stands in the audit of each organisation whose they are, with their number."""
        kind, columns = self._meta.model._meta.label_lower, list(dataset.headers or ())
        with transaction.atomic():
            record_many(
                Event("exported", organisation, record_type=kind, after={"rows": rows, "columns": columns})
                for organisation, rows in sorted(self._exported.items())
            )
        self._exported.clear()

    def export_resource(self, instance: Any, selected_fields: Any = None, **kwargs: Any) -> Any:
        self._exported[organisation_of(instance)] += 1
        return super().export_resource(instance, selected_fields, **kwargs)

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
                faults.setdefault(column.column_name, []).append(str(fault))
        if faults:
            raise ValidationError(faults)
        self._refuse_twins(values, kwargs["row_number"])

    def after_init_instance(self, instance: Any, new: bool, row: Row, **kwargs: Any) -> None:
        """As it is stored, before the row's values are put in."""
        self._before = {} if new else state_of(instance)

    def after_save_instance(self, instance: Any, row: Row, **kwargs: Any) -> None:
        if event := change_of(instance, before=self._before):
            self._events.append(event)

    def _refuse_twins(self, values: Mapping[str, Any], number: int) -> None:
        keys = self.get_import_id_fields()
        key = tuple(values.get(name) for name in keys)
        first = self._seen.setdefault(key, number)
        if first != number:
            names = ", ".join(self.fields[name].column_name for name in keys)
            raise ValidationError(f"the same {names} as in line {self._line(first)}: keep one of the two")

    def _line(self, number: int) -> int:
        return self._lines[number - 1] if self._lines else number + 1

    def _problems_of(self, row: Any) -> Iterable[Problem]:
        line = self._line(row.number)
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


class OrganisationColumns(TableResource):
    """What tables of an organisation's data share: the VPD column, looked up once a file."""

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self._organisations = {one.vpd: one for one in Organisation.objects.in_scope()}

    def find_organisation(self, text: str, row: Row) -> Organisation:
        """By VPD, of those in scope."""
        try:
            return self._organisations[text]
        except KeyError:
            raise ValueError(
                f"no organisation has the VPD {quoted(text)}: add it to organisations.csv"
            ) from None


def vpd_column(*, required: bool = True) -> Column:
    """The VPD of the organisation that a row belongs to."""
    return Column(
        "vpd", LookupWidget("find_organisation", "vpd"), attribute="organisation", required=required
    )


class OrganisationResource(TableResource):
    """organisations.csv."""

    vpd = Column("vpd", required=True)
    ods_code = Column("ods_code")
    name = Column("name", required=True)
    region = Column("region")
    cstf_aligned_on = Column("cstf_aligned_on", DateWidget())
    auto_iat = Column("auto_iat", YesNoWidget())

    class Meta:
        model = Organisation
        import_id_fields = ("vpd",)
        fields = ("vpd", "ods_code", "name", "region", "cstf_aligned_on", "auto_iat")
        skip_unchanged = True
        clean_model_instances = True
        use_transactions = True

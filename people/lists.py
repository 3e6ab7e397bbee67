"""What the console's long lists share: counting that stops in time, and filters that need no scan and no script."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR
from django.core.paginator import Page, Paginator
from django.db.models import DateTimeField, Field, Model, QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_date
from django.utils.functional import cached_property

from people.dates import LONDON

if TYPE_CHECKING:
    BasePaginator = Paginator[Any]
else:
    BasePaginator = Paginator

# Nobody reads further by turning pages; they search or filter. Counting a million rows takes longer than the page.
COUNTED_TO: Final = 10_000
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2999

_is_whole: ContextVar[bool] = ContextVar("lists_are_whole", default=False)


@contextmanager
def whole() -> Iterator[None]:
    """Inside, lists find all of their rows: for whoever takes more of one away than anybody turns pages for."""
    token = _is_whole.set(True)
    try:
        yield
    finally:
        _is_whole.reset(token)


def is_whole() -> bool:
    """Whether all rows are wanted. Else what finds them by others' keys may look at the first of those alone."""
    return _is_whole.get()


def keys_found(rows: QuerySet[Any]) -> QuerySet[Any, int]:
    """The keys of these rows: of all that a file takes, of one more than a list counts to."""
    keys = rows.values_list("pk", flat=True)
    return keys if is_whole() else keys[: COUNTED_TO + 1]


class CappedPaginator(BasePaginator):
    """Counts no further than ``COUNTED_TO``: a list says "more than 10,000", and its pages end there."""

    @cached_property
    def _counted(self) -> int:
        rows = self.object_list
        if not isinstance(rows, QuerySet):
            return len(rows)
        # What is joined, looked up and ordered for showing costs the database only time when it counts.
        return rows.order_by().select_related(None).values("pk")[: COUNTED_TO + 1].count()

    @property
    def is_capped(self) -> bool:
        """Whether there are more rows than were counted."""
        return self._counted > COUNTED_TO

    @cached_property
    def count(self) -> int:
        """Rows, at most ``COUNTED_TO``."""
        return min(self._counted, COUNTED_TO)


class LargePaginator(CappedPaginator):
    """Of a table so large that the rows of a page are found first, and only then what is shown beside them.

    In one question, a database may look up the person of each of a hundred thousand rows to show fifty.
    """

    def page(self, number: int | str) -> Page[Any]:
        """The rows by their keys, in their order."""
        page, rows = super().page(number), self.object_list
        of_page = page.object_list
        if isinstance(rows, QuerySet) and isinstance(of_page, QuerySet):
            keys = of_page.select_related(None).values_list("pk", flat=True)
            page.object_list = rows.filter(pk__in=list(keys))
        return page


def _last(value: Any) -> Any:
    """Of a parameter given several times."""
    return value[-1] if isinstance(value, list) else value


class DateRangeFilter(admin.FieldListFilter):
    """From one date to another, both included, either left open: two fields and a button."""

    template = "admin/date_range_filter.html"

    def __init__(
        self,
        field: Field[Any, Any],
        request: HttpRequest,
        params: dict[str, Any],
        model: type[Model],
        model_admin: Any,
        field_path: str,
    ) -> None:
        self.names = {end: f"{field_path}__{end}" for end in ("from", "to")}
        super().__init__(field, request, params, model, model_admin, field_path)
        self.given = {
            end: str(_last(self.used_parameters.get(name)) or "") for end, name in self.names.items()
        }
        self.others = [
            (name, value)
            for name, values in request.GET.lists()
            if name not in (*self.names.values(), PAGE_VAR)
            for value in values
        ]

    def expected_parameters(self) -> list[str | None]:
        """The two ends."""
        return list(self.names.values())

    def choices(self, changelist: Any) -> Iterator[Any]:
        """One form, with what was given and what else the list is narrowed by."""
        yield {
            "selected": not any(self.given.values()),
            "ends": [
                {
                    "label": label,
                    "name": self.names[end],
                    "value": self.given[end],
                    "wrong": self._is_wrong(end),
                }
                for end, label in (("from", "From"), ("to", "To"))
            ],
            "others": self.others,
            "query_string": changelist.get_query_string(remove=list(self.names.values())),
        }

    @property
    def is_wrong(self) -> bool:
        """Whether an end was given that is no date, so that it narrows nothing."""
        return any(map(self._is_wrong, self.given))

    def _is_wrong(self, end: str) -> bool:
        return bool(self.given[end]) and self._day(end) is None

    def _day(self, end: str) -> date | None:
        try:
            day = parse_date(self.given[end])
        except ValueError:  # looks like a date, and is none
            return None
        # Beyond these nothing is recorded, and clocks end.
        return day if day is not None and _FIRST_YEAR <= day.year <= _LAST_YEAR else None

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Days are London's. What is no date narrows nothing, and its field says so."""
        start, end = self._day("from"), self._day("to")
        if start is not None:
            queryset = queryset.filter(**{f"{self.field_path}__gte": self._moment(start)})
        if end is not None:
            queryset = queryset.filter(**{f"{self.field_path}__lt": self._moment(end + timedelta(days=1))})
        return queryset

    def _moment(self, day: date) -> date | datetime:
        if isinstance(self.field, DateTimeField):
            return datetime.combine(day, time(), tzinfo=LONDON)
        return day


def by_presence(title: str, *, empty: str, filled: str) -> type[admin.EmptyFieldListFilter]:
    """Whether a field is filled, under this title and in words that say what that means."""

    class PresenceFilter(admin.EmptyFieldListFilter):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self.title = title

        def choices(self, changelist: Any) -> Iterator[Any]:
            """All, empty, filled, in the order in which the admin has them; with how many, where it says so."""
            for name, choice in zip(("All", empty, filled), super().choices(changelist), strict=True):
                _, bracket, count = str(choice["display"]).partition(" (")
                yield {**choice, "display": f"{name}{bracket}{count}"}

    return PresenceFilter

"""What the pages about one row have in common: it is found by its key in the path, or the page does not exist."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final, TypeVar

from django.core.paginator import Page as Rows
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from cstf_site.console.page import ConsoleView

Row = TypeVar("Row", bound=Model)
PER_PAGE: Final = 25


class InPath(cached_property[Row]):
    """The row in a page's path, read once. Where the page's permission is not held in its organisation: 404."""

    def __init__(self, model: type[Row], *, beside: str) -> None:
        def found(view: ConsoleView) -> Row:
            rows = model._default_manager.select_related(beside)
            row = get_object_or_404(rows, pk=view.kwargs[str(model._meta.model_name)])
            if not view.request.user.has_perm(view.page.permission, row):
                raise Http404
            return row

        super().__init__(found)


def page_of(request: HttpRequest, rows: Any, *, name: str = "page") -> Rows[Any]:
    """The page of these rows that was asked for; the nearest where there is none of that number."""
    return Paginator(rows, PER_PAGE).get_page(request.GET.get(name))

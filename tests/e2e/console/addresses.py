"""Where the console's pages are, for the demo's rows: found in its registry, so that a new page joins by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import RequestFactory
from django.urls import reverse

from cstf_site.console.page import PAGES, Page
from cstf_site.demo.accounts import ACCOUNTS
from people.scoped_admin import ScopedAdmin
from tests.e2e.console.trouble import ADMIN

# By these a page looks another way, so one row of each is opened.
TELLING = ("state", "kind", "code")
MOST_ROWS = 7
ALIKE = ("nothing", "history", "delete")


class Address(NamedTuple):
    """One page, and who is sent there: the first of the demo's accounts that may, else the superuser."""

    name: str
    url: str
    account: str


def accounts() -> list[User]:
    """Roles first, in the order of the demo."""
    names = [*(one.username for one in ACCOUNTS), ADMIN]
    found = User.objects.in_bulk(names, field_name="username")
    return [found[name] for name in names]


def who_may(permission: str, row: Model | None = None) -> User:
    """The first who may do this to the row."""
    return next(user for user in accounts() if user.has_perm(permission, row))


def rows_of(model: type[Model]) -> list[Model]:
    """One of each kind, or one."""
    rows = model._default_manager.order_by("pk")
    for name in TELLING:
        if any(one.name == name for one in model._meta.concrete_fields):
            values = rows.order_by(name).values_list(name, flat=True).distinct()[:MOST_ROWS]
            return [row for value in values if (row := rows.filter(**{name: value}).last()) is not None]
    return [row] if (row := rows.last()) is not None else []


# Without these such a page shows what there is to choose from.
CHOSEN = {"download": "?table=positions", "export_list": "?list=people.person"}


def own_pages() -> Iterator[Address]:
    """The console's own. A parameter of a path is called like the model whose key it is."""
    models = {model._meta.model_name: model for model in apps.get_models() if not model._meta.proxy}
    for page in PAGES.values():
        if not page.parameters:
            for query in ("", CHOSEN.get(page.name)):
                if query is not None:
                    url = reverse(f"admin:{page.name}") + query
                    yield Address(page.name, url, who_may(page.permission).username)
            continue
        (parameter, *others) = page.parameters
        assert not others, f"say here how the parameters of {page.name} belong together"
        yield from _of_rows(page, parameter, rows_of(models[parameter]))


def _of_rows(page: Page, parameter: str, rows: list[Model]) -> Iterator[Address]:
    assert rows, f"the demo has nothing to show on {page.name}"
    for row in rows:
        url = reverse(f"admin:{page.name}", kwargs={parameter: row.pk})
        yield Address(page.name, url, who_may(page.permission, row).username)


def admin_pages() -> Iterator[Address]:
    """Of each model its list, its forms and a row; of some what is made of the same parts for all."""
    alike: set[str] = set()
    for model, page in admin.site._registry.items():
        if isinstance(page, ScopedAdmin) or model is User:
            for address in _of_model(model, page):
                kind = address.name.rpartition("_")[2]
                if kind not in ALIKE or kind not in alike:
                    alike.add(kind)
                    yield address


def _of_model(model: type[Model], page: Any) -> Iterator[Address]:
    label = f"{model._meta.app_label}_{model._meta.model_name}"

    def address(view: str, account: User, *args: Any, query: str = "") -> Address:
        return Address(
            f"{label}_{view}", reverse(f"admin:{label}_{view}", args=args) + query, account.username
        )

    viewer = who_may(f"{model._meta.app_label}.view_{model._meta.model_name}")
    yield address("changelist", viewer)
    if page.search_fields:
        nothing = address("changelist", viewer, query="?q=nothing-is-called-so")
        yield nothing._replace(name=f"{label}_nothing")
    if adder := _first(lambda asked: page.has_add_permission(asked)):
        yield address("add", adder)
    row = model._default_manager.order_by("pk").last()
    assert row is not None, f"the demo has no {model._meta.verbose_name}"
    editor = _first(lambda asked: page.has_change_permission(asked, row))
    viewer = editor or who_may(f"{model._meta.app_label}.view_{model._meta.model_name}", row)
    yield address("change", viewer, row.pk)
    yield address("history", viewer, row.pk)
    if deleter := _first(lambda asked: page.has_delete_permission(asked, row)):
        yield address("delete", deleter, row.pk)


def _first(may: Any) -> User | None:
    for user in accounts():
        asked = RequestFactory().get("/")
        asked.user = user
        if may(asked):
            return user
    return None

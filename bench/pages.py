"""How long the server takes for each page of the console, over the benchmark's data: ``python -m bench.pages``.

Every page of the console's own, Home as each role, every list of a model: by each of its filters, in the order of each
of its columns, a hundred pages further on, with its facets, with what a desk searches for; every row's page. As an
account that holds every URP of the organisation, so that tenancy costs what it costs. Each is asked for once to warm
up, then measured; prints one JSON list, slowest first. A page is found in the registry, so a new one joins by itself.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlencode

import django

if TYPE_CHECKING:
    # Models can be imported only after django.setup().
    from django.db.models import Model
    from django.test import Client

    from roles.urps import URP

NAME = "bench-console"
MOST_CHOICES = 2  # of one filter, from its beginning and its end
DEEP = 100


class Timed(NamedTuple):
    """What one page took. ``seconds`` are what whoever waits for it notices, ``cpu`` this process's and its database's.

    The database's are left out where they cannot be read: a server of PostgreSQL elsewhere, or not on Linux.
    """

    page: str
    url: str
    seconds: float
    cpu: float
    queries: int


def main() -> None:
    """Ask for every page and print what each took."""
    django.setup()
    from django.conf import settings
    from django.test.utils import setup_test_environment, teardown_test_environment

    from cstf_site.garbage import leave_out_what_is_loaded
    from people.tenancy import everywhere

    # As a server does.
    leave_out_what_is_loaded()
    settings.REQUIRE_MFA = False
    settings.SECURE_SSL_REDIRECT = False
    # No static files were collected: their names are not what is measured.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    from roles.urps import URP

    with everywhere("the benchmark's own database"):
        client = _client(NAME, list(URP))
        # Lets this process see which filters a list offers; it costs every page time, so only while it looks.
        setup_test_environment(debug=False)
        asked = [(client, page, url) for page, url in _addresses(client)]
        teardown_test_environment()
        settings.ALLOWED_HOSTS = ["testserver"]
        asked += [(_client(f"{NAME}-{urp}", [urp]), f"home:{urp}", "/admin/") for urp in URP]
    only = sys.argv[1] if len(sys.argv) > 1 else ""
    timed = [_timed(client, page, url) for client, page, url in asked if only in f"{page} {url}"]
    print(json.dumps(sorted(timed, key=lambda one: -one.seconds)))


def _client(name: str, urps: Iterable[URP]) -> Client:
    """Of somebody who holds these in the benchmark's organisation."""
    from django.contrib.auth.models import User
    from django.test import Client

    from people.models import Organisation
    from roles.actions import grant

    account = User.objects.filter(username=name).first()
    if account is None:
        account, (root, _) = (
            User.objects.create_user(name),
            User.objects.get_or_create(username=f"{NAME}-root", is_superuser=True),
        )
        for urp in urps:
            grant(
                user=account,
                organisation=Organisation.objects.get(),
                urp=urp,
                reason="the benchmark",
                by=root,
            )
    client = Client()
    client.force_login(account)
    return client


def _timed(client: Client, page: str, url: str) -> Timed:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        client.get(url)
        asked = len(queries)
    began, worked = time.perf_counter(), time.process_time() + _of_database()
    answer = client.get(url)
    seconds, cpu = time.perf_counter() - began, time.process_time() + _of_database() - worked
    if answer.status_code != 200:
        raise SystemExit(f"{url}: {answer.status_code}")
    return Timed(page, url, seconds, cpu, asked)


def _of_database() -> float:
    """CPU seconds of the process in which PostgreSQL serves us; SQLite works in our own."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return 0
    connection.ensure_connection()
    statistics = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return int(statistics.read_text().split()[0]) / 1e9 if statistics.exists() else 0


# --- Which pages --------------------------------------------------------------------------------------


def _addresses(client: Client) -> Iterator[tuple[str, str]]:
    yield "home", "/admin/"
    yield from _own_pages()
    yield from _lists(client)


def _own_pages() -> Iterator[tuple[str, str]]:
    from django.apps import apps
    from django.urls import reverse

    from cstf_site.console.page import PAGES

    models = {model._meta.model_name: model for model in apps.get_models() if not model._meta.proxy}
    for page in PAGES.values():
        rows = [_latest(models[name]) for name in page.parameters]
        if all(rows):
            keys = {name: row.pk for name, row in zip(page.parameters, rows, strict=True) if row}
            yield page.name, reverse(f"admin:{page.name}", kwargs=keys)
    # The first person has a line in every night of the history.
    longest = models["person"]._default_manager.order_by("pk").first()
    if longest:
        yield "person:longest", reverse("admin:person", args=[longest.pk])


def _latest(model: type[Model]) -> Model | None:
    return model._default_manager.order_by("-pk").first()


def _lists(client: Client) -> Iterator[tuple[str, str]]:
    from django.contrib import admin
    from django.urls import reverse

    from people.scoped_admin import ScopedAdmin

    for model, page in admin.site._registry.items():
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        everything = reverse(f"admin:{name}_changelist")
        if not isinstance(page, ScopedAdmin) or client.get(everything).status_code != 200:
            continue
        changelist = client.get(everything).context["cl"]
        yield f"{name} list", everything
        if page.search_fields:
            yield from ((f"{name} search", f"{everything}?q={quote(text)}") for text in _texts())
        yield from _filtered(changelist, name, everything)
        yield from _arranged(changelist, name, everything)
        for row in list(changelist.result_list)[:1]:
            yield f"{name} row", reverse(f"admin:{name}_change", args=[row.pk])


def _texts() -> list[str]:
    """Names and their beginnings, an employee number, an e-mail address, an NI number, references, and nothing."""
    from people.models import PersonVersion

    version = PersonVersion.objects.exclude(employee_number="").order_by("-pk")[0]
    texts = [version.last_name, f"{version.last_name[:2]} {version.first_name[:2]}", version.employee_number]
    texts += [version.office_email or "nobody@example.org", version.ni_number or "QQ123456C", "REF-1"]
    return [*texts, "R-00000001", version.last_name[:1], "Nobodynamedso", "99999999"]


def _filtered(changelist: Any, name: str, everything: str) -> Iterator[tuple[str, str]]:
    from people.lists import DateRangeFilter

    for spec in changelist.filter_specs:
        if isinstance(spec, DateRangeFilter):
            for first, last in (("2026-10-01", "2026-10-31"), ("2024-01-01", "")):
                query = urlencode({spec.names["from"]: first, spec.names["to"]: last})
                yield f"{name} by {spec.title}", f"{everything}?{query}"
            continue
        choices = list(spec.choices(changelist))
        for choice in [*choices[1 : 1 + MOST_CHOICES], *choices[1 + MOST_CHOICES :][-MOST_CHOICES:]]:
            yield f"{name} by {spec.title}", everything + str(choice["query_string"])


def _arranged(changelist: Any, name: str, everything: str) -> Iterator[tuple[str, str]]:
    """In the order of each column that offers it, either way; the hundredth page, or the last; with its facets."""
    from django.contrib.admin import ShowFacets
    from django.contrib.admin.templatetags.admin_list import result_headers

    for place, header in enumerate(result_headers(changelist)):
        if header.get("sortable"):
            yield f"{name} order", f"{everything}?o={place}"
            yield f"{name} order", f"{everything}?o=-{place}"
    pages = changelist.paginator.num_pages
    if pages > 1:
        yield f"{name} deep", f"{everything}?p={min(pages, DEEP)}"
        yield f"{name} deep", f"{everything}?p={pages}"
    if changelist.has_filters and changelist.model_admin.show_facets is not ShowFacets.NEVER:
        yield f"{name} facets", f"{everything}?_facets=True"


if __name__ == "__main__":
    main()

"""How long the server takes for each page of the console, over the benchmark's data: ``python -m bench.pages``.

Every page of the console's own, every list of a model with each of its filters and a search, every row's page. As an
account that holds every URP of the organisation, so that tenancy costs what it costs. Each is asked for once to warm
up, then measured; prints one JSON list, slowest first. A page is found in the registry, so a new one joins by itself.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import django

if TYPE_CHECKING:
    # Models can be imported only after django.setup().
    from django.contrib.auth.models import User
    from django.db.models import Model
    from django.test import Client

NAME = "bench-console"
MOST_CHOICES = 2  # of one filter, from its beginning and its end


class Timed(NamedTuple):
    """What one page took. ``cpu`` is this process's alone, ``seconds`` what whoever waits for the page notices."""

    page: str
    url: str
    seconds: float
    cpu: float
    queries: int


def main() -> None:
    """Ask for every page and print what each took."""
    django.setup()
    from django.conf import settings
    from django.test import Client
    from django.test.utils import setup_test_environment

    from people.tenancy import everywhere

    # Lets this process see which filters a list offers.
    setup_test_environment(debug=False)
    settings.REQUIRE_MFA = False
    settings.SECURE_SSL_REDIRECT = False
    # No static files were collected: their names are not what is measured.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    with everywhere("the benchmark's own database"):
        client = Client()
        client.force_login(_account())
        asked = list(_addresses(client))
    timed = [_timed(client, page, url) for page, url in asked]
    print(json.dumps(sorted(timed, key=lambda one: -one.seconds)))


def _account() -> User:
    """Somebody who holds every URP in the benchmark's organisation."""
    from django.contrib.auth.models import User

    from people.models import Organisation
    from roles.actions import grant
    from roles.urps import URP

    found = User.objects.filter(username=NAME).first()
    if found is None:
        found, root = User.objects.create_user(NAME), User.objects.create_superuser(f"{NAME}-root")
        for urp in URP:
            grant(
                user=found, organisation=Organisation.objects.get(), urp=urp, reason="the benchmark", by=root
            )
    return found


def _timed(client: Client, page: str, url: str) -> Timed:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(url)
    began, worked = time.perf_counter(), time.process_time()
    answer = client.get(url)
    seconds, cpu = time.perf_counter() - began, time.process_time() - worked
    if answer.status_code != 200:
        raise SystemExit(f"{url}: {answer.status_code}")
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    return Timed(page, url, seconds, cpu, len(queries))


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
        yield f"{name} list", everything
        if page.search_fields:
            yield from ((f"{name} search", f"{everything}?q={text}") for text in _texts())
        yield from _filtered(client, name, everything)
        for row in list(client.get(everything).context["cl"].result_list)[:1]:
            yield f"{name} row", reverse(f"admin:{name}_change", args=[row.pk])


def _texts() -> list[str]:
    """A name, two beginnings of names, an employee number, an e-mail address, an NI number, a reference."""
    from people.models import PersonVersion

    version = PersonVersion.objects.exclude(employee_number="").order_by("-pk")[0]
    texts = [version.last_name, f"{version.last_name[:2]} {version.first_name[:2]}", version.employee_number]
    return [*texts, version.office_email or "nobody@example.org", version.ni_number or "QQ123456C", "REF-1"]


def _filtered(client: Client, name: str, everything: str) -> Iterator[tuple[str, str]]:
    for spec in client.get(everything).context["cl"].filter_specs:
        choices = list(spec.choices(client.get(everything).context["cl"]))
        for choice in [*choices[1 : 1 + MOST_CHOICES], *choices[1 + MOST_CHOICES :][-MOST_CHOICES:]]:
            yield f"{name} by {spec.title}", everything + str(choice["query_string"])


if __name__ == "__main__":
    main()

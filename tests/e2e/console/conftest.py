"""The console as people meet it: the demo on the morning after its first night, behind a server of its own.

Loaded once for all tests of this folder, which commit nothing that another of them could miss: what one needs for
itself, it makes. Everything is emptied afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import StringIO
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from playwright.sync_api import Browser, Page
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

from tests.e2e.conftest import PATIENCE, WATCH
from tests.e2e.console.visitor import Visitor

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # not before Django has its settings

SIZES = {"901": 60, "902": 30}
# Rows are alike: a few of a list say as much of it as fifty.
ROWS = 6
Visit = Callable[["str"], Visitor]


@pytest.fixture
def strict() -> None:
    """The second factor has tests of its own: here people are logged in already."""


@pytest.fixture(scope="package")
def morning(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    """The server. Its database is unblocked for as long as it runs."""
    from django.core.management import call_command
    from django.test import override_settings

    from people.tenancy import everywhere
    from tests.e2e.console.trouble import first_night

    folder = tmp_path_factory.mktemp("morning")
    (folder / "exchange").mkdir()
    with (
        django_db_blocker.unblock(),
        override_settings(
            EXCHANGE_ROOT=folder / "exchange", UPLOAD_ROOT=folder / "uploads", ALLOWED_HOSTS=["localhost"]
        ),
        everywhere("the demo and its tests"),
        patch("people.console_admin.ConsoleAdmin.list_per_page", ROWS),
        patch("cstf_site.console.of_rows.PER_PAGE", ROWS),
    ):
        first_night(folder, SIZES)
        server = LiveServer("localhost")
        try:
            yield server
        finally:
            server.stop()
            call_command("flush", verbosity=0, interactive=False, stdout=StringIO())


@pytest.fixture
def transactional_db(morning: LiveServer) -> None:
    """In the place of pytest-django's, which would empty the database after each test: these share what was loaded."""


@pytest.fixture(scope="package")
def visits(chromium: Browser, morning: LiveServer) -> Iterator[Visit]:
    """Somebody's own browser, by the name of their account: one each, whatever test they are asked for in."""
    visitors: dict[str, Visitor] = {}

    def visit(name: str) -> Visitor:
        if name not in visitors:
            visitors[name] = Visitor(_page(chromium, morning, name), name)
        return visitors[name]

    yield visit
    for visitor in visitors.values():
        visitor.page.context.close()


@pytest.fixture
def visit(transactional_db: None, visits: Visit) -> Iterator[Visit]:
    """As ``visits``; whatever a page had to complain of in the test fails it."""
    met: dict[str, Visitor] = {}

    def come(name: str) -> Visitor:
        met[name] = visits(name)
        met[name].troubles.clear()
        return met[name]

    yield come
    assert not [trouble for visitor in met.values() for trouble in visitor.troubles]


def _page(chromium: Browser, server: LiveServer, name: str) -> Page:
    from django.contrib.auth.models import User

    context = chromium.new_context(base_url=server.url, locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    context.add_init_script(WATCH)
    session = _session(User.objects.get(username=name))
    context.add_cookies([{"name": "sessionid", "value": session, "url": server.url}])
    return context.new_page()


def _session(user: User) -> str:
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value

"""One data set for a module of the walk; what a test changes is undone after it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # no settings yet, where this is read first
    from pytest_django.plugin import DjangoDbBlocker

    from tests.walk.world import World


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whoever asks for a role walks as each; as those of its module's ``WALKS_AS``, where it has its own."""
    from tests.walk.walker import ROLES

    if "role" in metafunc.fixturenames:
        metafunc.parametrize("role", getattr(metafunc.module, "WALKS_AS", ROLES))


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    from django.db import transaction

    from people.tenancy import everywhere
    from tests.walk.world import build_world

    with django_db_blocker.unblock(), transaction.atomic():
        with everywhere("the walk's own rows"):
            world = build_world()
        yield world
        transaction.set_rollback(True)


@pytest.fixture
def world(built: World, db: None) -> Iterator[World]:
    """Inside the module's transaction, and a part of it that is undone. Thousands of refusals are not logged."""
    logging.disable(logging.CRITICAL)
    yield built
    logging.disable(logging.NOTSET)


@pytest.fixture(autouse=True)
def unharmed(world: World) -> Iterator[None]:
    """Whatever is done in the test, the other organisation's rows are afterwards what they were."""
    from django.db import connection

    from tests.walk.writes import Writes

    writes = Writes()
    with connection.execute_wrapper(writes):
        yield
    if writes.seen:
        assert world.theirs.state() == world.before

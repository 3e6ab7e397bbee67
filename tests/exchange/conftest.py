"""The world that these tests share; every test gets a fresh one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_django import Settings

if TYPE_CHECKING:
    from tests.exchange.world import World


@pytest.fixture
def world(
    exchange_root: Path,
    tmp_path: Path,
    transactional_db: None,
    settings: Settings,
    request: pytest.FixtureRequest,
) -> World:
    # Models cannot be imported while pytest reads this file: settings come after.
    from tests.exchange.snapshot import from_snapshot
    from tests.exchange.world import EVERYBODY, SETUP, World

    # A dozen people: one who changes would be a mass accident.
    settings.GUARD_CHANGED_SHARE = settings.GUARD_DELETED_SHARE = 1.0
    work = tmp_path / "work"
    work.mkdir()
    made = World(exchange_root, work)

    def make() -> None:
        request.getfixturevalue("committed_db")
        made.set_up(SETUP, EVERYBODY)

    from_snapshot(make)
    return made

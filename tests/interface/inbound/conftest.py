"""What the inbound tests share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_django import Settings

if TYPE_CHECKING:
    from tests.interface.inbound.desk import Desk


@pytest.fixture
def desk(db: None, exchange_root: Path, settings: Settings) -> Desk:
    # Models cannot be imported while pytest reads this file: settings come after.
    from tests.interface.inbound.desk import Desk

    # Two people: one who changes would be a mass accident.
    settings.GUARD_CHANGED_SHARE = settings.GUARD_DELETED_SHARE = 1.0
    return Desk()

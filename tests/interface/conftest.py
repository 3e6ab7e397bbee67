"""What the tests of the nightly run share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_django import Settings

if TYPE_CHECKING:
    from interface.models import Connection


@pytest.fixture
def three_connections(db: None, exchange_root: Path, settings: Settings) -> list[Connection]:
    """Three organisations, one connection and one employee each."""
    # Models cannot be imported while pytest reads this file: settings come after.
    from people.tenancy import everywhere
    from tests.interface.outbound.staff import Staff

    with everywhere("a fixture, for tests that enter their scopes themselves too"):
        staffs = [Staff(vpd) for vpd in ("277", "278", "279")]
        for staff in staffs:
            staff.employee("40001")
    return [staff.connection for staff in staffs]

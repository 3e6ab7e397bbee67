"""What the outbound tests share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.interface.outbound.staff import Staff


@pytest.fixture
def staff(db: None, exchange_root: Path) -> Staff:
    # Models cannot be imported while pytest reads this file: settings come after.
    from tests.interface.outbound.staff import Staff

    return Staff()


@pytest.fixture
def committed_staff(committed_db: None, exchange_root: Path) -> Staff:
    """For tests with threads: they see what is committed and nothing else."""
    from tests.interface.outbound.staff import Staff

    return Staff()

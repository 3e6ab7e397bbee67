"""A trust with a little of everything, and people who may upload some of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_django import Settings

if TYPE_CHECKING:  # not before Django has its settings
    from tests.interface.by_hand.desk import Desk


@pytest.fixture
def upload_root(tmp_path: Path, settings: Settings) -> Path:
    """A private folder of the test's own."""
    settings.UPLOAD_ROOT = tmp_path / "uploads"
    return tmp_path / "uploads"


@pytest.fixture
def desk(db: None, upload_root: Path) -> Desk:
    """See ``Desk``."""
    from tests.interface.by_hand.desk import Desk

    return Desk()

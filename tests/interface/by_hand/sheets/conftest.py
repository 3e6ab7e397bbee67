"""Workbooks lay aside what they are made of: here, in a folder of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings


@pytest.fixture(scope="module", autouse=True)
def aside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """For property tests too, which take no fixture of an example's own."""
    folder = tmp_path_factory.mktemp("uploads")
    with override_settings(UPLOAD_ROOT=folder):
        yield folder
    assert not list(folder.iterdir())

"""Two organisations, and GO files read into them through the real command."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from tests.interface.extract.extracts import MONDAY, Answer, Read, Refusal, extract, read_go

if TYPE_CHECKING:
    # pytest imports this file before Django has its settings.
    from people.models import Organisation


@pytest.fixture(autouse=True)
def held_root(tmp_path: Path, settings: Settings) -> None:
    """What is held lies in a folder of the test's own."""
    settings.UPLOAD_ROOT = tmp_path / "uploads"


@pytest.fixture
def northmoor(db: None) -> "Organisation":
    from people.models import Organisation

    return Organisation.objects.create(vpd="901", name="Northmoor")


@pytest.fixture
def southmoor(db: None) -> "Organisation":
    from people.models import Organisation

    return Organisation.objects.create(vpd="902", name="Southmoor")


@pytest.fixture
def read(tmp_path: Path, northmoor: "Organisation") -> Read:
    """``read(line, line, created=TUESDAY)``: one file of these lines, through the command."""

    def run(*lines: str, created: str = MONDAY, vpd: str = "901", **options: Any) -> Answer:
        path = tmp_path / "GO.DAT"
        path.write_text(extract(*lines, created=created, vpd=vpd), encoding="iso-8859-1")
        return Answer(read_go(path, **options)["loaded"][0])

    return run


@pytest.fixture
def refusal(tmp_path: Path) -> Refusal:
    """The reason, on stderr, why a file of these bytes is not loaded."""

    def run(content: bytes, **options: Any) -> str:
        path = tmp_path / "GO.DAT"
        path.write_bytes(content)
        with pytest.raises(CommandError) as caught:
            call_command("read_go", path, stdout=io.StringIO(), **options)
        assert caught.value.returncode == 1
        return str(caught.value)

    return run

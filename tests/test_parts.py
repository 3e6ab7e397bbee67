"""A part that a machine lacks is named at the end, and a failure where everything is required."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

TESTS = """
import pytest

@pytest.mark.requires("chromium")
def test_in_a_browser(): ...

@pytest.mark.requires("postgresql")
def test_row_level_security(): ...

def test_plain(): ...
"""
PLUGIN = """
from tests.parts import PARTS
PARTS.update({parts})
"""


def run(folder: Path, *arguments: str, missing: tuple[str, ...], require_all: str = "") -> tuple[int, str]:
    """Run three tests in a suite of their own, on a machine that lacks some parts and has the others."""
    (folder / "test_it.py").write_text(TESTS)
    parts = ", ".join(f"{name}=lambda: {name not in missing}" for name in ("chromium", "postgresql", "sshd"))
    plugin = PLUGIN.format(parts=parts)
    if "postgresql" in missing:
        plugin += "import tests.conftest\ntests.conftest.find_binaries = lambda: None\n"
    (folder / "machine.py").write_text(plugin)
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [
            *[sys.executable, "-m", "pytest", "-p", "machine", "-p", "tests.conftest"],
            *["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder), "-p", "no:cacheprovider"],
            *[*arguments, str(folder / "test_it.py")],
        ],
        env={**environment, "REQUIRE_ALL": require_all, "PYTHONPATH": f"{folder}:{ROOT}"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    code, output = run(tmp_path, missing=("chromium", "postgresql"))
    assert code == 0, output
    assert "Not run here, chromium is not installed: 1 test" in output
    assert "Not run here, postgresql is not installed: 1 test" in output
    assert "1 passed, 2 skipped" in output


def test_a_missing_part_fails_where_all_are_required(tmp_path: Path) -> None:
    code, output = run(tmp_path, missing=("chromium",), require_all="1")
    assert code == 1
    assert "REQUIRE_ALL is set and chromium is not installed" in output


@pytest.mark.parametrize(("require_all", "expected"), [("", 0), ("1", 1)])
def test_the_second_pass_without_a_server(tmp_path: Path, require_all: str, expected: int) -> None:
    code, output = run(
        tmp_path, "--database=postgresql", missing=("postgresql", "sshd"), require_all=require_all
    )
    assert code == expected
    assert "Parts not run here, because they are not installed: postgresql, sshd" in output


def test_what_needs_postgresql_waits_for_the_second_pass(tmp_path: Path) -> None:
    code, output = run(tmp_path, missing=())
    assert code == 0, output
    assert "2 passed, 1 deselected" in output
    assert "Not run here" not in output


def test_an_unknown_part_is_a_mistake(tmp_path: Path) -> None:
    lines = ["import pytest", "def pytest_itemcollected(item):"]
    lines.append("    item.add_marker(pytest.mark.requires('abacus'))")
    (tmp_path / "conftest.py").write_text("\n".join(lines))
    code, output = run(tmp_path, missing=())
    assert code == 4
    assert "abacus" in output

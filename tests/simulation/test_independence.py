"""The simulation proves something only as long as it shares no code with the product."""

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
OWN = "tests.simulation"
STANDARD = {
    "calendar", "collections", "collections.abc", "dataclasses", "datetime", "hashlib", "pathlib", "random", "re",
}  # fmt: skip


@pytest.mark.parametrize("module", ["wire.py", "lms.py", "picture.py", "learning.py", "esr.py"])
def test_the_other_ends_import_the_standard_library_and_each_other(module: str) -> None:
    found = set()
    for node in ast.walk(ast.parse((HERE / module).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            found.add(node.module or "")
        elif isinstance(node, ast.Name):
            assert node.id not in {"__import__", "importlib", "exec", "eval"}
    assert {name for name in found if name != OWN and not name.startswith(f"{OWN}.")} <= STANDARD

"""The house rules that a machine can hold: the import direction, the pure rooms, the pinned dependencies."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent

# people ← login ← roles ← competencies ← iat; interface sees them all; only cstf_site sees interface and iat.
MAY_IMPORT: dict[str, set[str]] = {
    "people": set(),
    "login": {"people"},
    "roles": {"people", "login"},
    "competencies": {"people", "roles"},
    "iat": {"people", "roles", "competencies"},
    "interface": {"people", "roles", "competencies", "iat"},
    "cstf_site": {"people", "login", "roles", "competencies", "iat", "interface"},
}
# No ORM, no clock, no settings: values in, values out.
PURE = (
    "interface/formats",
    "interface/decision",
    "competencies/naming.py",
    "competencies/validity.py",
    "competencies/acceptance.py",
)


def modules_under(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    yield from sorted(path.rglob("*.py"))


def imports_of(path: Path) -> set[str]:
    """Dotted names that a module imports, wherever in it, relative ones resolved."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"), filename=str(path))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            source = ".".join(part for part in (above, node.module or "") if part)
            found.update(f"{source}.{alias.name}" for alias in node.names)
    return found


@pytest.mark.parametrize("app", [app for app in MAY_IMPORT if (ROOT / app).is_dir()])
def test_imports_point_one_way(app: str) -> None:
    forbidden = MAY_IMPORT.keys() - MAY_IMPORT[app] - {app}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules_under(ROOT / app)
        for name in sorted(imports_of(path))
        if name.split(".")[0] in forbidden | {"tests", "bench"}
    ]
    assert not wrong


def test_the_direction_is_read_from_every_kind_of_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    module = tmp_path / "people" / "models" / "person.py"
    module.parent.mkdir(parents=True)
    module.write_text(
        "import interface.scope\ndef f():\n    from iat import actions\n    from .. import dates\n"
    )
    assert imports_of(module) == {"interface.scope", "iat.actions", "people.dates"}


@pytest.mark.parametrize("room", [room for room in PURE if (ROOT / room).exists()])
def test_pure_rooms_know_neither_django_nor_models(room: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules_under(ROOT / room)
        for name in sorted(imports_of(path))
        if name.split(".")[0] in {"django", "os", "pathlib"} or ".models" in name
    ]
    assert not wrong


@pytest.mark.skipif(not (ROOT / "tests/simulation").is_dir(), reason="there is no simulated LMS yet")
def test_the_simulated_lms_knows_the_wire_format_alone() -> None:
    wrong = [
        f"{path.name} imports {name}"
        for path in modules_under(ROOT / "tests/simulation")
        if not path.name.startswith(("test_", "conftest"))
        for name in imports_of(path)
        if name.split(".")[0] in MAY_IMPORT or name.split(".")[0] == "django"
    ]
    assert not wrong


# --- Dependencies -----------------------------------------------------------------------------------

PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", flags=re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    return dict(PIN.findall((ROOT / name).read_text("utf-8")))


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_dependency_is_pinned_and_hashed_and_no_index_is_named(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*-", text, flags=re.MULTILINE) or set(
        re.findall(r"^\s*(--?[a-z-]+)", text, flags=re.MULTILINE)
    ) == {"--hash"}
    entries = re.split(r"\n(?=\S)", text.strip())
    unhashed = [entry for entry in entries if not entry.startswith("#") and "--hash=sha256:" not in entry]
    assert not unhashed


def test_the_pins_are_those_of_the_project_file() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = {re.split(r"[\[<>=~ ]", wanted)[0] for wanted in project["dependencies"]}
    dev = {re.split(r"[\[<>=~ ]", wanted)[0] for wanted in project["optional-dependencies"]["dev"]}
    run_pins, dev_pins = pins("requirements.txt"), pins("requirements-dev.txt")
    assert names <= run_pins.keys()
    assert dev <= dev_pins.keys()
    assert run_pins.items() <= dev_pins.items()


@pytest.mark.django_db
def test_every_model_has_its_migrations() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)

"""One test suite, two databases: `--database` chooses, before Django reads its settings.

Tests never read somebody's `.env` or settings exported in a shell: the environment is made here.
"""

import importlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker, Settings

from tests.parts import PARTS, all_required, missing_parts
from tests.postgres import OWNER, Cluster, create_database, drop_database, find_binaries

ROOT = Path(__file__).resolve().parent.parent
POSTGRESQL = "postgresql"

workplace_key = pytest.StashKey["tempfile.TemporaryDirectory[str]"]()
cluster_key = pytest.StashKey[Cluster]()
missed_key = pytest.StashKey["Counter[str]"]()


# --- The run ----------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=["sqlite", POSTGRESQL],
        default="sqlite",
        help="which database the whole suite runs on",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.stash[missed_key] = Counter()
    # A worker of pytest-xdist inherits what its parent made.
    if not hasattr(config, "workerinput"):
        if "DJANGO_SETTINGS_MODULE" in os.environ:
            # pytest-django has read the settings by now, with whatever database they named.
            raise pytest.UsageError("DJANGO_SETTINGS_MODULE is set in this shell; unset it to run the tests.")
        # Ended by a time limit, the run still cleans up after itself: as if Ctrl-C had been pressed.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        workplace = tempfile.TemporaryDirectory(prefix="cstf-tests-")
        config.stash[workplace_key] = workplace
        _make_environment(Path(workplace.name))
        if config.getoption("--database") == POSTGRESQL:
            _start_cluster(config)
    _load_settings(Path(os.environ["EXCHANGE_ROOT"]).parent)
    _let_tests_empty_the_audit()


def pytest_unconfigure(config: pytest.Config) -> None:
    if cluster_key in config.stash:
        config.stash[cluster_key].stop()
    if workplace_key in config.stash:
        config.stash[workplace_key].cleanup()


def setting_names() -> list[str]:
    """Every setting that an installation may choose, as `.env.example` lists them."""
    return re.findall(r"^#?([A-Z0-9_]+)=", (ROOT / ".env.example").read_text("utf-8"), flags=re.MULTILINE)


def _make_environment(workplace: Path) -> None:
    for name in setting_names():
        os.environ.pop(name, None)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "cstf_site.settings",
        "ENV_FILE": "",
        "SECRET_KEY": "a-key-for-tests-and-for-nothing-else-at-all",
        "HTTPS": "off",
        # Tests of the log-in switch it on; all others log in without one.
        "REQUIRE_MFA": "off",
        "DATABASE_URL": f"sqlite:///{workplace}/site.sqlite3",
        "EXCHANGE_ROOT": str(workplace / "exchange"),
    }


def _start_cluster(config: pytest.Config) -> None:
    binaries = find_binaries()
    if binaries is None:
        named = "Parts not run here, because they are not installed: " + ", ".join(missing_parts())
        pytest.exit(named, returncode=int(all_required()))
    cluster = Cluster(binaries)
    cluster.start()
    config.stash[cluster_key] = cluster
    os.environ["DATABASE_URL"] = cluster.url()
    os.environ["DATABASE_OWNER_URL"] = cluster.url(OWNER)


def _load_settings(workplace: Path) -> None:
    from django.conf import settings

    if settings.ON_SQLITE:
        # A file, not memory: what holds in production (WAL, locks between connections) holds here.
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(workplace / "test.sqlite3")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    # Nothing was collected for a test: pages name static files, and nobody fetches them.
    settings.WHITENOISE_AUTOREFRESH = True


def _let_tests_empty_the_audit() -> None:
    """Emptying the database after a test is the one thing that may delete audit events: their guard is down for it."""
    importlib.import_module("django.db.models")  # alone, the next module would import itself
    from django.db.backends.base.operations import BaseDatabaseOperations

    from people.audit.append_only import EMPTIED, SQLITE, UNGUARD

    empty = BaseDatabaseOperations.execute_sql_flush
    trigger = "ALTER TABLE {0} {1} TRIGGER {0}_is_never_emptied"
    around = {
        "sqlite": (UNGUARD["sqlite"], SQLITE),
        "postgresql": [[trigger.format(one, word) for one in EMPTIED] for word in ("DISABLE", "ENABLE")],
    }

    def execute_sql_flush(self: BaseDatabaseOperations, sql_list: Iterable[str]) -> None:
        down, up = around[self.connection.vendor]
        empty(self, [*down, *sql_list, *up])

    BaseDatabaseOperations.execute_sql_flush = execute_sql_flush  # type: ignore[method-assign]  # for the whole run


# --- Parts that are missing -------------------------------------------------------------------------


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    missing = missing_parts()
    on_postgresql = config.getoption("--database") == POSTGRESQL
    other_pass = POSTGRESQL not in missing and not on_postgresql
    kept: list[pytest.Item] = []
    elsewhere: list[pytest.Item] = []
    for item in items:
        needs = _needs(item)
        once = on_postgresql and POSTGRESQL not in needs and _is_the_same_everywhere(item)
        if once or (POSTGRESQL in needs and other_pass):
            elsewhere.append(item)  # the other pass runs it
            continue
        kept.append(item)
        for part in sorted(needs.intersection(missing)):
            config.stash[missed_key][part] += 1
            if not all_required():
                item.add_marker(pytest.mark.skip(reason=f"{part} is not installed"))
    items[:] = kept
    if elsewhere:
        config.hook.pytest_deselected(items=elsewhere)


# What a test asks for that has to do with the database; others ask for one of these.
_OF_DATABASES = {"db", "transactional_db", "django_db_setup", "fresh_database_url", "places"}


def _is_the_same_everywhere(item: pytest.Item) -> bool:
    """Whether a test says so, or has no database at all: it runs in the first pass alone."""
    if item.get_closest_marker("once") is not None:
        return True
    has_database = item.get_closest_marker("django_db") or not _OF_DATABASES.isdisjoint(
        getattr(item, "fixturenames", _OF_DATABASES)
    )
    return not has_database


def _needs(item: pytest.Item) -> set[str]:
    needs = {str(part) for marker in item.iter_markers("requires") for part in marker.args}
    if unknown := needs - PARTS.keys():
        raise pytest.UsageError(f"{item.nodeid} requires {unknown}; tests/parts.py knows {sorted(PARTS)}")
    return needs


def pytest_runtest_setup(item: pytest.Item) -> None:
    absent = sorted(_needs(item).intersection(missing_parts())) if all_required() else []
    if absent:
        pytest.fail(f"REQUIRE_ALL is set and {', '.join(absent)} is not installed", pytrace=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    missed = config.stash[missed_key]
    if POSTGRESQL in missing_parts() and POSTGRESQL not in missed:
        missed[POSTGRESQL] = 0
    for part, count in sorted(missed.items()):
        tests = f"{count} tests" if count else "the second pass of the suite"
        terminalreporter.write_line(f"Not run here, {part} is not installed: {tests}", yellow=True)


# --- What tests share -------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def everywhere_unless_scoped(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests see every organisation, except those marked ``scoped``, which are about who sees what."""
    if request.node.get_closest_marker("scoped"):
        yield
        return
    from people.tenancy import everywhere

    with everywhere("tests look at what the product did"):
        yield


@pytest.fixture
def owner_of_tables(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The whole test as the owner of the tables, for what the application's role cannot do. Asked for before ``db``."""
    from people.postgresql.owner import as_owner

    with django_db_blocker.unblock(), as_owner():
        yield


@pytest.fixture(scope="session", autouse=True)
def catalogue_after_every_flush() -> None:
    """A test whose commits are real has its database emptied after it; what the migrations load stands there again.

    Whichever test comes next: on one worker of several, that need not be another of the same kind.
    """
    from django.apps import apps
    from django.db.models.signals import post_migrate

    catalogue = importlib.import_module("competencies.migrations.0002_cstf_catalogue")

    def load(**kwargs: object) -> None:
        catalogue.load(apps, None)

    post_migrate.connect(load, sender=apps.get_app_config("competencies"), weak=False)


@pytest.fixture
def committed_db(transactional_db: None) -> None:
    """A database whose commits are real, as the migrations leave it."""


@pytest.fixture
def exchange_root(tmp_path: Path, settings: Settings) -> Path:
    """An exchange folder of the test's own."""
    root = tmp_path / "exchange"
    root.mkdir()
    settings.EXCHANGE_ROOT = root
    return root


@pytest.fixture
def fresh_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """DATABASE_URL of an empty database of this run's kind, for child processes."""
    if request.config.getoption("--database") != POSTGRESQL:
        yield f"sqlite:///{tmp_path}/fresh.sqlite3"
        return
    owner = os.environ["DATABASE_OWNER_URL"]
    name = f"fresh_{uuid.uuid4().hex[:12]}"
    create_database(name, by_way_of=owner)
    yield os.environ["DATABASE_URL"].replace("/cstf?", f"/{name}?")
    drop_database(name, by_way_of=owner)


@dataclass(frozen=True)
class Installation:
    """A whole installation of its own, used through its command line alone."""

    environment: dict[str, str]
    exchange_root: Path

    def command(self, *arguments: str) -> list[str]:
        """What to start, for tests that want the process itself."""
        return [sys.executable, str(ROOT / "manage.py"), *arguments]

    def manage(self, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        """Run one command to its end, with some settings changed."""
        return subprocess.run(
            self.command(*arguments),
            env={**self.environment, **settings},
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=300,
            check=False,
        )


@pytest.fixture
def installation(fresh_database_url: str, tmp_path: Path) -> Installation:
    """Not migrated yet: `installation.manage("migrate")` where a test needs tables."""
    root = tmp_path / "exchange"
    environment = {**os.environ, "DATABASE_URL": fresh_database_url, "EXCHANGE_ROOT": str(root)}
    return Installation(environment, root)

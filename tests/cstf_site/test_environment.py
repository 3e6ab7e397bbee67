"""Nonsense in a setting: one sentence that names it, no traceback, and nothing starts."""

import datetime as dt
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from cstf_site import environment as env
from tests.conftest import ROOT, Installation, setting_names

NONSENSE = {
    "DEBUG": "maybe",
    "DATABASE_OWNER_URL": "mysql://owner:hunter2@localhost/cstf",
    "DATABASE_URL": "mysql://cstf:hunter2@localhost/cstf",
    "SECRET_KEY": "too-short",
    "ALLOWED_HOSTS": "https://cstf.example.org/",
    "CSRF_TRUSTED_ORIGINS": "cstf.example.org",
    "HTTPS": "perhaps",
    "BEHIND_PROXY": "2",
    "EMAIL_URL": "pigeon://loft",
    "LOG_LEVEL": "LOUD",
    "REQUIRE_MFA": "sometimes",
    "SESSION_IDLE_MINUTES": "0",
    "SESSION_HOURS": "all day",
    "LOGIN_FAILURES": "1",
    "LOCKOUT_MINUTES": "forever",
    "OIDC_NAME": "x" * 41,
    "OIDC_ISSUER": "http://login.example.org",
    "OIDC_CLIENT_ID": "two words",
    "OIDC_CLIENT_SECRET": "hunter2 hunter2",
    "OIDC_ACCOUNT_CLAIM": "preferred username",
    "OIDC_ACCOUNT_FIELD": "telephone",
    "OIDC_IS_SECOND_FACTOR": "mostly",
    "CIS2_NAME": "two\nlines",
    "CIS2_ISSUER": "login.example.org",
    "CIS2_CLIENT_ID": "two words",
    "CIS2_KEY_FILE": str(ROOT),
    "CIS2_KEY_ID": "x" * 192,
    "CIS2_KEY_ALGORITHM": "HS256",
    "CIS2_ACR_VALUES": "AAL3 AAL2",
    "CIS2_SCOPES": "openid profile",
    "CIS2_ACCOUNT_CLAIM": "two words",
    "CIS2_ACCOUNT_FIELD": "telephone",
    "CIS2_IS_SECOND_FACTOR": "mostly",
    "EXCHANGE_ROOT": str(ROOT / "manage.py"),
    "UPLOAD_ROOT": str(ROOT / "manage.py"),
    "UPLOAD_MAX_BYTES": "20M",
    "UPLOAD_MAX_UNPACKED_BYTES": "1",
    "UPLOAD_MAX_ROWS": "all",
    "UPLOAD_BACKGROUND_ROWS": "-1",
    "UPLOAD_KEEP_HOURS": "0",
    "EXPORT_BACKGROUND_ROWS": "-1",
    "EXPORT_MAX_ROWS": "0",
    "NIGHTLY_TIME": "01:30",
    "INBOUND_MAX_BYTES": "512M",
    "LEAVER_RETENTION_DAYS": "-1",
    "GUARD_CHANGED_SHARE": "30",
    "GUARD_DELETED_SHARE": "nan",
    "GUARD_MINIMUM_PEOPLE": "0",
    "INBOUND_BATCH_LINES": "0",
    "RUN_LEASE_SECONDS": "1e3",
    "RUN_MAX_ATTEMPTS": "0",
    "FILE_MAX_ATTEMPTS": "٣",
    "CONSOLE_STATEMENT_SECONDS": "half a minute",
    "WORKERS": "many",
    "TASK_TIMEOUT_SECONDS": "1",
}


def test_every_setting_is_listed_and_tried() -> None:
    read = re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', (ROOT / "cstf_site/settings.py").read_text("utf-8"))
    assert sorted(read) == sorted(setting_names()) == sorted(NONSENSE)


def settings_under(**settings: str) -> "subprocess.CompletedProcess[str]":
    """Read the settings in a process of their own, as every start does."""
    code = "import cstf_site.settings as s; print(s.NIGHTLY_TIME, s.EXCHANGE_ROOT, s.DEBUG)"
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **settings},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_refused_with_a_sentence_that_names_the_setting(name: str) -> None:
    answer = settings_under(**{name: NONSENSE[name]}).stderr.splitlines()[-1]
    assert re.fullmatch(rf".*ImproperlyConfigured: {name} must be .+\.", answer)
    assert "hunter2" not in answer


def test_the_command_line_says_the_sentence_and_nothing_else(installation: Installation) -> None:
    done = installation.manage("check", NIGHTLY_TIME="02:59")
    assert done.returncode == 1
    assert done.stdout == ""
    wants = "a London time outside 01:00–02:59, which a clock change runs twice or never"
    assert done.stderr == f"NIGHTLY_TIME must be {wants}, not '02:59'.\n"


def test_the_web_server_stops_with_the_sentence(installation: Installation) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "cstf_site.wsgi",
            "--bind",
            f"unix:{installation.exchange_root}.sock",
        ],
        env={**installation.environment, "LOG_LEVEL": "LOUD"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3
    assert "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL, not 'LOUD'." in done.stderr
    assert "Traceback" not in done.stderr


# --- Where settings come from -----------------------------------------------------------------------


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "settings"
    file.write_text("# a comment\n\nNIGHTLY_TIME=22:15\nLOG_LEVEL=error\nEXCHANGE_ROOT=/never\n")
    root = str(tmp_path / "root")
    done = settings_under(ENV_FILE=str(file), EXCHANGE_ROOT=root)
    assert done.stdout == f"22:15:00 {root} False\n", done.stderr


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"DEBUG=off\nNIGHTLY TIME\n", "settings line 2 must read NAME=value or start with #."),
        (b"DEBUG=\xff\n", "settings must be a readable UTF-8 file"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "settings").write_bytes(content)
    assert sentence in settings_under(ENV_FILE=str(tmp_path / "settings")).stderr


def test_a_missing_file_that_was_asked_for_is_named() -> None:
    assert "ENV_FILE must be the path of a file" in settings_under(ENV_FILE="/no/such/file").stderr


# --- Single kinds -----------------------------------------------------------------------------------


@given(value=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_any_text_gives_a_value_or_a_sentence(value: str) -> None:
    readers: list[Callable[[], object]] = [
        lambda: env.flag("X", default=True),
        lambda: env.whole("X", 1, least=0, most=10),
        lambda: env.share("X", 0.5),
        lambda: env.hosts("X", []),
        lambda: env.origins("X"),
        lambda: env.night_time("X", "21:30"),
        lambda: env.database("X", Path("unused"), base=ROOT),
        lambda: env.database_owner("X"),
        lambda: env.email("X", "consolemail://"),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("X", value)
        for read in readers:
            try:
                read()
            except ImproperlyConfigured as refusal:
                assert str(refusal).startswith("X must be ")  # noqa: PT017  (a value that is fine is fine too)


@pytest.mark.parametrize(
    ("value", "time"),
    [("00:59", dt.time(0, 59)), ("03:00", dt.time(3, 0)), ("21:30", dt.time(21, 30)), ("", dt.time(20, 0))],
)
def test_times_outside_the_clock_change_are_taken(
    monkeypatch: pytest.MonkeyPatch, value: str, time: dt.time
) -> None:
    monkeypatch.setenv("NIGHTLY_TIME", value)
    assert env.night_time("NIGHTLY_TIME", "20:00") == time


@pytest.mark.parametrize("value", ["01:00", "02:59", "24:00", "9pm", "21:30:15"])
def test_other_times_are_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("NIGHTLY_TIME", value)
    with pytest.raises(ImproperlyConfigured, match=r"^NIGHTLY_TIME must be a London time"):
        env.night_time("NIGHTLY_TIME", "21:30")


@pytest.mark.parametrize(
    "value",
    [
        "sqlite://",
        "sqlite:///",
        "sqlite://:memory:",
        "sqlite:////no/such/folder/x.sqlite3",
        "postgresql://",
        "postgresql://host:port/name",
        "postgresql://host",
        "/var/lib/cstf.sqlite3",
    ],
)
def test_a_database_that_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("DATABASE_URL", value)
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL must be sqlite:///PATH or postgresql"):
        env.database("DATABASE_URL", Path("unused"), base=ROOT)


def test_a_postgresql_address_is_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://cstf:p%40ss@db.example.org:5433/trust?sslmode=require")
    found = env.database("DATABASE_URL", Path("unused"), base=ROOT)
    named = {key: found[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")}
    assert named == {
        "NAME": "trust",
        "USER": "cstf",
        "PASSWORD": "p@ss",
        "HOST": "db.example.org",
        "PORT": 5433,
        "OPTIONS": {"sslmode": "require"},
    }


def test_the_owner_of_the_tables_logs_in_by_an_address_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)
    assert env.database_owner("DATABASE_OWNER_URL") == {}
    monkeypatch.setenv(
        "DATABASE_OWNER_URL", "postgresql://owner:p%40ss@db.example.org/ignored?sslmode=require"
    )
    assert env.database_owner("DATABASE_OWNER_URL") == {
        "USER": "owner",
        "PASSWORD": "p@ss",
        "HOST": "db.example.org",
        "PORT": "",
        "OPTIONS": {"sslmode": "require"},
    }


@pytest.mark.parametrize(
    "value", ["sqlite:///owner.sqlite3", "postgresql://host", "postgresql://host:port/name"]
)
def test_an_owner_that_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("DATABASE_OWNER_URL", value)
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_OWNER_URL must be postgresql://USER"):
        env.database_owner("DATABASE_OWNER_URL")


# --- The key ----------------------------------------------------------------------------------------


def test_a_key_is_made_once_and_kept_for_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY")
    kept = tmp_path / "var" / "secret_key"
    first = env.secret_key("SECRET_KEY", debug=False, kept_in=kept)
    assert first == env.secret_key("SECRET_KEY", debug=False, kept_in=kept)
    assert len(first) >= 50
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert list(kept.parent.iterdir()) == [kept]


def test_the_loser_of_two_first_starts_takes_the_winners_key(tmp_path: Path) -> None:
    kept = tmp_path / "secret_key"
    kept.write_text("the winner's")
    env._keep(kept, "the loser's")
    assert kept.read_text() == "the winner's"
    assert list(tmp_path.iterdir()) == [kept]


def test_with_postgresql_the_key_has_to_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY")
    with pytest.raises(ImproperlyConfigured, match=r"^SECRET_KEY must be set"):
        env.secret_key("SECRET_KEY", debug=False, kept_in=None)
    assert env.secret_key("SECRET_KEY", debug=True, kept_in=None)


def test_a_host_that_is_everybody_s_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "cstf.example.org,*")
    with pytest.raises(ImproperlyConfigured, match="X must be host names one by one"):
        env.hosts("X", [])

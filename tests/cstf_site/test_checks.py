"""Each check speaks when its rule is broken, and is silent when it is not."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from cstf_site import checks


def ids(*, deploy: bool = False) -> set[str]:
    messages = run_checks(include_deployment_checks=deploy)
    return {message.id for message in messages if message.id and message.id.startswith("cstf.")}


def test_the_settings_as_shipped_pass(exchange_root: Path) -> None:
    assert ids(deploy=True) == set()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"timeout": None}, "cstf.E001"),
        ({"retry": 1800}, "cstf.E001"),
        ({"max_attempts": 0}, "cstf.E002"),
        ({"catch_up": True}, "cstf.E003"),
    ],
)
def test_a_queue_that_would_break_a_promise(
    settings: Settings, change: dict[str, Any], expected: str
) -> None:
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, **change}
    assert ids() == {expected}


@pytest.mark.parametrize(("most", "expected"), [(4, set()), (5, {"cstf.E007"})])
def test_a_file_that_may_take_all_of_the_night_s_attempts(
    settings: Settings, most: int, expected: set[str]
) -> None:
    settings.FILE_MAX_ATTEMPTS = most
    assert ids() == expected


def test_a_lease_that_outlasts_the_queues_patience(settings: Settings) -> None:
    settings.RUN_LEASE_SECONDS = settings.Q_CLUSTER["retry"]
    assert ids() == {"cstf.E004"}


def test_an_old_sqlite(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ON_SQLITE = True
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    assert [message.id for message in checks.sqlite_version(None)] == ["cstf.E005"]


def test_an_exchange_root_below_a_file(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings.EXCHANGE_ROOT = tmp_path / "file" / "exchange"
    assert ids(deploy=True) == {"cstf.E006"}
    assert ids() == set()


def test_many_workers_on_sqlite(settings: Settings, exchange_root: Path) -> None:
    settings.ON_SQLITE = True
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "workers": 5}
    assert ids(deploy=True) == {"cstf.W001"}

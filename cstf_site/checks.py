"""System checks: a configuration that would break a promise later is named before anything runs.

The checks of the queue guard against somebody editing `Q_CLUSTER`; single settings are policed where they
are read (`environment.py`). Those that touch the disk run with `check --deploy` alone.
"""

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

# RETURNING and the upsert of many rows, which the bulk writer builds on.
OLDEST_SQLITE = (3, 35, 0)


@register("queue")
def queue(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The queue never starts a task beside itself, for ever, or for nights gone by."""
    found: list[CheckMessage] = []
    timeout = settings.Q_CLUSTER.get("timeout") or 0
    retry = settings.Q_CLUSTER.get("retry") or 0
    if not 0 < timeout < retry:
        hint = "A task that outlasts `retry` is started a second time beside itself."
        found.append(Error("Q_CLUSTER: `timeout` must be set and below `retry`.", hint=hint, id="cstf.E001"))
    if not settings.Q_CLUSTER.get("max_attempts"):
        hint = "Without it a task that always fails comes back for ever."
        found.append(Error("Q_CLUSTER: `max_attempts` must be set.", hint=hint, id="cstf.E002"))
    if settings.Q_CLUSTER.get("catch_up", True):
        hint = "One exchange is due after a standstill, not one for each night missed."
        found.append(Error("Q_CLUSTER: `catch_up` must be off.", hint=hint, id="cstf.E003"))
    if retry <= settings.RUN_LEASE_SECONDS:
        hint = "A task handed out again would find its killed forerunner's lease still held, and do nothing."
        found.append(Error("RUN_LEASE_SECONDS must be below Q_CLUSTER's `retry`.", hint=hint, id="cstf.E004"))
    return found


@register("queue")
def attempts(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A file that fails at every attempt is set aside while the run has attempts left to go on without it."""
    if settings.FILE_MAX_ATTEMPTS < settings.RUN_MAX_ATTEMPTS:
        return []
    hint = "Otherwise one file that always fails takes all of the night's attempts."
    return [Error("FILE_MAX_ATTEMPTS must be below RUN_MAX_ATTEMPTS.", hint=hint, id="cstf.E007")]


@register(Tags.database)
def sqlite_version(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """SQLite, where it is the database, knows the statements that the bulk writer uses."""
    if not settings.ON_SQLITE or sqlite3.sqlite_version_info >= OLDEST_SQLITE:
        return []
    needed = ".".join(map(str, OLDEST_SQLITE))
    return [Error(f"SQLite {sqlite3.sqlite_version} is older than {needed}.", id="cstf.E005")]


@register("exchange", deploy=True)
def exchange_root(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Files can be written where the partners look for them."""
    root = Path(settings.EXCHANGE_ROOT)
    existing = next(folder for folder in (root, *root.parents) if folder.exists())
    if existing.is_dir() and os.access(existing, os.W_OK | os.X_OK):
        return []
    return [Error(f"EXCHANGE_ROOT: {existing} is not a folder that can be written.", id="cstf.E006")]


@register("exchange", deploy=True)
def sqlite_workers(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Many workers on SQLite only wait for one another."""
    workers = settings.Q_CLUSTER.get("workers") or 1
    if not settings.ON_SQLITE or workers <= 4:
        return []
    hint = "SQLite has one writer at a time; PostgreSQL (DATABASE_URL) lets connections run side by side."
    return [Warning(f"WORKERS is {workers} on SQLite.", hint=hint, id="cstf.W001")]

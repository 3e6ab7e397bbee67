"""The process that is killed: runs exchanges in forks of itself, counts their steps, and dies at the one it is told.

Started by test_crash.py, never imported by it. Requests come as JSON lines on stdin, answers go as JSON lines to
stdout. A step is what outlasts the process: a commit, a statement outside a transaction, a file opened for writing,
a flush to disk, a rename, a deletion. The kill points lie before each, so after each too, and at the end.
"""

# ruff: noqa: E402  # Django is set up before its models are imported
import io
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cstf_site.settings")

import django

django.setup()

import time_machine
from django.apps import apps
from django.conf import settings
from django.core.management import call_command, load_command_class
from django.db import connection, models
from django.db.backends.base.base import BaseDatabaseWrapper

from interface.models import InboundFile, OutboundFile
from interface.outbound.packing import unpack
from people.audit.verification import verify
from people.tenancy import everywhere

READS = ("SELECT", "PRAGMA", "SET ", "SHOW", "EXPLAIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


class Steps:
    """Counts kill points, and is killed at the chosen one."""

    def __init__(self, kill_at: int | None) -> None:
        self.kill_at, self.names, self.inside = kill_at, [""], False

    def point(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) - 1 == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, name: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*args: Any, **kwargs: Any) -> Any:
            if self.inside:  # a step within a step is that step's
                return act(*args, **kwargs)
            self.point(f"before {name} {_subject(args)}")
            self.inside = True
            try:
                result = act(*args, **kwargs)
            finally:
                self.inside = False
            if name == "open":  # an empty file; after any other step nothing lasts until the next
                self.point(f"after {name} {_subject(args)}")
            return result

        return stepped

    def install(self) -> None:
        for name in ("replace", "rename", "unlink", "fsync"):
            setattr(os, name, self.around(name, getattr(os, name)))
        opens = self.around("open", io.open)
        io.open = lambda file, mode="r", *args, **kwargs: (
            opens if set(mode) & set("wax+") else io.__dict__["_plain_open"]
        )(file, mode, *args, **kwargs)
        commit = self.around("commit", BaseDatabaseWrapper.commit)

        def committed(self: BaseDatabaseWrapper) -> None:
            commit(self)

        BaseDatabaseWrapper.commit = committed  # type: ignore[method-assign]  # counted from here on
        connection.execute_wrappers.append(self._statement)

    def _statement(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if connection.in_atomic_block or str(sql).lstrip().upper().startswith(READS):
            return execute(sql, params, many, context)
        return self.around("statement", execute)(sql, params, many, context)


def _subject(args: tuple[Any, ...]) -> str:
    return " ".join(Path(one).name if isinstance(one, str | Path) else "" for one in args[:2])[:90]


def use(request: dict[str, Any]) -> None:
    """Work on the request's own database and folder, at the request's moment."""
    connection.close()
    settings.DATABASES["default"]["NAME"] = request["database"]
    connection.settings_dict["NAME"] = request["database"]
    settings.EXCHANGE_ROOT = Path(request["root"])
    settings.INBOUND_BATCH_LINES = request.get("batch", 4)
    settings.GUARD_CHANGED_SHARE = settings.GUARD_DELETED_SHARE = 1.0
    moment = datetime.fromisoformat(request["at"]).replace(tzinfo=UTC)
    time_machine.travel(moment, tick=False).start()


def run(request: dict[str, Any], report: Path) -> None:
    """Commands one after another, as an operator's shell gives them."""
    steps = Steps(request.get("kill_at"))
    if request.get("count"):
        steps.install()
    for command in request["commands"]:
        call_command(*command, stdout=io.StringIO(), stderr=io.StringIO())
    steps.point("at the end")
    done = {"steps": steps.names[1:], "rows": tables()}
    steps.kill_at = None  # the report is no step of the night
    report.write_text(json.dumps(done, default=str))


def _inbound(key: int) -> str:
    return InboundFile.objects.get(pk=key).name


def _sent(records: bytes) -> list[tuple[str, str, int, str]]:
    """The ledger's packed records, each with its file's name."""
    return [
        (
            *key,
            entry.digest,
            OutboundFile.objects.get(pk=entry.file).name if entry.file > 0 else _inbound(-entry.file),
        )
        for key, entry in unpack(records).items()
    ]


# Who held the lease, and how often it was tried, is what a crash may change. So may the keys of rows: the audit names
# them, and hashes what it names; that its chains are sound is asked instead.
MAY_DIFFER = {
    "NightlyRun": {"attempts", "worker"},
    "InboundFile": {"attempts"},
    "AuditEvent": {"record_key", "content_hash", "chain_hash"},
    "AuditHead": {"chain_hash"},
}


@everywhere("the crash test compares everything")
def tables() -> dict[str, list[list[Any]]]:
    """Every row of the apps' tables, keys made comparable: each the rank of its row among the rows' contents."""
    found: dict[str, list[list[Any]]] = {}
    ranks: dict[type[models.Model], dict[Any, int]] = {}
    for model in _ordered():
        skipped = MAY_DIFFER.get(model.__name__, set())
        fields = [f for f in model._meta.concrete_fields if not f.primary_key and f.name not in skipped]
        rows = []
        for row in model._default_manager.values("pk", *[field.attname for field in fields]):
            values = [_comparable(field, row[field.attname], ranks) for field in fields]
            rows.append((json.dumps(values, default=str, sort_keys=True), row["pk"], values))
        rows.sort(key=lambda row: row[0])
        ranks[model] = {key: rank for rank, (_, key, _) in enumerate(rows)}
        found[model._meta.label] = [values for _, _, values in rows]
    found["audit"] = [[chain.events, str(chain.fault)] for chain in verify()]
    return found


def _comparable(field: Any, value: Any, ranks: dict[type[models.Model], dict[Any, int]]) -> Any:
    if isinstance(field, models.BinaryField):
        return _sent(value)
    if value is not None and field.attname == "told_in":
        return _inbound(value)
    if value is not None and field.is_relation and field.related_model in ranks:
        return ranks[field.related_model][value]
    return value


def _ordered() -> list[type[models.Model]]:
    left = [
        model
        for app in ("people", "competencies", "interface")
        for model in apps.get_app_config(app).get_models()
        if not model._meta.proxy
    ]
    ordered: list[type[models.Model]] = []
    while left:
        model = next(
            one
            for one in left
            if not {f.related_model for f in one._meta.concrete_fields if f.is_relation} & {*left} - {one}
        )
        left.remove(model)
        ordered.append(model)
    return ordered


def forked(request: dict[str, Any]) -> dict[str, Any]:
    """Do it in a child, whose death is an answer like any other."""
    report = Path(request["report"])
    report.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            use(request)
            run(request, report)
            connection.close()
            status = 0
        except BaseException:
            report.write_text(json.dumps({"error": traceback.format_exc()}))
        finally:
            os._exit(status)
    _, waited = os.waitpid(child, 0)
    told = json.loads(report.read_text()) if report.exists() else {}
    return {"status": os.waitstatus_to_exitcode(waited), **told}


def main() -> None:
    io.__dict__["_plain_open"] = io.open
    for app, command in [("interface", "exchange"), ("interface", "read_go"), ("cstf_site", "load_setup")]:
        load_command_class(app, command)  # imported here once, not in every fork
    for line in sys.stdin:
        print(json.dumps(forked(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()

"""One measured step in a process of its own: ``python -m bench.step VERB [ARGUMENT]`` prints what it took.

The process is the unit, so that a step's peak memory is its own. Starting Python is not counted in the seconds. Each
verb returns the number of things it did, in the unit that the table names.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    # Models can be imported only after django.setup().
    from interface.models import Connection


def main(verb: str, *arguments: str) -> None:
    """Run one verb and print what it took as one JSON object."""
    django.setup()
    from people.postgresql.owner import as_owner
    from people.tenancy import everywhere

    run = VERBS[verb]
    # Floors make tables and the peer sets a sequence back; all else is done as the application does it.
    with everywhere("the benchmark's own database"), as_owner() if verb in AS_OWNER else nullcontext():
        began, worked = time.perf_counter(), time.process_time()
        count = run(*arguments)
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"count": count, "seconds": seconds, "cpu_seconds": cpu_seconds, "peak_mb": peak}))


def _setup(folder: str) -> int:
    from django.core.management import call_command

    from cstf_site.setup import load_setup

    call_command("migrate", verbosity=0)
    report = load_setup(Path(folder), by="bench")
    if report.problems:
        raise SystemExit("\n".join(report.sentences()))
    return len(report.loaded)


def _read_go(path: str) -> int:
    from interface.extract.actions import load_extract

    with Path(path).open("rb") as file:
        lines = sum(1 for _ in file) - 2
    load_extract(Path(path), by="bench")
    return lines


def _collect() -> int:
    from bench.data import ON
    from interface.inbound.actions import collect

    (file,) = collect(_connection(), on=ON, by="bench")
    if file.state != "answered":
        raise SystemExit(f"{file.name} is {file.state}: {file.message}")
    return file.records


def _send() -> int:
    from bench.data import ON
    from interface.outbound.actions import send_changes

    sending = send_changes(_connection(), on=ON, by="bench")
    return sending.file.records if sending.file else 0


def _connection() -> Connection:
    from interface.models import Connection

    return Connection.objects.select_related("organisation").get()


def _history(records: str) -> int:
    from bench.history import write_history

    return write_history(int(records))


def _floor_copy() -> int:
    from bench.floors import copy_into_bare_table

    return copy_into_bare_table()


def _floor_elements() -> int:
    from bench.floors import elements_into_copy_with_keys

    return elements_into_copy_with_keys()


def _floor_outcomes() -> int:
    from bench.floors import outcomes_into_copy_with_keys

    return outcomes_into_copy_with_keys()


def _peer() -> int:
    from bench.floors import import_export

    return import_export()


VERBS: dict[str, Callable[..., int]] = {
    "setup": _setup,
    "read_go": _read_go,
    "collect": _collect,
    "send": _send,
    "history": _history,
    "floor_copy": _floor_copy,
    "floor_elements": _floor_elements,
    "floor_outcomes": _floor_outcomes,
    "peer": _peer,
}

AS_OWNER = ("floor_copy", "floor_elements", "floor_outcomes", "peer")

if __name__ == "__main__":
    main(*sys.argv[1:])

"""One measured step in a process of its own: ``python -m bench.step VERB [FILE]`` prints seconds and peak memory.

The process is the unit, so that a step's peak memory is its own. Starting Python is not counted in the seconds.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django


def main(verb: str, *arguments: str) -> None:
    """Run one verb and print what it took as one JSON object."""
    django.setup()
    from people.tenancy import everywhere

    with everywhere("the benchmark's own database"):
        run = VERBS[verb]
        began = time.perf_counter()
        run(*arguments)
        seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak}))


def _setup(folder: str) -> None:
    from django.core.management import call_command

    from cstf_site.setup import load_setup

    call_command("migrate", verbosity=0)
    report = load_setup(Path(folder), by="bench")
    assert not report.problems, report.sentences()


def _read_go(path: str) -> None:
    from interface.extract.actions import load_extract

    load_extract(Path(path), by="bench")


def _exchange() -> None:
    from bench.data import ON
    from interface.models import Connection
    from interface.nightly import exchange

    connection = Connection.objects.select_related("organisation").get()
    exchange(connection, on=ON, by="bench", by_hand=True)


def _full_file() -> None:
    from bench.data import ON
    from interface.models import Connection
    from interface.outbound.actions import send_full_file

    connection = Connection.objects.select_related("organisation").get()
    send_full_file(connection, on=ON, by="bench", reason="bench")


VERBS: dict[str, Callable[..., None]] = {
    "setup": _setup,
    "read_go": _read_go,
    "exchange": _exchange,
    "full_file": _full_file,
}

if __name__ == "__main__":
    main(*sys.argv[1:])

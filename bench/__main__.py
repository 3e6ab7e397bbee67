"""``make bench``: figure, target, floor, peer, ratios and peak memory, for SQLite and PostgreSQL.

    python -m bench [--people 30000] [--lines 1000000] [--database sqlite postgresql]
    python -m bench --only pages [--records 1000000]

The console's pages are measured in a database of their own, over years of nights with so many inbound records.
All data are made here, in a temporary folder; PostgreSQL is a throw-away cluster with its durability on.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copyfile
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from bench import data
from bench.data import CODE, VPD, Size
from bench.history import NIGHTS
from bench.pages import Timed
from bench.server import Server
from tests.postgres import OWNER, Cluster, find_binaries

DURABLE = {"shared_buffers": "512MB", "max_wal_size": "4GB", "listen_addresses": "", "max_connections": "20"}

# Promised of each page of the console, on two cores.
PAGE_SECONDS = 0.3
SHOWN_LISTS = 20
# The night that the exchange itself does, before the pages are measured: a tenth of the records.
_LAST_NIGHT = f"GI_{VPD}_CST_LCU_20261103_{NIGHTS + 1:08}.DAT"


@dataclass(frozen=True, slots=True)
class Taken:
    """What one step took. ``cpu_seconds`` are its own process's, ``server_seconds`` those of PostgreSQL meanwhile."""

    count: int
    seconds: float
    cpu_seconds: float
    peak_mb: float
    server_seconds: float = 0.0

    @property
    def rate(self) -> float:
        """A second."""
        return self.count / self.seconds

    @property
    def rate_without_idling(self) -> float:
        """What it would be if no core of this machine had waited for the other: no overlapping gives more."""
        return self.count * (os.cpu_count() or 1) / (self.cpu_seconds + self.server_seconds)


class Measured(NamedTuple):
    """Where steps are run: the settings, and the database's server where it has one of its own."""

    environment: dict[str, str]
    server: Server | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table. ``target`` is a rate, or for ``in_seconds`` a duration.

    ``floors`` are what is stored for each of the things counted: together, the least that any program takes for it.
    """

    name: str
    verb: str
    target: float | None = None
    in_seconds: bool = False
    floors: tuple[str, ...] = ()


FIGURES = (
    Figure("load of the GO file, lines", "read_go"),
    Figure("full file, rows", "full", 100_000),
    Figure("changes file with {changes} changes", "changes", 3, in_seconds=True),
    Figure("inbound all new, lines", "new", 30_000, floors=("floor_elements", "floor_outcomes")),
    Figure("inbound all unchanged, lines", "unchanged", 80_000, floors=("floor_outcomes",)),
    Figure("inbound 5 % changed, lines", "changed", floors=("floor_outcomes",)),
    Figure("inbound unchanged but newer, lines", "stamped", floors=("floor_outcomes",)),
)


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    size = Size(arguments.people, arguments.elements, arguments.lines, arguments.changes)
    console = Console()
    with tempfile.TemporaryDirectory(prefix="cstf-bench-") as folder:
        files = _make_files(Path(folder), size, arguments.records, console)
        for database in arguments.database:
            if database == "postgresql" and find_binaries() is None:
                console.print(f"{database}: not measured, it is not installed here")
                continue
            if "exchange" in arguments.only:
                with _environment(database, Path(folder), "exchange") as measured:
                    taken = _measure(measured, files, console)
                console.print(_table(database, size, taken))
            if "pages" in arguments.only:
                with _environment(database, Path(folder), "pages") as measured:
                    timed = _pages(measured, files, arguments.records, console)
                console.print(_table_of_pages(database, timed))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=30_000)
    parser.add_argument("--elements", type=int, default=10, help="held by each person")
    parser.add_argument("--lines", type=int, default=1_000_000, help="of an inbound file")
    parser.add_argument("--changes", type=int, default=200)
    parser.add_argument(
        "--records", type=int, default=1_000_000, help="inbound, among which the console's pages find theirs"
    )
    parser.add_argument(
        "--only", nargs="+", default=["exchange", "pages"], choices=["exchange", "pages"], help="of the two"
    )
    parser.add_argument(
        "--database", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"]
    )
    return parser.parse_args()


def _make_files(folder: Path, size: Size, records: int, console: Console) -> Path:
    with console.status("Making the data"):
        files = folder / "files"
        (files / "setup").mkdir(parents=True)
        data.write_setup(files / "setup")
        data.write_extract(files / f"GO_{VPD}_GDW_GOF_20261102_00000001.DAT", size)
        data.write_changes(files / f"GO_{VPD}_GDW_GOC_20261103_00000002.DAT", size)
        changed = size.lines // 20
        for number, versions in enumerate(
            ({}, {}, {"changed": changed}, {"changed": changed, "days_later": 2}), 1
        ):
            data.write_completions(files / f"GI_{VPD}_CST_LCU_20261103_{number:08}.DAT", size, **versions)
        data.write_completions(files / _LAST_NIGHT, replace(size, lines=records // 10))
    return files


@contextmanager
def _environment(database: str, folder: Path, what: str) -> Iterator[Measured]:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "cstf_site.settings",
        "ENV_FILE": "",
        "DEBUG": "off",
        "SECRET_KEY": "a-key-for-the-benchmark-and-for-nothing-else",
        "EXCHANGE_ROOT": str(folder / f"files-{database}-{what}"),
        "LOG_LEVEL": "ERROR",
    }
    if database == "sqlite":
        yield Measured(environment | {"DATABASE_URL": f"sqlite:///{folder}/{what}.sqlite3"}, None)
        return
    binaries = find_binaries()
    assert binaries is not None
    cluster = Cluster(binaries, options=DURABLE)
    try:
        cluster.start()
        urls = {"DATABASE_URL": cluster.url(), "DATABASE_OWNER_URL": cluster.url(OWNER)}
        yield Measured(environment | urls, Server(cluster.pid))
    finally:
        cluster.stop()


def _measure(measured: Measured, files: Path, console: Console) -> dict[str, Taken]:
    inbox = _inbox(measured)

    def step(verb: str, *given: str) -> Taken:
        with console.status(f"Measuring: {verb}"):
            return _step(measured, verb, *given)

    def collected(number: int) -> Taken:
        name = f"GI_{VPD}_CST_LCU_20261103_{number:08}.DAT"
        copyfile(files / name, inbox / name)
        return step("collect")

    step("setup", str(files / "setup"))
    taken = {"read_go": step("read_go", str(files / f"GO_{VPD}_GDW_GOF_20261102_00000001.DAT"))}
    taken["full"] = step("send")
    step("read_go", str(files / f"GO_{VPD}_GDW_GOC_20261103_00000002.DAT"))
    taken["changes"] = step("send")
    taken["new"] = collected(1)
    taken["floor_copy"] = step("floor_copy")
    taken["floor_elements"] = step("floor_elements")
    taken["floor_outcomes"] = step("floor_outcomes")
    taken["peer"] = step("peer")
    taken["unchanged"] = collected(2)
    taken["changed"] = collected(3)
    taken["stamped"] = collected(4)
    return taken


def _inbox(measured: Measured) -> Path:
    inbox = Path(measured.environment["EXCHANGE_ROOT"]) / VPD / CODE / "In"
    inbox.mkdir(parents=True)
    return inbox


def _pages(measured: Measured, files: Path, records: int, console: Console) -> list[Timed]:
    """The console's pages, slowest first: after years of nights, the last of which the exchange itself has done."""
    inbox = _inbox(measured)
    before = (
        ("setup", str(files / "setup")),
        ("read_go", str(files / f"GO_{VPD}_GDW_GOF_20261102_00000001.DAT")),
        ("history", str(records - records // 10)),
        ("send",),
    )
    for step in before:
        with console.status(f"Making what the pages show: {step[0]}"):
            _step(measured, *step)
    copyfile(files / _LAST_NIGHT, inbox / _LAST_NIGHT)
    with console.status("Measuring: pages of the console"):
        _step(measured, "collect")
        return [Timed(*one) for one in json.loads(_run(measured.environment, "bench.pages"))]


def _table_of_pages(database: str, timed: list[Timed]) -> Table:
    """Its own pages in full; of lists whatever takes too long, and at least the slowest."""
    own = [one for one in timed if " " not in one.page]
    lists = [one for one in timed if " " in one.page]
    slow = sum(one.seconds > PAGE_SECONDS for one in timed)
    slow_lists = sum(one.seconds > PAGE_SECONDS for one in lists)
    over = f"{slow} over {PAGE_SECONDS * 1000:.0f} ms of the server's time"
    table = Table(title=f"{database}: {len(timed)} pages of the console, {over}")
    for column in ("page", "address", "ms", "CPU ms", "queries"):
        table.add_column(column, justify="left" if column in ("page", "address") else "right")
    for one in [*own, *lists[: max(slow_lists, SHOWN_LISTS)]]:
        milliseconds = (f"{seconds * 1000:.0f}" for seconds in (one.seconds, one.cpu))
        table.add_row(one.page, one.url, *milliseconds, str(one.queries))
    return table


def _step(measured: Measured, verb: str, *given: str) -> Taken:
    server = measured.server
    before = server.cpu_seconds() if server else 0.0
    told = json.loads(_run(measured.environment, "bench.step", verb, *given))
    return Taken(**told, server_seconds=server.cpu_seconds() - before if server else 0.0)


def _run(environment: dict[str, str], module: str, *given: str) -> str:
    """The last line of what a process of its own prints."""
    done = subprocess.run(
        [sys.executable, "-m", module, *given], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{module} {' '.join(given)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout.splitlines()[-1]


def _table(database: str, size: Size, taken: dict[str, Taken]) -> Table:
    bare, elements, outcomes, peer = (
        taken[verb].rate for verb in ("floor_copy", "floor_elements", "floor_outcomes", "peer")
    )
    table = Table(
        title=f"{database}: {size.people:,} people, {size.people * size.elements_each:,} elements, "
        f"{size.lines:,} lines; {platform.machine()}, {os.cpu_count()} cores",
        caption=f"floors: elements into a bare table {bare:,.0f}/s, into a copy with its keys {elements:,.0f}/s, "
        f"inbound records into a copy with its keys {outcomes:,.0f}/s; "
        f"peer: a plain import-export resource {peer:,.0f}/s",
    )
    for column in (
        "",
        "figure",
        "target",
        "of bare",
        "of keyed",
        "× peer",
        "CPU s",
        "server's",
        "no idling",
        "peak MB",
    ):
        table.add_column(column, justify="left" if not column else "right")
    for figure in FIGURES:
        table.add_row(*_row(figure, size, taken))
    return table


def _row(figure: Figure, size: Size, taken: dict[str, Taken]) -> list[str]:
    one, name = taken[figure.verb], figure.name.format(changes=size.changes)
    without_idling = "" if figure.in_seconds else f"{one.rate_without_idling:,.0f}/s"
    seconds = (f"{one.cpu_seconds:,.1f}", f"{one.server_seconds:,.1f}" if one.server_seconds else "")
    cost = [*seconds, without_idling, f"{one.peak_mb:,.0f}"]
    if figure.in_seconds:
        return [name, f"{one.seconds:.2f} s", f"≤ {figure.target} s", "", "", "", *cost]
    target = f"≥ {figure.target:,.0f}/s" if figure.target else ""
    least = sum(1 / taken[floor].rate for floor in figure.floors)
    ratios = [
        f"{one.rate / taken['floor_copy'].rate:.0%}",
        f"{one.rate * least:.0%}" if figure.floors else "",
        f"{one.rate / taken['peer'].rate:,.0f}",
    ]
    return [name, f"{one.rate:,.0f}/s", target, *ratios, *cost]


if __name__ == "__main__":
    main()

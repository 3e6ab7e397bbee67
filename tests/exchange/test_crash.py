"""Killed with SIGKILL between any two steps, once and again during the recovery: as if it had never been.

The exchange runs in a child process (crash_child.py) on a database and an exchange root of its own. An undisturbed run
counts the steps; then each is the last one once. Whoever runs the exchange again must end with the same rows and
the same files, byte by byte, as the undisturbed run: its clock stands still, so that timestamps can be equal.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from tests.exchange import world as w
from tests.exchange.world import EVERYBODY, HELD_BY_GO, SETUP, VPD, completion
from tests.postgres import create_database, drop_database
from tests.simulation import wire
from tests.simulation.wire import lud

ROOT = Path(__file__).resolve().parents[2]
TONIGHT = ["exchange", "--vpd", VPD, "--connection", "TOTARA", "--date", "2026-11-04"]
YESTERDAY = [*TONIGHT[:-1], "2026-11-03"]
KILLED = -9
FIRST = "GI_277_CST_LCU_20261103_00000001.DAT"


class Child:
    """A long-lived interpreter that forks for every run."""

    def __init__(self, url: str, work: Path, number: int) -> None:
        self.report = work / f"report-{number}.json"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.exchange.crash_child"],
            env={**os.environ, "DATABASE_URL": url, "EXCHANGE_ROOT": str(work), "LOG_LEVEL": "CRITICAL"},
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, place: "Place", **more: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        request = {"database": place.database, "root": str(place.root), "at": "2026-11-04T21:30:00"}
        request |= {"report": str(self.report), **more}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, "the child that forks has died"
        told: dict[str, Any] = json.loads(answer)
        return told

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


@dataclass(frozen=True)
class Place:
    """A database and an exchange root."""

    database: str
    root: Path


class Places:
    """Makes copies of what a night begins with."""

    def __init__(self, url: str, work: Path) -> None:
        self.url, self.work, self.numbers = url, work, count(1)
        self.on_sqlite = url.startswith("sqlite")
        self.made: list[str] = []

    def empty(self) -> Place:
        number = next(self.numbers)
        root = self.work / f"root-{number}"
        root.mkdir()
        if self.on_sqlite:
            return Place(str(self.work / f"db-{number}.sqlite3"), root)
        name = f"crash_{os.getpid()}_{number}"
        create_database(name, by_way_of=os.environ["DATABASE_OWNER_URL"])
        self.made.append(name)
        return Place(name, root)

    def copy(self, place: Place) -> Place:
        number = next(self.numbers)
        root = self.work / f"root-{number}"
        shutil.copytree(place.root, root)
        if self.on_sqlite:
            database = str(self.work / f"db-{number}.sqlite3")
            shutil.copy(place.database, database)
            return Place(database, root)
        name = f"crash_{os.getpid()}_{number}"
        create_database(name, by_way_of=os.environ["DATABASE_OWNER_URL"], template=place.database)
        self.made.append(name)
        return Place(name, root)

    def drop(self, place: Place) -> None:
        shutil.rmtree(place.root)
        if self.on_sqlite:
            for path in Path(place.database).parent.glob(Path(place.database).name + "*"):
                path.unlink()
        else:
            drop_database(place.database, by_way_of=os.environ["DATABASE_OWNER_URL"])
            self.made.remove(place.database)

    def drop_all(self) -> None:
        for name in list(self.made):
            drop_database(name, by_way_of=os.environ["DATABASE_OWNER_URL"])


@pytest.fixture(scope="module")
def places(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    work = tmp_path_factory.mktemp("crash")
    on_postgresql = request.config.getoption("--database") == "postgresql"
    made = Places(os.environ["DATABASE_URL"] if on_postgresql else f"sqlite:///{work}/unused.sqlite3", work)
    yield made
    made.drop_all()


@pytest.fixture(scope="module")
def children(places: Places) -> Iterator[list[Child]]:
    made = [Child(places.url, places.work, number) for number in range(2)]
    yield made
    for one in made:
        one.close()


@pytest.fixture(scope="module")
def child(children: list[Child]) -> Child:
    return children[0]


# --- The night --------------------------------------------------------------------------------------


def lay(place: Place, name: str, lines: list[str] | None = None, data: bytes | None = None) -> None:
    inbox = place.root / VPD / "TOTARA" / "In"
    inbox.mkdir(parents=True, exist_ok=True)
    if data is None:
        data = wire.envelope(name, VPD, lines or [], this_run="20261103 210000").encode("iso-8859-1")
    (inbox / name).write_bytes(data)


def yesterdays_lines() -> list[str]:
    return [
        completion(w.ACHEBE, "R1"), completion(w.ACHEBE, "R2", course="ADULTS"), completion(w.HALE, "R3"),
        completion(w.WHITLOCK, "R4", expires="20271231"), completion(w.BOTH, "R5"),
    ]  # fmt: skip


def tonights_files(place: Place) -> None:
    """New, amended, repeated, withdrawn and bad lines over several batches; a repeated, a cut and a held file."""
    newer = "20261104 080000"
    lay(place, FIRST, yesterdays_lines())
    lay(
        place,
        "GI_277_CST_LCU_20261104_00000002.DAT",
        [
            completion(w.ACHEBE, "R1", method="Classroom", updated=newer), completion(w.ACHEBE, "R2", course="ADULTS"),
            lud("R3"), completion(w.HALE, "R6", on=date(2026, 10, 1)), "LUX~", completion(w.HALE, "R7", last="Other"),
            completion(w.TWIN, "R8", course="ADULTS", expires="20300101"), completion(w.TWIN, "R9", born="19000101"),
            completion(w.ACCEPTED, "R10"), lud("R99"), completion(w.BOTH, "R11"), completion(w.LEAVER, "R12"),
        ],
    )  # fmt: skip
    lay(place, "GI_277_CST_LCU_20261104_00000003.DAT", [lud("R6"), completion(w.HALE, "R13")])
    lay(place, "GI_277_CST_LCU_20261104_00000004.DAT", data=b"HDR~GI_277_CST_LCU_20261104_00000004.DAT~2026")
    lay(place, "GI_277_CST_LCU_20261104_00000006.DAT", [completion(w.HALE, "R14")])


@pytest.fixture(scope="module")
def beginning(places: Places, child: Child) -> Place:
    """The organisation as it is loaded, nothing exchanged yet."""
    place = places.empty()
    setup = places.work / "setup"
    setup.mkdir()
    for table, text in SETUP.items():
        (setup / f"{table}.csv").write_text(text, "utf-8")
    name = "GO_277_GDW_GOF_20261102_00000311.DAT"
    rows = [row for somebody in EVERYBODY for row in somebody.rows()] + [HELD_BY_GO]
    extract = places.work / name
    extract.write_bytes(wire.envelope(name, VPD, rows, this_run="20261102 072050").encode("iso-8859-1"))
    done = child.ask(place, commands=[["migrate"], ["load_setup", str(setup)], ["read_go", str(extract)]])
    assert done["status"] == 0, done
    return place


@pytest.fixture(scope="module")
def first_night(places: Places, beginning: Place) -> Place:
    """The night of the go-live: a full file, and the LMS's first completions."""
    place = places.copy(beginning)
    lay(place, FIRST, yesterdays_lines())
    return place


@pytest.fixture(scope="module")
def second_night(places: Places, child: Child, first_night: Place) -> Place:
    """An ordinary night: a changes file, and a mixed lot of files."""
    place = places.copy(first_night)
    done = child.ask(place, commands=[YESTERDAY], at="2026-11-03T21:30:00")
    assert done["status"] == 0, done
    for path in (place.root / VPD / "TOTARA" / "Out").iterdir():
        path.unlink()  # the LMS has read them
    tonights_files(place)
    return place


def state(place: Place, last: dict[str, Any]) -> dict[str, Any]:
    """All that may be compared: rows as the last run left them, and files by name and bytes."""
    files = {
        str(path.relative_to(place.root)): path.read_bytes().decode("iso-8859-1")
        for path in sorted(place.root.rglob("*"))
        if path.is_file()
    }
    return {"files": files, **last["rows"]}


def differences(expected: dict[str, Any], found: dict[str, Any]) -> str:
    """What differs, readably."""
    told = []
    for part in expected.keys() | found.keys():
        ours, theirs = expected.get(part), found.get(part)
        if ours != theirs and isinstance(ours, list) and isinstance(theirs, list):
            missing, more = (
                [row for row in ours if row not in theirs],
                [row for row in theirs if row not in ours],
            )
            told.append(f"{part}: missing {missing}, too many {more}")
        elif ours != theirs:
            before, after = ours or {}, theirs or {}
            names = {name for name in {**before, **after} if before.get(name) != after.get(name)}
            told.append(f"files: {sorted(names)}")
    return "\n".join(told)


NIGHTS = {"first_night": [YESTERDAY], "second_night": [TONIGHT]}


@pytest.mark.parametrize("night", ["first_night", pytest.param("second_night", marks=pytest.mark.once)])
def test_killed_at_every_step_and_again_during_the_recovery(
    night: str, places: Places, children: list[Child], request: pytest.FixtureRequest
) -> None:
    template: Place = request.getfixturevalue(night)
    undisturbed = places.copy(template)
    counted = children[0].ask(undisturbed, commands=NIGHTS[night], count=True)
    assert counted["status"] == 0, counted
    steps = counted["steps"]
    assert len(steps) > 30, steps
    expected = state(undisturbed, counted)
    places.drop(undisturbed)

    def killed_at(at: int) -> str:
        child = free.get()
        try:
            return kill(child, places, template, NIGHTS[night], at=at, steps=len(steps), expected=expected)
        finally:
            free.put(child)

    free: Queue[Child] = Queue()
    for child in children:
        free.put(child)
    with ThreadPoolExecutor(len(children)) as pool:
        told = list(pool.map(killed_at, range(1, len(steps) + 1)))
    wrong = [f"killed {step}: {what}" for step, what in zip(steps, told, strict=True) if what]
    assert not wrong, "\n".join(wrong[:5]) + f"\n… {len(wrong)} of {len(steps)} kill points"


def kill(
    child: Child,
    places: Places,
    template: Place,
    commands: list[list[str]],
    *,
    at: int,
    steps: int,
    expected: Any,
) -> str:
    """Killed at this point, and once more on the way; what is otherwise in the end than undisturbed."""
    place = places.copy(template)
    first = child.ask(place, commands=commands, count=True, kill_at=at)
    # The second point moves through the recovery from case to case.
    last = child.ask(place, commands=commands, count=True, kill_at=1 + at * 7 % steps)
    if last["status"] == KILLED:
        last = child.ask(place, commands=commands)
    told = "" if (first["status"], last["status"]) == (KILLED, 0) else f"{first} {last}"
    told = told or differences(expected, state(place, last))
    places.drop(place)
    return told

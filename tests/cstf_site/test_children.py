"""Processes that run as one leave nobody behind, however they are stopped."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT

# A parent that runs two children; each starts a grandchild and writes down both process ids.
PARENT = """
import sys
from cstf_site import children
children.PATIENCE_SECONDS = 1.0
child = [sys.executable, "-c", sys.argv[1]]
folder = sys.argv[2]
from pathlib import Path
ended = children.run_together(
    {"one": [*child, folder, "one"], "two": [*child, folder, "two"]},
    ready=lambda: len(list(Path(folder).iterdir())) == 2,
    announce=lambda: print("ready", flush=True),
)
print("ended:", ended, flush=True)
"""
CHILD = """
import os, subprocess, sys, time
from pathlib import Path
{before}
grandchild = subprocess.Popen(["sleep", "60"])
path = Path(sys.argv[1], sys.argv[2])
path.with_suffix(".part").write_text(f"{{os.getpid()}} {{grandchild.pid}}")
path.with_suffix(".part").rename(path)
{after}
"""
PATIENT = CHILD.format(before="", after="time.sleep(60)")
STUBBORN = CHILD.format(
    before="import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)", after="time.sleep(60)"
)
BRIEF = CHILD.format(before="", after="time.sleep(1 if sys.argv[2] == 'one' else 60)")


def start(child: str, folder: Path) -> "subprocess.Popen[str]":
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, child, str(folder)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert parent.stdout
    assert parent.stdout.readline() == "ready\n"
    return parent


def alive(folder: Path) -> list[int]:
    pids = [int(pid) for file in folder.iterdir() for pid in file.read_text().split()]
    assert len(pids) == 4
    return [pid for pid in pids if Path(f"/proc/{pid}").exists() and not is_zombie(pid)]


def is_zombie(pid: int) -> bool:
    # A grandchild killed after its parent waits for init to collect it; it runs no more.
    return ") Z " in Path(f"/proc/{pid}/stat").read_text()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks processes up in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("child", [PATIENT, STUBBORN], ids=["patient", "stubborn"])
def test_a_stop_ends_everything(tmp_path: Path, number: signal.Signals, child: str) -> None:
    parent = start(child, tmp_path)
    assert len(alive(tmp_path)) == 4
    os.kill(parent.pid, number)
    output, _ = parent.communicate(timeout=20)
    assert output == "ended: None\n"
    assert alive(tmp_path) == []


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks processes up in /proc")
def test_one_that_ends_takes_the_other_along_and_is_named(tmp_path: Path) -> None:
    parent = start(BRIEF, tmp_path)
    output, _ = parent.communicate(timeout=20)
    assert output == "ended: one\n"
    assert alive(tmp_path) == []


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks processes up in /proc")
def test_a_second_ctrl_c_does_not_interrupt_the_stopping(tmp_path: Path) -> None:
    parent = start(STUBBORN, tmp_path)
    os.kill(parent.pid, signal.SIGINT)
    time.sleep(0.3)
    os.kill(parent.pid, signal.SIGINT)
    output, _ = parent.communicate(timeout=20)
    assert output == "ended: None\n"
    assert alive(tmp_path) == []

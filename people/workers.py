"""Which process it is that does long work, so that others can tell whether it still lives."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def this_worker() -> str:
    """Its host, its process, and when that started: no other process is ever called so."""
    return f"{socket.gethostname()}/{os.getpid()}/{_started(os.getpid())}"


def is_gone(worker: str) -> bool:
    """Whether it is certain that it no longer lives. Of another host nothing is certain."""
    host, _, process = worker.partition("/")
    pid, _, started = process.partition("/")
    return host == socket.gethostname() and pid.isdigit() and _started(int(pid)) != started


def _started(pid: int) -> str:
    """When a process of this host started, in the kernel's ticks; "gone" without one, "" where none can tell."""
    if not Path("/proc/self/stat").exists():
        return ""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return "gone"
    # The name in parentheses may hold anything; of the fields after it the first is the state, the twentieth the
    # start (proc(5)).
    fields = stat.rpartition(")")[2].split()
    return "gone" if fields[0] in "ZX" else fields[19]

"""What a database server costs beside the program that it serves.

On a machine of two cores both compete for the same time, so that a rate is understood only with both.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")


class _Process(NamedTuple):
    """Of the fields of ``/proc/PID/stat``: its parent, and ticks of its own and of its children that have ended."""

    parent: int
    own: int
    ended: int


@dataclass(frozen=True, slots=True)
class Server:
    """A server by its process, which has one child for each session."""

    pid: int

    def cpu_seconds(self) -> float:
        """Of the server and all its sessions so far, those included that have ended."""
        processes = dict(_processes())
        server = processes[self.pid]
        sessions = sum(process.own for process in processes.values() if process.parent == self.pid)
        return (server.own + server.ended + sessions) / _TICKS


def _processes() -> Iterator[tuple[int, _Process]]:
    for folder in Path("/proc").glob("[0-9]*"):
        # Processes end while they are looked at.
        with suppress(OSError):
            # The name before it may hold anything, also a bracket.
            _, _, fields = (folder / "stat").read_text().rpartition(") ")
            _, parent, *rest = fields.split()
            user, system, children_user, children_system = map(int, rest[9:13])
            yield int(folder.name), _Process(int(parent), user + system, children_user + children_system)

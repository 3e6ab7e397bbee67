"""The parts that a test may need and a machine may lack; one that is missing is named, never forgotten."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.postgres import find_binaries

PARTS: dict[str, Callable[[], bool]] = {
    "postgresql": lambda: find_binaries() is not None,
    "chromium": lambda: shutil.which("chromium") is not None or shutil.which("chromium-browser") is not None,
    # sshd lives in sbin, which an ordinary user's PATH may leave out.
    "sshd": lambda: shutil.which("sshd") is not None or Path("/usr/sbin/sshd").exists(),
}


def missing_parts() -> list[str]:
    """Names of the parts that are not installed here."""
    return [name for name, is_here in PARTS.items() if not is_here()]


def all_required() -> bool:
    """REQUIRE_ALL=1 turns a missing part into a failure."""
    return os.environ.get("REQUIRE_ALL", "") not in {"", "0"}

"""Tests of files that may not be read run as root too, whom rights do not bind: here they do."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

# Of linux/capability.h: bits 1 (override what rights refuse) and 2 (the same for reading), in the version's layout.
_DAC, _VERSION = 0b110, 0x20080522


@contextmanager
def bound_by_rights() -> Iterator[None]:
    """Inside, root too is refused what a file's rights refuse."""
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header, before, now = (ctypes.c_uint32 * 2)(_VERSION, 0), (ctypes.c_uint32 * 6)(), (ctypes.c_uint32 * 6)()
    assert libc.capget(header, before) == 0
    now[:] = [before[0] & ~_DAC, *before[1:]]  # of the six words the first is what is in effect
    assert libc.capset(header, now) == 0
    try:
        yield
    finally:
        assert libc.capset(header, before) == 0

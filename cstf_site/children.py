"""Runs several processes as one: they start together and none outlives the others.

Each child leads a session of its own, so that Ctrl-C reaches this process alone, which then stops the
children in an orderly way: asked first, killed with everything they started when they do not go.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE_SECONDS = 10.0
POLL_SECONDS = 0.1

Commands = Mapping[str, Sequence[str]]
Children = dict[str, "subprocess.Popen[bytes]"]


class StopRequested(Exception):  # noqa: N818  (a request, not an error)
    """Somebody pressed Ctrl-C, closed the terminal, or ended this process."""


def run_together(
    commands: Commands, *, ready: Callable[[], bool], announce: Callable[[], None]
) -> str | None:
    """Run until a stop is asked for (None) or a child ends by itself (its name); then all have ended.

    `announce` is called once, when `ready` first says yes.
    """
    children: Children = {}
    try:
        with _stop_as_exception():
            for name, command in commands.items():
                children[name] = subprocess.Popen(command, start_new_session=True)
            return _watch(children, ready=ready, announce=announce)
    except StopRequested:
        return None
    finally:
        _stop(children)


def _watch(children: Children, *, ready: Callable[[], bool], announce: Callable[[], None]) -> str:
    announced = False
    while True:
        for name, child in children.items():
            if child.poll() is not None:
                return name
        if not announced and ready():
            announce()
            announced = True
        time.sleep(POLL_SECONDS)


@contextmanager
def _stop_as_exception() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        # Once is enough: a second Ctrl-C must not interrupt the stopping.
        for each in STOPPING:
            signal.signal(each, signal.SIG_IGN)
        raise StopRequested

    before = {each: signal.signal(each, stop) for each in STOPPING}
    try:
        yield
    finally:
        for each, handler in before.items():
            if signal.getsignal(each) is stop:
                signal.signal(each, handler)


def _stop(children: Children) -> None:
    for child in children.values():
        child.terminate()
    deadline = time.monotonic() + PATIENCE_SECONDS
    for child in children.values():
        with suppress(subprocess.TimeoutExpired):
            child.wait(timeout=max(0.0, deadline - time.monotonic()))
        # What the child left behind is in its process group still.
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()

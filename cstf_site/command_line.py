"""Says for every command who acts and from where: the audit writes it down. Used before Django is set up."""

from __future__ import annotations

import getpass
import os
import socket
from contextlib import AbstractContextManager

from people.audit.context import Channel, acting


def acting_by_command(name: str) -> AbstractContextManager[None]:
    """Around a whole command: the account of the operating system and the host are where it comes from."""
    return acting(
        by="command line", address=f"{_account()}@{socket.gethostname()}", channel=Channel.COMMAND, key=name
    )


def _account() -> str:
    """The operating system's name for whoever runs this; a container's user may have none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())

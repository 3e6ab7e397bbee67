"""Delivering by hand: a file that somebody has in front of them lies in In as if the partner had put it there.

For rejected records that were corrected here, and for a missing file that came by e-mail. Whether it is in order, the
next exchange says, as of any other.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from django.db import transaction

from interface.folders import Folders, sync_folder
from interface.formats import names
from interface.models import Connection, InboundKind
from interface.publishing import PART
from people.audit.actions import record

_TAKEN = (InboundKind.COMPLETIONS, InboundKind.RESEED)


class DeliveryRefusedError(ValueError):
    """Nothing was put into In; the text says why."""


@transaction.atomic
def deliver(connection: Connection, *, name: str, content: Iterable[bytes], by: str) -> None:
    """The bytes lie whole in the connection's In under this name, for the next exchange, and the audit says by whom.

    Raises DeliveryRefusedError where the exchange takes no file of this name from this partner, or one waits in In
    already; OSError where In cannot be written.
    """
    parsed = names.parse(name)
    if parsed is None or parsed.kind not in _TAKEN:
        raise DeliveryRefusedError(f"“{name}” is not the name of a file that an LMS sends.")
    if (parsed.vpd, parsed.sub_type) != (connection.organisation.vpd, connection.sub_type):
        theirs = f"{connection.organisation.vpd} and {connection.sub_type}"
        raise DeliveryRefusedError(f"“{name}” is not for {connection}: its files are named with {theirs}.")
    place = Folders.of(connection).inbox / name
    if place.exists():
        raise DeliveryRefusedError(f"A file called {name} waits in In already.")
    _put(connection, place, content, by=by)


def _put(connection: Connection, place: Path, content: Iterable[bytes], *, by: str) -> None:
    # Hidden: the exchange does not look at it before it is whole.
    part = place.with_name(f".{place.name}.{secrets.token_hex(4)}{PART}")
    digest, size = hashlib.sha256(), 0
    try:
        with part.open("xb") as writing:
            for block in content:
                digest.update(block)
                size += writing.write(block)
            writing.flush()
            os.fsync(writing.fileno())
        after = {"file": place.name, "size": size, "sha256": digest.hexdigest()}
        record(verb="put into In", about=connection, after=after, by=by)
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(place.parent)

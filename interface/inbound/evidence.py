"""What the audit holds of an inbound file's lines: the outcome rows themselves, and one digest for each batch of them.

The stored outcome of a line is the audit row of what the line did. The chain takes one event a batch, with the digest
of its rows in the order of lines; ``verify_audit`` makes that digest again from the rows that are there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from interface.models import InboundFile, InboundRecord
from people.audit.actions import record
from people.audit.verification import Row, evidence

DECIDED: Final = "lines decided"
# In the order in which a batch's rows begin with them.
FIELDS: Final = ("line_number", "source_reference", "code", "message", "person", "element_ids", "raw")


def vouch_for(file: InboundFile, told: Mapping[str, Any]) -> None:
    """The batch that was just written, of which ``evidence_of`` told this, stands in the chain.

    Last in its transaction.
    """
    record(verb=DECIDED, about=file, after=told)


def evidence_of(rows: list[tuple[Any, ...]]) -> dict[str, Any]:
    """What the chain holds of a batch: its outcome rows in line order, tuples that begin as ``digest_of`` wants."""
    return {
        "first_line": rows[0][0],
        "last_line": rows[-1][0],
        "lines": len(rows),
        "digest": digest_of(rows),
    }


def digest_of(rows: Iterable[tuple[Any, ...]]) -> str:
    """Of what tuples in the order of ``FIELDS`` say; a row may go on behind them.

    Column by column, which costs half of what it does line by line: it is paid for every line of every file.
    """
    digest = hashlib.sha256()
    for name, column in zip(FIELDS, zip(*rows, strict=True), strict=False):
        texts = map(str, column) if name in ("line_number", "person") else column
        digest.update("\x1e".join(texts).encode())
        digest.update(b"\x1d")
    return digest.hexdigest()


def check(row: Row) -> str | None:
    """What differs between the event and the rows that it vouches for; None where nothing does."""
    told = json.loads(row.told("after"))
    first, last = told["first_line"], told["last_line"]
    records = InboundRecord.objects.filter(
        organisation_id=row.organisation_id,
        file_id=int(row.told("record_key")),
        line_number__gte=first,
        line_number__lte=last,
    )
    rows = list(records.order_by("line_number").values_list(*FIELDS))
    where = f"lines {first} to {last} of {row.told('record_name')}"
    if len(rows) != told["lines"]:
        return f"{where} are {len(rows)}, and were {told['lines']}"
    return None if digest_of(rows) == told["digest"] else f"{where} are not as they were decided"


def register() -> None:
    """Called once, when the app is ready."""
    evidence(DECIDED, check)

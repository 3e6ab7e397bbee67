"""What the audit holds of lines that were decided again: the new outcome rows themselves, and one digest a replay."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from django.db.models import QuerySet

from interface.models import Replay, ReplayedRecord
from people.audit.verification import Row, evidence

REPLAYED: Final = "replayed"
FIELDS: Final = ("line_number", "source_reference", "code", "message", "person", "element_ids")


def vouched(made: Replay) -> dict[str, Any]:
    """What the event of a replay says of its lines, once they are written."""
    count, digest = _digest_of(ReplayedRecord.objects.filter(replay=made))
    return {"replay": made.pk, "lines": count, "digest": digest}


def _digest_of(records: QuerySet[ReplayedRecord]) -> tuple[int, str]:
    digest, count = hashlib.sha256(), 0
    for row in records.order_by("line_number").values_list(*FIELDS).iterator(chunk_size=2000):
        digest.update("\x1e".join(map(str, row)).encode() + b"\x1d")
        count += 1
    return count, digest.hexdigest()


def check(row: Row) -> str | None:
    """What differs between the event and the rows that it vouches for; None where nothing does, or it vouches for none.

    Events of before lines were vouched for have no digest.
    """
    told = json.loads(row.told("after"))
    if "digest" not in told:
        return None
    records = ReplayedRecord.objects.filter(organisation_id=row.organisation_id, replay_id=told["replay"])
    count, digest = _digest_of(records)
    where = f"the lines of replay {told['replay']} of {row.told('record_name')}"
    if count != told["lines"]:
        return f"{where} are {count}, and were {told['lines']}"
    return None if digest == told["digest"] else f"{where} are not as they were decided again"


def register() -> None:
    """Called once, when the app is ready."""
    evidence(REPLAYED, check)

"""What is written down of one thing that was done, and how it is hashed: values in, values out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import Model

from people.audit.context import Acting
from people.privacy import NOT_PERSONAL

State = Mapping[str, Any]

# The columns of an event's content, in the order in which they are hashed.
CONTENT: Final = (
    "at", "actor", "address", "channel", "channel_key", "verb", "record_type", "record_key", "record_name", "reason",
    "before", "after",
)  # fmt: skip
# What blanking takes: all that tells about a person. What was done, when, by whom and to which kind of record stays.
BLANKED: Final = ("record_key", "record_name", "reason", "before", "after")
# The numbers and codes by which personal records are known; their other fields may hold a name.
_NUMBERS: Final = ("element_id", "assignment_id", "person_id")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that was done; who and by which way it was is added when it is recorded.

    ``organisation_id`` 0: of the installation. ``by``: only where it is somebody else than ``acting`` says.
    """

    verb: str
    organisation_id: int = 0
    record_type: str = ""
    record_key: str = ""
    record_name: str = ""
    before: State | None = None
    after: State | None = None
    reason: str = ""
    by: str = ""

    @classmethod
    def about(
        cls,
        row: Model,
        verb: str,
        *,
        before: State | None = None,
        after: State | None = None,
        reason: str = "",
        by: str = "",
    ) -> Event:
        """An event about a row of a model, in the chain of its organisation."""
        return cls(
            verb=verb,
            organisation_id=organisation_of(row),
            record_type=row._meta.label_lower,
            record_key=str(row.pk),
            record_name=name_of(row),
            before=before,
            after=after,
            reason=reason,
            by=by,
        )


def organisation_of(row: Model) -> int:
    """In whose chain what is done to this row stands."""
    if row._meta.label_lower == "people.organisation":
        return int(row.pk)
    return int(getattr(row, "organisation_id", None) or 0)


def name_of(row: Model) -> str:
    """The record by its number or code; of one that is about a person, never anything else."""
    if getattr(row, "privacy", NOT_PERSONAL) == NOT_PERSONAL:
        return str(row)[:200]
    columns = {field.attname for field in row._meta.concrete_fields if not field.is_relation}
    return next((str(getattr(row, name)) for name in _NUMBERS if name in columns), "")[:200]


def content(event: Event, acting: Acting, *, at: datetime) -> tuple[Any, ...]:
    """The event's values in the order of ``CONTENT``, as its columns will hold them."""
    return (
        at,
        _text(event.by or acting.by, 150),
        _text(acting.address, 45),
        acting.channel,
        _text(acting.key, 200),
        _text(event.verb, 60),
        event.record_type[:100],
        _text(event.record_key, 100),
        _text(event.record_name, 200),
        _text(event.reason or acting.reason, 500),
        as_json(event.before),
        as_json(event.after),
    )


def as_json(state: State | None) -> str:
    """The text that is stored and hashed: dates and numbers as text, nothing where there is nothing to say."""
    if not state:
        return ""
    return json.dumps(state, default=str, ensure_ascii=False, separators=(",", ":"))


def _text(value: str, longest: int) -> str:
    """Fit for a column of either database: without the NUL and the half characters that one of them refuses."""
    if not value.isprintable():
        value = value.replace("\0", "").encode("utf-8", "replace").decode()
    return value[:longest]


def content_hash(values: Sequence[Any]) -> str:
    """Of an event's values in the order of ``CONTENT``."""
    at, *texts = values
    told = json.dumps([at.astimezone(UTC).isoformat(), *texts], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()


def chain_hash(organisation_id: int, sequence: int, previous: str, content: str) -> str:
    """What ties an event to its place: its chain, its number, the event before it and its own content."""
    return hashlib.sha256(f"{organisation_id}:{sequence}:{previous}:{content}".encode()).hexdigest()

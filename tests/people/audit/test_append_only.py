"""The database refuses, whoever asks: here the owner of the tables does."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from people.audit.actions import record_many
from people.audit.events import BLANKED, Event
from people.models import AuditEvent

STATEMENTS = [
    "DELETE FROM people_auditevent",
    "UPDATE people_auditevent SET actor = 'mallory'",
    "UPDATE people_auditevent SET after = ''",
    "UPDATE people_auditevent SET blanked_at = at",
    "UPDATE people_auditevent SET chain_hash = content_hash",
    "UPDATE people_auditevent SET sequence = sequence + 10",
    "UPDATE people_auditevent SET id = id + 10",
]
BLANK: dict[str, str] = dict.fromkeys(BLANKED, "")


@pytest.fixture(autouse=True)
def two_events(owner_of_tables: None, db: None) -> None:
    record_many([Event("a", 277, after={"x": 1}), Event("b", 277, after={"x": 2})])


@pytest.mark.parametrize("statement", STATEMENTS)
def test_events_are_never_changed_or_deleted(statement: str) -> None:
    with (
        connection.cursor() as cursor,
        pytest.raises(DatabaseError, match="never changed or deleted"),
        transaction.atomic(),
    ):
        cursor.execute(statement)


@pytest.mark.requires("postgresql")
@pytest.mark.parametrize("table", ["people_auditevent", "people_audithead"])
def test_nor_all_of_them_at_once(table: str) -> None:
    with (
        connection.cursor() as cursor,
        pytest.raises(DatabaseError, match="never changed or deleted"),
        transaction.atomic(),
    ):
        cursor.execute(f"TRUNCATE {table}")
    assert AuditEvent.objects.count() == 2


def test_blanking_alone_passes_and_once_only() -> None:
    events = AuditEvent.objects.filter(sequence=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        events.update(blanked_at=timezone.now(), **BLANK | {"verb": "c"})
    assert events.update(blanked_at=timezone.now(), **BLANK) == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        events.update(blanked_at=timezone.now(), **BLANK)

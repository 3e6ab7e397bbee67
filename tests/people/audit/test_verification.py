"""Whatever is done to a chain behind its back is found, and the first event that is wrong is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from people.audit import verification
from people.audit.actions import blank, record_many
from people.audit.append_only import UNGUARD
from people.audit.events import BLANKED, CONTENT, Event, chain_hash, content_hash
from people.audit.verification import ChainReport, End, Row, evidence, verify
from people.models import AuditEvent, AuditHead

LENGTH = 9


@pytest.fixture(autouse=True)
def chain(owner_of_tables: None, db: None) -> None:
    """Nine events of one organisation, between those of others, and nobody who guards them."""
    record_many(
        Event(f"verb {n}", organisation, after={"n": n})
        for n in range(LENGTH)
        for organisation in (0, 277, 278)
    )
    with connection.cursor() as cursor:
        for statement in UNGUARD[connection.vendor]:
            cursor.execute(statement)  # undone with the test's transaction


def event(sequence: int) -> AuditEvent:
    return AuditEvent.objects.get(organisation_id=277, sequence=sequence)


def report(**options: Any) -> ChainReport:
    reports = {one.organisation_id: one for one in verify(**options)}
    assert reports[0].fault is None
    assert reports[278].fault is None
    return reports[277]


def verdict(**options: Any) -> tuple[str, int]:
    fault = report(**options).fault
    assert fault is not None
    assert str(fault.sequence) in fault.text or fault.kind == "end"
    return fault.kind, fault.sequence


def add(sequence: int, previous: str) -> AuditEvent:
    """As somebody would who knows how it is done."""
    values = dict.fromkeys(CONTENT, "") | {"at": timezone.now(), "verb": "forged"}
    own = content_hash([values[name] for name in CONTENT])
    return AuditEvent.objects.create(
        organisation_id=277,
        sequence=sequence,
        **values,
        content_hash=own,
        chain_hash=chain_hash(277, sequence, previous, own),
    )


def test_a_sound_chain_is_found_sound() -> None:
    found = report()
    assert (found.events, found.blanked, found.fault) == (LENGTH, 0, None)
    assert found.end.chain_hash == event(LENGTH).chain_hash


@pytest.mark.parametrize("column", [name for name in CONTENT if name != "at"])
@pytest.mark.parametrize("sequence", [1, 5, LENGTH])
def test_a_changed_column(column: str, sequence: int) -> None:
    value = "run" if column == "channel" else "forged"
    AuditEvent.objects.filter(pk=event(sequence).pk).update(**{column: value})
    assert verdict() == ("changed", sequence)


def test_a_changed_moment_and_a_changed_hash() -> None:
    AuditEvent.objects.filter(pk=event(7).pk).update(content_hash="0" * 64)
    assert verdict() == ("changed", 7)
    AuditEvent.objects.filter(pk=event(4).pk).update(at=timezone.now())
    assert verdict() == ("changed", 4)


def test_content_changed_together_with_its_own_hash() -> None:
    AuditEvent.objects.filter(pk=event(4).pk).update(actor="forged")
    forged = event(4)
    own = content_hash([getattr(forged, name) for name in CONTENT])
    AuditEvent.objects.filter(pk=forged.pk).update(content_hash=own)
    assert verdict() == ("inserted", 4)
    chained = chain_hash(277, 4, event(3).chain_hash, own)
    AuditEvent.objects.filter(pk=forged.pk).update(chain_hash=chained)
    assert verdict() == ("inserted", 5)


@pytest.mark.parametrize("sequence", [1, 5, LENGTH])
def test_a_missing_event(sequence: int) -> None:
    event(sequence).delete()
    assert verdict() == ("missing", sequence)


def test_a_missing_event_whose_gap_was_closed() -> None:
    event(4).delete()
    for sequence in range(5, LENGTH + 1):
        AuditEvent.objects.filter(organisation_id=277, sequence=sequence).update(sequence=sequence - 1)
    assert verdict() == ("inserted", 4)


def test_all_of_them_gone() -> None:
    AuditEvent.objects.filter(organisation_id=277).delete()
    assert verdict() == ("missing", 1)


def test_an_event_put_in_after_the_end() -> None:
    add(LENGTH + 1, event(LENGTH).chain_hash)
    assert verdict() == ("inserted", LENGTH + 1)


def test_an_event_put_in_between() -> None:
    for sequence in range(LENGTH, 4, -1):
        AuditEvent.objects.filter(organisation_id=277, sequence=sequence).update(sequence=sequence + 1)
    add(5, event(4).chain_hash)
    assert verdict() == ("inserted", 6)


def test_two_events_swapped() -> None:
    AuditEvent.objects.filter(pk=event(3).pk).update(sequence=100)
    AuditEvent.objects.filter(pk=event(4).pk).update(sequence=3)
    AuditEvent.objects.filter(organisation_id=277, sequence=100).update(sequence=4)
    assert verdict() == ("inserted", 3)


def test_an_event_moved_here_from_another_chain() -> None:
    event(LENGTH).delete()
    AuditEvent.objects.filter(organisation_id=0, sequence=LENGTH).update(organisation_id=277)
    reports = {one.organisation_id: one.fault for one in verify()}
    assert reports[277] is not None
    assert (reports[277].kind, reports[277].sequence) == ("inserted", LENGTH)


def test_a_changed_end() -> None:
    AuditHead.objects.filter(pk=277).update(chain_hash="0" * 64)
    assert verdict() == ("end", LENGTH)
    AuditHead.objects.filter(pk=277).delete()
    assert verdict() == ("inserted", 1)


def test_a_chain_rewritten_as_a_whole_is_found_by_what_was_noted_before() -> None:
    known = {277: report().end}
    record_many([Event("later", 277)])
    assert report(known=known).fault is None
    AuditEvent.objects.filter(organisation_id=277).delete()
    AuditHead.objects.filter(pk=277).delete()
    record_many(Event("forged", 277) for _ in range(LENGTH + 1))
    assert report().fault is None
    assert verdict(known=known) == ("changed", LENGTH)
    assert verdict(known={277: End(LENGTH + 5, "0" * 64)}) == ("missing", LENGTH + 2)


def test_content_taken_without_an_event_that_says_so() -> None:
    AuditEvent.objects.filter(pk=event(4).pk).update(blanked_at=timezone.now(), **dict.fromkeys(BLANKED, ""))
    assert verdict() == ("changed", 4)


def test_content_put_into_a_blanked_event() -> None:
    blank(AuditEvent.objects.filter(sequence=4), organisation_id=277, by="retention", reason="age")
    assert report().blanked == 1
    AuditEvent.objects.filter(pk=event(4).pk).update(after="forged")
    assert verdict() == ("changed", 4)


def test_a_blanking_that_claims_more_than_it_did() -> None:
    blank(AuditEvent.objects.filter(sequence=4), organisation_id=277, by="retention", reason="age")
    AuditEvent.objects.filter(pk=event(LENGTH + 1).pk).update(after='{"events":"1-9","count":9}')
    assert verdict() == ("changed", LENGTH + 1)
    AuditEvent.objects.filter(pk=event(LENGTH + 1).pk).update(after="[]")
    assert verdict() == ("changed", 4)


def test_events_vouch_for_rows_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "_evidence", {})

    def check(row: Row) -> str | None:
        return "line 7 is another" if '"n":6' in row.told("after") else None

    evidence("verb 6", check)
    reports = {one.organisation_id: one.fault for one in verify(organisation_ids=[277])}
    assert reports[277] is not None
    assert reports[277].text == "what event 7 vouches for was changed: line 7 is another"


def test_progress_counts_every_event() -> None:
    steps: list[int] = []
    progress: Callable[[int], None] = steps.append
    list(verify(progress=progress))
    assert sum(steps) == 3 * LENGTH

"""Which rejected lines came right since, and by what: sent again or decided again, whoever they were about."""

from __future__ import annotations

from datetime import timedelta

from pytest_django import DjangoAssertNumQueries

from interface.models import InboundFile, InboundRecord
from interface.questions.rejected import (
    BY_REPLAY,
    not_right_since,
    right_since,
    still_rejected,
    with_right_since,
)
from interface.recovery.actions import replay, undo
from tests.interface.inbound.desk import Desk
from tests.interface.outbound.staff import TODAY
from tests.interface.questions.test_mapping import map_course

TOMORROW = TODAY + timedelta(days=1)


def right(file: InboundFile) -> dict[str, str | None]:
    """Of each line where it came right, by its reference."""
    records = with_right_since(InboundRecord.objects.filter(file=file))
    return {
        one.source_reference: one.right_in  # type: ignore[attr-defined]  # by the annotation
        for one in records
    }


def open_ones(file: InboundFile) -> list[str]:
    return list(still_rejected(file).values_list("source_reference", flat=True))


def test_sent_again_or_decided_again(desk: Desk, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    codes = desk.send(
        desk.lua("KNOWN", on=TODAY + timedelta(days=9)),
        desk.lua("UNKNOWN", person="99999"),
        desk.lua("MAPPED", course="KNITTING", on=TODAY - timedelta(days=30)),
        desk.lua("TWICE", person="99999"),
        desk.lua("NEVER", person="99999"),
        desk.lua("FINE", on=TODAY - timedelta(days=90)),
    )
    assert codes == ["E330", "E310", "E320", "E310", "E310", "I100"]
    first = InboundFile.objects.get()
    assert open_ones(first) == ["KNOWN", "UNKNOWN", "MAPPED", "TWICE", "NEVER"]
    map_course(desk, "KNITTING")
    replay(desk.connection, failures=first.failures.filter(course_code="KNITTING"), on=TODAY, by="alice")
    again = (desk.lua("KNOWN"), desk.lua("UNKNOWN", person="40002"), desk.lua("TWICE", person="99999"))
    assert desk.send(*again, number=2) == ["I100", "I100", "E310"]
    second = InboundFile.objects.get(number=2)
    with django_assert_num_queries(1):
        assert right(first) == {
            "KNOWN": second.name, "UNKNOWN": second.name, "MAPPED": BY_REPLAY, "TWICE": None, "NEVER": None,
            "FINE": None,
        }  # fmt: skip
    assert (open_ones(first), open_ones(second)) == (["TWICE", "NEVER"], ["TWICE"])
    of_first = InboundRecord.objects.filter(file=first)
    assert {one.source_reference for one in right_since(of_first)} == {"KNOWN", "UNKNOWN", "MAPPED"}
    assert not_right_since(of_first).count() == 2
    # What a file did that was undone is not right any more.
    undo(second, by="alice", reason="sent by mistake")
    assert open_ones(first) == ["KNOWN", "UNKNOWN", "TWICE", "NEVER"]

"""Batches overlap: the next is settled while one is written. What comes of that is what one after the other gives."""

from collections.abc import Callable
from copy import copy
from datetime import date

import pytest
from django.db import transaction
from pytest_django import Settings

from competencies.models import CompetencyElement, Source
from competencies.models.element import leave, lock_standing
from interface.inbound.actions import collect
from interface.models import Connection, InboundFile, InboundRecord, Mapping, OpenFailure
from interface.recovery.actions import replay, undo
from tests.interface.inbound.desk import Desk
from tests.interface.outbound.staff import TODAY

NEWER = "20261103 090000"


@pytest.fixture(autouse=True)
def small_batches(settings: Settings) -> None:
    settings.INBOUND_BATCH_LINES = 1


def test_what_the_batch_before_did_to_a_reference_is_known(desk: Desk) -> None:
    codes = desk.send(
        desk.lua("R1"),
        desk.lua("R1"),
        "LUD~R1",
        desk.lua("R1", updated=NEWER),
        desk.lua("R1", updated=NEWER),
        "LUD~R1",
        "LUD~R1",
    )
    assert codes == ["I100", "I102", "I103", "I100", "I102", "I103", "W204"]


def test_what_the_batch_before_added_holds_its_place(desk: Desk) -> None:
    assert desk.send(desk.lua("R1"), desk.lua("R2"), desk.lua("R3", on=date(2026, 11, 1))) == [
        "I100",
        "W202",
        "I100",
    ]


def test_what_others_add_meanwhile_counts(desk: Desk) -> None:
    """Element ids that were taken in between tell of it: the batch is decided anew, and the one after it too."""
    name, data = desk.file(
        desk.lua("R1"), desk.lua("R2", on=date(2026, 11, 1)), desk.lua("R3", on="20261006")
    )
    desk.put(name, data)

    def add_by_hand(lines: int) -> None:
        if CompetencyElement.objects.filter(source=Source.HAND).exists():
            return
        with transaction.atomic():
            stood = lock_standing(desk.staff.organisation)
            desk.staff.element(
                desk.people[0], element_id=str(stood.next_id), date_from=date(2026, 11, 1), source=Source.HAND
            )
            leave(desk.staff.organisation, stood._replace(next_id=stood.next_id + 1))

    collect(desk.connection, on=TODAY, by="tests", progress=add_by_hand)
    codes = InboundRecord.objects.order_by("id").values_list("code", flat=True)
    assert list(codes) == ["I100", "W202", "I100"]
    assert CompetencyElement.objects.values("element_id").distinct().count() == 3


def codes_of(desk: Desk, number: int, *lines: str, meanwhile: Callable[[], None]) -> list[str]:
    """Of a file's lines, where ``meanwhile`` is done after the first of its batches."""
    name, data = desk.file(*lines, number=number)
    desk.put(name, data)
    done: list[int] = []

    def once(lines: int) -> None:
        if not done:
            meanwhile()
        done.append(lines)

    collect(desk.connection, on=TODAY, by="tests", progress=once)
    rows = InboundRecord.objects.filter(file__connection=desk.connection, file__number=number)
    return list(rows.order_by("line_number").values_list("code", flat=True))


def test_what_is_undone_meanwhile_is_not_answered_unchanged(desk: Desk) -> None:
    """The batch that comes next was decided by what was held before the undo, which takes no element id."""
    assert desk.send(desk.lua("R1")) == ["I100"]
    first = InboundFile.objects.get(number=1)
    again = [desk.lua("R2", on="20261005"), desk.lua("R1")]

    def take_back() -> None:
        undo(first, by="alice", reason="a mistake")

    codes = codes_of(desk, 2, *again, meanwhile=take_back)
    assert codes == ["I100", "I100"]
    assert set(held()) == {"R1", "R2"}


def test_what_is_amended_meanwhile_by_a_replay_is_not_overwritten_by_something_older(desk: Desk) -> None:
    older, newest = "20261103 010000", "20261103 020000"
    late = desk.lua("R1", course="KNITTING", updated=newest)
    assert desk.send(desk.lua("R1"), desk.lua("R9", on="20261001")) == ["I100", "I100"]
    assert desk.send(late, number=2) == ["E320"]

    def mend() -> None:
        Mapping.objects.create(
            organisation=desk.staff.organisation,
            connection=desk.connection,
            course_code="KNITTING",
            competence=desk.staff.competences[0],
        )
        replay(desk.connection, failures=OpenFailure.objects.all(), on=TODAY, by="alice")

    again = [desk.lua("R2", on="20261005"), desk.lua("R1", on="20261004", updated=older)]
    assert codes_of(desk, 3, *again, meanwhile=mend) == ["I100", "W203"]
    assert held()["R1"] == date(2026, 11, 2)


def test_a_place_to_which_something_was_moved_meanwhile_is_taken(desk: Desk) -> None:
    """A batch that amends and adds nothing tells those of other connections as well that it has been there."""
    other = beside(desk)
    assert other.send(other.lua("S1", on="20261001")) == ["I100"]

    def move() -> None:
        assert other.send(other.lua("S1", on="20261004", updated=NEWER), number=2) == ["I101"]

    lines = [desk.lua("R1", on="20261005"), desk.lua("R2", on="20261004")]
    assert codes_of(desk, 1, *lines, meanwhile=move) == ["I100", "W202"]


def beside(desk: Desk) -> Desk:
    """Another LMS of the same organisation, which gives the same competence."""
    other = copy(desk)
    other.connection = Connection.objects.create(
        organisation=desk.staff.organisation, code="MOODLE", lms_name="Moodle", live_on=date(2026, 1, 5)
    )
    Mapping.objects.create(
        organisation=desk.staff.organisation,
        connection=other.connection,
        course_code="FIRE",
        competence=desk.staff.competences[0],
    )
    return other


def held() -> dict[str, date | None]:
    return dict(CompetencyElement.objects.held().values_list("source_reference", "date_from"))

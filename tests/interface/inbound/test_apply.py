"""Batches overlap: the next is settled while one is written. What comes of that is what one after the other gives."""

from datetime import date

import pytest
from django.db import transaction
from pytest_django import Settings

from competencies.models import CompetencyElement, Source
from competencies.models.element import ids_taken, lock_next_element_id
from interface.inbound.actions import collect
from interface.models import InboundRecord
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
            taken = lock_next_element_id(desk.staff.organisation)
            desk.staff.element(
                desk.people[0], element_id=str(taken), date_from=date(2026, 11, 1), source=Source.HAND
            )
            ids_taken(desk.staff.organisation, next_id=taken + 1)

    collect(desk.connection, on=TODAY, by="tests", progress=add_by_hand)
    codes = InboundRecord.objects.order_by("id").values_list("code", flat=True)
    assert list(codes) == ["I100", "W202", "I100"]
    assert CompetencyElement.objects.values("element_id").distinct().count() == 3

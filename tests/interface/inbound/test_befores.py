"""What a file changes is kept as it was: so much as an undo needs, and not a row more."""

from datetime import date

import pytest
from pytest_django import Settings

from interface.inbound.befores import joined, within_ranges
from interface.models import ElementBefore, OpenFailure
from tests.interface.inbound.desk import Desk
from tests.simulation import wire

AGAIN = {"level": "2", "updated": "20261103 010000"}


def kept(number: int) -> list[tuple[str, date | None, str, bool]]:
    rows = ElementBefore.objects.filter(file__number=number).order_by("element_id")
    return [
        (row.element_id[-2:], row.date_from, row.proficiency_level, row.withdrawn_at is not None)
        for row in rows
    ]


def test_an_addition_keeps_nothing_but_its_ids(desk: Desk) -> None:
    assert desk.send(desk.lua("R1"), desk.lua("R2", person="40002")) == ["I100", "I100"]
    assert not ElementBefore.objects.exists()
    assert desk.only().added == [[900_000_000_001, 900_000_000_002]]


def test_what_is_amended_advanced_or_withdrawn_is_kept_as_it_was(desk: Desk) -> None:
    desk.send(
        desk.lua("R1"),
        desk.lua("R2", person="40002"),
        desk.lua("R3", on=date(2026, 10, 1)),
        desk.lua("R4", on=date(2026, 9, 1)),
    )
    codes = desk.send(
        desk.lua("R1", **AGAIN),
        desk.lua("R2", person="40002", updated="20261103 010000"),
        wire.lud("R3"),
        desk.lua("R4", on=date(2026, 9, 1)),
        number=2,
    )
    assert codes == ["I101", "I102", "I103", "I102"]
    assert kept(2) == [
        ("01", date(2026, 11, 2), "", False),
        ("02", date(2026, 11, 2), "", False),
        ("03", date(2026, 10, 1), "", False),
    ]


def test_over_several_batches_the_first_values_count_and_what_the_file_added_is_not_kept(
    desk: Desk, settings: Settings
) -> None:
    settings.INBOUND_BATCH_LINES = 1
    desk.send(desk.lua("R1", level="1"))
    codes = desk.send(
        desk.lua("R1", **AGAIN), wire.lud("R1"), desk.lua("R2", person="40002"), wire.lud("R2"), number=2
    )
    assert codes == ["I101", "I103", "I100", "I103"]
    assert kept(2) == [("01", date(2026, 11, 2), "1", False)]


def test_failures_that_may_be_mended_stand_open(desk: Desk) -> None:
    codes = desk.send(
        desk.lua("R1", course="KNITTING", version="2"),
        desk.lua("R2", person="99999"),
        desk.lua("R3", course="", competence="123456"),
        desk.lua("R4", on=date(2027, 1, 1)),
        "LUA~",
    )
    assert codes == ["E320", "E310", "E320", "E330", "E300"]
    rows = OpenFailure.objects.order_by("line_number")
    assert list(
        rows.values_list("line_number", "code", "course_code", "course_version", "person__person_id")
    ) == [
        (2, "E320", "KNITTING", "2", "40001"),
        (3, "E310", "FIRE", "", None),
        (4, "E320", "", "", "40001"),
    ]


@pytest.mark.parametrize(
    ("ranges", "new", "expected"),
    [
        ([], (1, 0), []),
        ([], (1, 3), [[1, 3]]),
        ([[1, 3]], (4, 5), [[1, 5]]),
        ([[1, 3]], (6, 7), [[1, 3], [6, 7]]),
        (None, (1, 3), None),
    ],
)
def test_ranges_grow_together(
    ranges: list[list[int]] | None, new: tuple[int, int], expected: list[list[int]] | None
) -> None:
    assert joined(ranges, new) == expected


def test_a_range_has_both_its_ends() -> None:
    assert [number for number in range(8) if within_ranges(number, [[1, 3], [6, 6]])] == [1, 2, 3, 6]

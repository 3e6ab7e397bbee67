"""What an LMS told us is marked on the element, with the values that it then holds."""

from datetime import date

from competencies.models import CompetencyElement
from interface.outbound.actions import send_changes
from interface.outbound.difference import UNKNOWN
from tests.interface.inbound.desk import Desk
from tests.interface.outbound.staff import TODAY, digest


def told(element: CompetencyElement) -> tuple[int | None, int | None, int | None]:
    return element.told_digest, element.told_in, element.told_before


def only() -> CompetencyElement:
    return CompetencyElement.objects.get()


def test_added_and_amended_are_marked_with_the_values_held(desk: Desk) -> None:
    assert desk.send(desk.lua("R1")) == ["I100"]
    assert told(only()) == (digest(only()), desk.only().pk, 1)
    send_changes(desk.connection, on=TODAY, by="tests")
    newer = desk.lua("R1", level="2 - Passed", updated="20261103 080000")
    assert desk.send(newer, number=2) == ["I101"]
    assert only().proficiency_level == "2 - Passed"
    assert told(only()) == (digest(only()), only().told_in, 2)


def test_unchanged_is_not_marked_again(desk: Desk) -> None:
    desk.send(desk.lua("R1"))
    before = told(only())
    send_changes(desk.connection, on=TODAY, by="tests")
    assert desk.send(desk.lua("R1", updated="20261103 080000"), number=2) == ["I102"]
    assert told(only()) == before


def test_another_expiry_date_than_ours_is_marked_as_unknown(desk: Desk) -> None:
    assert desk.send(desk.lua("R1", expires=date(2030, 1, 1))) == ["W201"]
    assert only().told_digest == UNKNOWN


def test_withdrawn_by_the_partner_is_not_marked(desk: Desk) -> None:
    assert desk.send(desk.lua("R1"), "LUD~R1", desk.lua("R2", person="40002")) == ["I100", "I103", "I100"]
    assert told(CompetencyElement.objects.get(source_reference="R1")) == (None, None, None)
    assert desk.send("LUD~R2", number=2) == ["I103"]
    assert told(CompetencyElement.objects.get(source_reference="R2")) == (None, None, None)


def test_amended_and_withdrawn_in_one_file_is_not_marked(desk: Desk) -> None:
    desk.send(desk.lua("R1"))
    newer = desk.lua("R1", level="2 - Passed", updated="20261103 080000")
    assert desk.send(newer, "LUD~R1", number=2) == ["I101", "I103"]
    assert told(only()) == (None, None, None)


def test_moved_to_another_person_stays_marked_until_the_partner_is_told(desk: Desk) -> None:
    desk.send(desk.lua("R1"))
    moved = desk.lua("R1", person="40002", updated="20261103 080000")
    assert desk.send(moved, number=2) == ["I101"]
    first, second = CompetencyElement.objects.order_by("pk")
    assert (first.withdrawn_at is None, first.told_digest is None) == (False, False)
    assert told(second) == (digest(second), second.told_in, 1)

"""What a decision is told: people, competences and mapping as they are, whatever the database's own order."""

from typing import Any

from pytest_django import Settings

from competencies.models import Competence, Source
from interface.inbound.loading import load_catalogue
from interface.models import Mapping
from people.models import Organisation
from tests.interface.inbound.desk import BORN, Desk
from tests.interface.outbound.staff import TODAY


def test_a_national_competence_stands_before_a_local_one_of_its_id_or_name(desk: Desk) -> None:
    national = desk.staff.competences[0]
    for competence_id, name in ((national.competence_id, "other"), ("other", national.name)):
        Competence.objects.create(
            organisation=desk.staff.organisation, competence_id=competence_id, name=name
        )
    catalogue = load_catalogue(desk.connection)
    assert catalogue.by_id[national.competence_id].pk == national.pk
    assert desk.send(
        desk.lua("R1", course="", competence=national.competence_id),
        desk.lua("R2", course="", name=national.name, person="40002"),
    ) == ["I100", "I100"]


def test_a_course_mapped_to_another_organisation_s_competence_is_not_mapped(desk: Desk) -> None:
    elsewhere = Organisation.objects.create(vpd="278", name="Southmoor")
    theirs = Competence.objects.create(organisation=elsewhere, competence_id="1", name="278|LOCAL|")
    Mapping.objects.create(
        organisation=desk.staff.organisation,
        connection=desk.connection,
        course_code="THEIRS",
        competence=theirs,
    )
    assert desk.send(desk.lua("R1", course="THEIRS"), desk.lua("R2")) == ["E320", "I100"]


def test_a_mapping_to_the_lms_alone_is_not_used_inbound(desk: Desk) -> None:
    Mapping.objects.update(direction="outbound")
    assert desk.send(desk.lua("R1")) == ["E320"]


def test_withdrawn_and_sent_again_in_one_batch_it_gives_way_to_what_holds_there(desk: Desk) -> None:
    """As it would in two files: what the outcome is must not hang on where a batch ends."""
    assert desk.send(desk.lua("R1")) == ["I100"]
    desk.staff.element(
        desk.people[0], element_id="10000001", date_from=TODAY.replace(day=2), source=Source.GO
    )
    again = desk.lua("R1", updated="20261103 090000")
    assert desk.send("LUD~R1", again, number=2) == ["I103", "W202"]


def test_withdrawn_and_sent_again_in_one_batch_it_is_added_again(desk: Desk) -> None:
    assert desk.send(desk.lua("R1")) == ["I100"]
    again = desk.lua("R1", updated="20261103 090000")
    assert desk.send("LUD~R1", again, "LUD~R1", number=2) == ["I103", "I100", "I103"]
    assert desk.send(again, number=3) == ["W203"]


def test_a_number_is_ambiguous_even_if_one_of_its_people_was_met_before(desk: Desk) -> None:
    desk.staff.employee("40003", employee_number="240001")
    by_number: dict[str, Any] = {"person": "", "number": "240001", "last": "Name40001", "born": BORN}
    lines = (desk.lua("R1"), desk.lua("R2", **by_number))
    assert desk.send(*lines) == ["I100", "E311"]


def test_people_met_in_earlier_batches_are_known_in_later_ones(desk: Desk, settings: Settings) -> None:
    settings.INBOUND_BATCH_LINES = 1
    by_number: dict[str, Any] = {"person": "", "number": "240001", "last": "Name40001", "born": BORN}
    codes = desk.send(
        desk.lua("R1"),
        desk.lua("R2", on="20261005", **by_number),
        desk.lua("R3", person="nobody"),
        desk.lua("R4", person="nobody"),
        desk.lua("R5", on="20261006"),
    )
    assert codes == ["I100", "I100", "E310", "E310", "I100"]

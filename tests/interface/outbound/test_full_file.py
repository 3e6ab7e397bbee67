"""``manage.py full_file``: its exit codes, its words, its JSON."""

import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from interface.models import Connection, OutboundFile
from people.models import Person
from tests.interface.outbound.staff import Staff, out

ON = "--date=2026-11-03"


def test_publishes_for_every_connection_of_the_organisation(
    staff: Staff, capsys: pytest.CaptureFixture[str]
) -> None:
    Connection.objects.create(
        organisation=staff.organisation, code="SECOND", lms_name="M", live_on=date(2026, 1, 1)
    )
    staff.employee("40001")
    call_command("full_file", "--vpd=277", ON)
    printed = capsys.readouterr().out
    assert "277/SECOND: GO_277_CST_GOF_20261103_00000001.DAT, 5 records (1 ASA, 3 CDA, 1 PRA)" in printed
    assert [len(out(file)) for file in OutboundFile.objects.all()] == [5, 5]


def test_json_is_one_object(staff: Staff, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("full_file", "--vpd=277", "--connection=TOTARA", "--json", ON)
    (one,) = json.loads(capsys.readouterr().out)["files"]
    assert (one["connection"], one["records"], one["counts"]) == ("277/TOTARA", 3, {"CDA": 3})


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--vpd=999"], "There is no connection of VPD 999."),
        (["--vpd=277", "--connection=X"], "There is no connection of VPD 277 with code X."),
        (["--vpd=277", "--date=2025-12-31"], "277/TOTARA: The connection goes live on 5 Jan 2026."),
    ],
)
def test_refusals(staff: Staff, arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("full_file", *arguments)
    assert (str(refusal.value), refusal.value.returncode) == (sentence, 1)


def test_one_refusal_does_not_stop_the_others(staff: Staff, capsys: pytest.CaptureFixture[str]) -> None:
    Connection.objects.create(organisation=staff.organisation, code="LATER", lms_name="M")
    with pytest.raises(CommandError, match="277/LATER: The connection has no go-live date"):
        call_command("full_file", "--vpd=277", ON)
    assert "277/TOTARA: GO_277" in capsys.readouterr().out


def test_a_mass_accident_is_held(staff: Staff) -> None:
    for index in range(20):
        staff.employee(str(40000 + index))
    call_command("full_file", "--vpd=277", ON, "--json")
    Person.objects.update(removed_at="2026-11-03 12:00:00+00:00")
    with pytest.raises(
        CommandError, match="of 20 people the partner holds, 0 would be changed and 20 deleted"
    ):
        call_command("full_file", "--vpd=277", ON)

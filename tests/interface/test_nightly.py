"""One connection's night, and that none of many stops the others (promises P8 and P9)."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from interface import nightly
from interface.folders import Folders
from interface.inbound.actions import collect
from interface.models import Connection, OutboundFile
from interface.nightly import exchange
from people.models import NightlyRun
from people.models.run import RunState
from people.runs import RunDoneError, RunTakenError, claim
from tests.interface.outbound.staff import TODAY

pytestmark = pytest.mark.django_db


def night(connection: Connection, *, by_hand: bool = False) -> list[str]:
    report = exchange(connection, on=TODAY, by="tests", by_hand=by_hand)
    return [file.kind for file in report.outbound]


def states() -> dict[str, str]:
    return dict(NightlyRun.objects.values_list("organisation__vpd", "state"))


def test_a_night_is_done_once_by_the_queue_and_again_by_hand(three_connections: list[Connection]) -> None:
    connection = three_connections[0]
    assert night(connection) == ["GOF"]
    with pytest.raises(RunDoneError):
        night(connection)
    assert night(connection, by_hand=True) == []
    assert NightlyRun.objects.get().state == RunState.DONE


def test_a_night_that_somebody_is_at_is_left_to_them(three_connections: list[Connection]) -> None:
    connection = three_connections[0]
    claim(
        organisation=connection.organisation,
        job=nightly.JOB,
        subject=connection.code,
        on=TODAY,
        by_hand=False,
    )
    with pytest.raises(RunTakenError):
        night(connection, by_hand=True)
    assert not OutboundFile.objects.exists()


def test_an_unwritable_out_is_a_failed_run_that_repeats_cleanly(
    three_connections: list[Connection], tmp_path: Path
) -> None:
    connection = three_connections[0]
    outbox = Folders.of(connection).outbox
    outbox.rmdir()
    outbox.write_text("a file stands where the folder should")
    with pytest.raises(OSError, match="Out"):
        night(connection)
    run = NightlyRun.objects.get()
    assert (run.state, "Out" in run.error) == (RunState.FAILED, True)
    outbox.unlink()
    assert night(connection) == ["GOF"]
    assert NightlyRun.objects.get().attempts == 2


# --- One poisoned connection of many ----------------------------------------------------------------


class PoisonError(RuntimeError):
    """What a bug of ours, or a broken disk, would raise."""


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch, three_connections: list[Connection]) -> Connection:
    """The middle one of the connections."""
    bad = three_connections[1]

    def collect_unless_poisoned(connection: Connection, **values: Any) -> Any:
        if connection.pk == bad.pk:
            raise PoisonError("no way on")
        return collect(connection, **values)

    monkeypatch.setattr(nightly, "collect", collect_unless_poisoned)
    return bad


def test_a_poisoned_connection_never_stops_the_others(poisoned: Connection) -> None:
    out = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("exchange", "--date", TODAY.isoformat(), stdout=out)
    assert refused.value.returncode == 1
    assert str(refused.value) == "278/TOTARA: PoisonError: no way on"
    assert states() == {"277": RunState.DONE, "278": RunState.FAILED, "279": RunState.DONE}
    assert "PoisonError: no way on" in NightlyRun.objects.get(organisation__vpd="278").error
    sent = OutboundFile.objects.values_list("connection__organisation__vpd", flat=True)
    assert sorted(sent) == ["277", "279"]
    assert "277/TOTARA" in out.getvalue()
    assert "279/TOTARA" in out.getvalue()


def test_json_names_the_failed_one_as_well(poisoned: Connection) -> None:
    out = StringIO()
    with pytest.raises(CommandError, match="278/TOTARA"):
        call_command("exchange", "--date", TODAY.isoformat(), "--json", stdout=out)
    text = json.dumps(json.loads(out.getvalue()))
    assert "no way on" in text
    assert "277/TOTARA" in text


def test_a_connection_in_other_hands_is_named_and_the_others_done(
    three_connections: list[Connection],
) -> None:
    taken = three_connections[0]
    claim(organisation=taken.organisation, job=nightly.JOB, subject=taken.code, on=TODAY, by_hand=False)
    with pytest.raises(CommandError, match=r"277/TOTARA.*Nothing was done"):
        call_command("exchange", "--date", TODAY.isoformat(), stdout=StringIO())
    assert states() == {"277": RunState.RUNNING, "278": RunState.DONE, "279": RunState.DONE}


@pytest.mark.parametrize("arguments", [("--vpd", "999"), ("--connection", "NONE"), ("--vpd", "277x")])
def test_no_such_connection_is_said(three_connections: list[Connection], arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="There is no connection"):
        call_command("exchange", *arguments, stdout=StringIO())
    assert not NightlyRun.objects.exists()

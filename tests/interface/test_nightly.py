"""One connection's night, and that none of many stops the others (promises P8 and P9)."""

import json
from contextlib import suppress
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from interface import nightly
from interface.folders import Folders
from interface.inbound.actions import collect
from interface.inbound.apply import apply_file
from interface.models import Connection, InboundFile, OutboundFile
from interface.nightly import exchange
from people.models import NightlyRun
from people.models.run import RunState
from people.runs import RunDoneError, RunTakenError, claim
from tests.interface.outbound.staff import TODAY
from tests.simulation import wire

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


def test_why_a_connection_that_is_not_live_was_sent_nothing_is_said(
    three_connections: list[Connection],
) -> None:
    connection = three_connections[0]
    Connection.objects.update(live_on=TODAY + timedelta(days=1))
    connection.refresh_from_db()
    assert night(connection) == []
    report = exchange(connection, on=TODAY, by="tests", by_hand=True)
    assert report.waiting == ["The connection goes live on 4 Nov 2026. Nothing was sent."]


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


# --- The whole night --------------------------------------------------------------------------------


def lay(connection: Connection, number: int, *lines: str, day: date = TODAY) -> str:
    vpd = connection.organisation.vpd
    name = wire.completions_name(vpd, day, number)
    data = wire.envelope(name, vpd, lines, this_run="20261103 210000").encode("iso-8859-1")
    (Folders.of(connection).inbox / name).write_bytes(data)
    return name


def test_the_summary_is_of_all_attempts_of_the_night(
    three_connections: list[Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attempt one takes a file in and dies, attempt two sends; the night before had left an answer behind."""
    connection = three_connections[0]
    names = [lay(connection, 1, "LUD~R1"), lay(connection, 2, "LUD~R2", "LUX~")]

    def killed(*arguments: Any, **values: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(nightly, "send_tonight", killed)
        with pytest.raises(KeyboardInterrupt):
            night(connection)
    assert night(connection) == ["GOF"]
    run = NightlyRun.objects.get()
    answers = [name.replace("LCU", "LCC") for name in names]
    assert (run.attempts, run.summary) == (
        2,
        {
            "in": [
                {"name": names[0], "state": "answered", "code": "", "answers": {"W204": 1}},
                {"name": names[1], "state": "answered", "code": "", "answers": {"E300": 1, "W204": 1}},
            ],
            "out": [
                {"name": answers[0], "records": 2},
                {"name": answers[1], "records": 3},
                {"name": "GO_277_CST_GOF_20261103_00000001.DAT", "records": 5},
            ],
            "held": "",
            "troubles": [],
        },
    )
    # By hand once more: nothing is new, and what the night did is still told.
    assert night(connection, by_hand=True) == []
    assert NightlyRun.objects.get().summary == run.summary


def test_the_summary_of_a_night_has_what_an_earlier_one_left_behind_and_no_more(
    three_connections: list[Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = three_connections[0]
    lay(connection, 1, "LUD~R1")
    with monkeypatch.context() as patched:
        patched.setattr("interface.inbound.actions.publish_pending", full_disk)
        with pytest.raises(OSError, match="full"):
            night(connection)
    tomorrow = TODAY + timedelta(days=1)
    exchange(connection, on=tomorrow, by="tests")
    exchange(connection, on=tomorrow + timedelta(days=1), by="tests")
    left, nothing = NightlyRun.objects.filter(business_date__gt=TODAY).order_by("business_date")
    assert [one["name"][:14] for one in left.summary["out"]] == ["GI_277_CST_LCC", "GO_277_CST_GOF"]
    assert [one["name"][:14] for one in left.summary["in"]] == ["GI_277_CST_LCU"]
    assert [one["name"][:14] for one in nothing.summary["out"]] == ["GO_277_CST_GOC"]
    assert nothing.summary["in"] == []


def full_disk(*arguments: Any, **values: Any) -> None:
    raise OSError(28, "disk full")


# --- One poisoned file of many ----------------------------------------------------------------------


@pytest.fixture
def poisonous(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of files that cannot be decided."""
    names: list[str] = []

    def apply_unless_poisoned(file: InboundFile, **values: Any) -> None:
        if file.name in names:
            raise PoisonError
        apply_file(file, **values)

    monkeypatch.setattr("interface.inbound.actions.apply_file", apply_unless_poisoned)
    return names


@pytest.mark.parametrize("poisoned_files", [1, 2])
def test_a_file_that_always_fails_costs_the_night_neither_its_other_files_nor_what_it_sends(
    three_connections: list[Connection], poisonous: list[str], settings: Settings, poisoned_files: int
) -> None:
    connection = three_connections[0]
    names = [lay(connection, number, "LUD~R1", "LUX~" * number) for number in (1, 2, 3)]
    poisonous.extend(names[:poisoned_files])
    attempts = 0
    while NightlyRun.objects.filter(state=RunState.DONE).count() == 0:
        attempts += 1
        with suppress(PoisonError):
            night(connection)
    assert attempts <= settings.RUN_MAX_ATTEMPTS - (2 - poisoned_files)
    states = InboundFile.objects.order_by("number").values_list("state", flat=True)
    aside = ["quarantined"] * poisoned_files
    assert list(states) == [*aside, *["answered"] * (3 - poisoned_files)]
    assert OutboundFile.objects.filter(kind="GOF", published_at__isnull=False).exists()


def test_exchange_says_what_it_set_aside_and_ends_with_one(
    three_connections: list[Connection], poisonous: list[str]
) -> None:
    name = lay(three_connections[1], 1, "LUD~R1")
    poisonous.append(name)
    causes, out = [], StringIO()
    for day in (3, 3, 3, 4):
        out = StringIO()
        try:
            call_command("exchange", "--date", f"2026-11-{day:02}", stdout=out)
        except CommandError as refused:
            causes.append(str(refused))
    reason = "It could not be decided from line 2 on: 3 attempts failed (PoisonError)."
    # The last night was done without a fault, and still says what waits for somebody.
    assert causes == [
        "278/TOTARA: PoisonError: ", "278/TOTARA: PoisonError: ",
        f"278/TOTARA: {name} was set aside. {reason}",
    ]  # fmt: skip
    told = " ".join(out.getvalue().split())
    assert f"{name} has been set aside since 3 Nov 2026. {reason}" in told


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


@pytest.mark.parametrize("command", ["exchange", "full_file"])
def test_what_is_no_date_is_told_with_how_one_is_written(command: str) -> None:
    with pytest.raises(CommandError, match="'3 Nov' is not a date: write it as YYYY-MM-DD"):
        call_command(command, "--vpd", "277", "--date", "3 Nov")


@pytest.mark.parametrize("arguments", [("--vpd", "999"), ("--connection", "NONE"), ("--vpd", "277x")])
def test_no_such_connection_is_said(three_connections: list[Connection], arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="There is no connection"):
        call_command("exchange", *arguments, stdout=StringIO())
    assert not NightlyRun.objects.exists()

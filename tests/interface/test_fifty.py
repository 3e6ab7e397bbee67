"""P9: fifty connections in one night, several of them poisoned, each in its own way; the others have their night.

The queue is played by hand: a task that raises is delivered again, as often as a run has attempts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from interface import tasks
from interface.folders import Folders
from interface.inbound.apply import apply_file
from interface.models import Connection, InboundFile, OutboundFile
from interface.nightly import exchange
from interface.outbound.actions import send_tonight
from people.models import NightlyRun
from people.runs import claim
from tests.interface.outbound.staff import TODAY, Staff
from tests.rights import bound_by_rights
from tests.simulation import wire

pytestmark = pytest.mark.django_db
FIFTY = [str(100 + number) for number in range(50)]
YESTERDAY = TODAY - timedelta(days=1)


class BugError(RuntimeError):
    """What a fault of the program raises."""


@pytest.fixture
def fifty(exchange_root: Path) -> list[Connection]:
    """Organisations with a person, a partner and a file from it each."""
    connections = []
    for vpd in FIFTY:
        staff = Staff(vpd)
        staff.employee("40001")
        connections.append(staff.connection)
        lay(staff.connection, wire.completions_name(vpd, TODAY, 1))
    return connections


def lay(connection: Connection, name: str, data: bytes = b"") -> Path:
    text = wire.envelope(name, connection.organisation.vpd, ["LUD~R1"], this_run="20261103 210000")
    path = Folders.of(connection).inbox / name
    path.write_bytes(data or text.encode("iso-8859-1"))
    return path


@pytest.fixture
def poisoned(fifty: list[Connection], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Every sixth or so: what is wrong, by VPD, as the run's error has it; empty where the night ends well."""
    unwritable, undecidable, unsendable, spoilt, taken, unreadable, hostile, endless = fifty[3::6]
    outbox = Folders.of(unwritable).outbox
    outbox.rmdir()
    outbox.write_text("a file where the folder should be")

    def apply_but(file: InboundFile, **values: Any) -> None:
        if file.connection_id == undecidable.pk:
            raise BugError("in deciding")
        apply_file(file, **values)

    def send_but(connection: Connection, **values: Any) -> Any:
        if connection.pk == unsendable.pk:
            raise BugError("in sending")
        if connection.pk == endless.pk:
            raise MemoryError
        return send_tonight(connection, **values)

    monkeypatch.setattr("interface.inbound.actions.apply_file", apply_but)
    monkeypatch.setattr("interface.nightly.send_tonight", send_but)
    exchange(spoilt, on=YESTERDAY, by="tests")
    lay(spoilt, wire.completions_name(spoilt.organisation.vpd, TODAY, 2))
    file = OutboundFile.objects.get(connection=spoilt, kind="GOF")
    (Folders.of(spoilt).archive_out / file.name).write_text("somebody was here")
    OutboundFile.objects.filter(pk=file.pk).update(published_at=None)
    claim(organisation=taken.organisation, job="exchange", subject=taken.code, on=TODAY, by_hand=False)
    NightlyRun.objects.filter(organisation=taken.organisation).update(
        worker="elsewhere/1/1", lease_until=timezone.now() + timedelta(hours=1)
    )
    lay(unreadable, "A.DAT").chmod(0)
    for length in range(0, 60, 20):
        lay(hostile, f"\x1b[31m{length}", bytes(range(255, 195 + length, -1)) * 50)
    told = {
        unwritable: "Out", undecidable: "", unsendable: "BugError: in sending",
        spoilt: "is not the file that was rendered", taken: "is being done by", unreadable: "", hostile: "",
        endless: "MemoryError",
    }  # fmt: skip
    return {connection.organisation.vpd: why for connection, why in told.items()}


@pytest.fixture
def rights() -> Iterator[None]:
    with bound_by_rights():
        yield


def deliver(connections: list[Connection]) -> list[Connection]:
    """Each task once; those that raised."""
    raised = []
    for connection in connections:
        try:
            tasks.exchange_connection(connection.pk, TODAY.isoformat())
        except (OSError, RuntimeError, MemoryError):
            raised.append(connection)
    return raised


def test_a_night_of_fifty_with_poison_of_every_kind(
    fifty: list[Connection],
    poisoned: dict[str, str],
    settings: Settings,
    exchange_root: Path,
    rights: None,
) -> None:
    left = fifty
    for _ in range(settings.RUN_MAX_ATTEMPTS + 1):
        left = deliver(left)
    runs = {run.organisation.vpd: run for run in NightlyRun.objects.filter(business_date=TODAY)}
    # All but those whose own poison stops them are done, in spite of it or without any.
    stopped = {vpd for vpd, why in poisoned.items() if why}
    assert {vpd for vpd, run in runs.items() if run.state != "done"} == stopped
    aside = InboundFile.objects.get(state="quarantined")
    for connection in fifty:
        vpd = connection.organisation.vpd
        out = {path.name[:14] for path in (exchange_root / vpd / "TOTARA" / "Out").glob("*.DAT")}
        expected = {f"GI_{vpd}_CST_LCC", f"GO_{vpd}_CST_GOF"}
        if vpd not in poisoned:
            assert out == expected, vpd
            assert runs[vpd].attempts == 1
        elif runs[vpd].state == "failed":
            assert poisoned[vpd] in runs[vpd].error
            assert runs[vpd].attempts == settings.RUN_MAX_ATTEMPTS
        elif runs[vpd].state == "running":  # elsewhere, and nobody meddles
            assert not out
        else:
            assert out >= expected - ({f"GI_{vpd}_CST_LCC"} if connection == aside.connection else set())
    assert not left, "given up: the tasks come back and do nothing"

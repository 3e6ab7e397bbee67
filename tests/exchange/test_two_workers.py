"""P8 and P9: two workers on one night at once give one result; a night that fails says so and repeats cleanly."""

import os
import resource
import subprocess
import sys
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from competencies.models import CompetencyElement
from interface.models import InboundFile, InboundRecord, OutboundFile, SentPicture
from people.models import NightlyRun
from tests.exchange import world as w
from tests.exchange.world import VPD, World, completion
from tests.simulation import wire

ROOT = Path(__file__).resolve().parents[2]
LCC = "GI_277_CST_LCC_20261103_00000001.DAT"
EXCHANGE = ["--vpd", VPD, "--connection", "TOTARA", "--date", "2026-11-03"]


def start(world: World, **more: Any) -> "subprocess.Popen[str]":
    """An exchange in a process of its own, on the database of these tests."""
    database = connection.settings_dict
    url = f"sqlite:///{database['NAME']}"
    if connection.vendor == "postgresql":
        url = os.environ["DATABASE_URL"].replace("/cstf?", f"/{database['NAME']}?")
    return subprocess.Popen(
        [sys.executable, "manage.py", "exchange", *EXCHANGE],
        env={**os.environ, "DATABASE_URL": url, "EXCHANGE_ROOT": str(world.root)},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


@pytest.mark.parametrize("attempt", range(3))
def test_two_workers_on_one_night_give_one_result(attempt: int, world: World) -> None:
    lines = [completion(w.HALE, f"R{number}", on=date(2020, 1, 1 + number)) for number in range(30)]
    world.put(*world.file(lines))
    workers = [start(world) for _ in range(2)]
    ended = []
    for worker in workers:
        _, told = worker.communicate(timeout=120)
        ended.append((worker.returncode, told))
    # One has done it; the other has too, after the first, or was told that the first is at it.
    assert 0 in {status for status, _ in ended}, ended
    assert all(status == 0 or "is being done by" in told for status, told in ended), ended
    assert world.answer(LCC).codes == ["I100"] * 30
    assert InboundFile.objects.count() == 1
    assert InboundRecord.objects.count() == 30
    assert CompetencyElement.objects.exclude(element_id=w.GO_ELEMENT).count() == 30
    assert [name for name in world.out if name.startswith("GO_")] == ["GO_277_CST_GOF_20261103_00000001.DAT"]
    assert OutboundFile.objects.count() == 2
    assert NightlyRun.objects.get().state == "done"


def test_an_out_that_cannot_be_written_fails_the_night_and_it_repeats_cleanly(world: World) -> None:
    world.put(*world.file([completion(w.ACHEBE, "R1")]))
    (world.folder / "Out").write_text("not a folder")
    with pytest.raises(CommandError) as told:
        call_command("exchange", *EXCHANGE, stdout=StringIO(), stderr=StringIO())
    assert "277/TOTARA" in str(told.value)
    assert "Out" in str(told.value)
    run = NightlyRun.objects.get()
    assert run.state == "failed"
    assert "Out" in run.error
    (world.folder / "Out").unlink()
    world.exchange()
    assert world.answer(LCC).codes == ["I100"]
    assert [name for name in world.out if name.startswith("GO_")] == ["GO_277_CST_GOF_20261103_00000001.DAT"]
    assert NightlyRun.objects.get().state == "done"


def test_a_file_that_cannot_be_published_fails_the_night_and_it_repeats_cleanly(world: World) -> None:
    """At the very last moment: its name is there already, and cannot be replaced."""
    world.put(*world.file([completion(w.ACHEBE, "R1")]))
    obstacle = world.folder / "Out" / LCC
    obstacle.mkdir(parents=True)
    (obstacle / "something").touch()
    with pytest.raises(CommandError):
        call_command("exchange", *EXCHANGE, stdout=StringIO(), stderr=StringIO())
    assert not [path for path in (world.folder / "Out").iterdir() if path != obstacle], (
        "half a night is visible"
    )
    (obstacle / "something").unlink()
    obstacle.rmdir()
    sent = SentPicture.objects.count()
    world.exchange()
    assert world.answer(LCC).codes == ["I100"]
    (name,) = [name for name in world.out if name.startswith("GO_")]
    assert name.endswith("_GOF_20261103_00000001.DAT")
    wire.check_outbound(wire.read(name, world.out[name]))
    assert SentPicture.objects.count() > sent


def test_one_connection_that_fails_does_not_stop_another(world: World) -> None:
    (world.root / VPD / "BANK").mkdir(parents=True)
    (world.root / VPD / "BANK" / "Out").write_text("not a folder")
    world.put(*world.file([completion(w.ACHEBE, "R1")]))
    with pytest.raises(CommandError) as told:
        call_command("exchange", "--vpd", VPD, "--date", "2026-11-03", stdout=StringIO(), stderr=StringIO())
    assert "277/BANK" in str(told.value)
    assert "TOTARA" not in str(told.value)
    assert world.answer(LCC).codes == ["I100"]


def test_a_disk_that_is_full_fails_the_night_and_it_repeats_cleanly(world: World) -> None:
    """The kernel refuses to let a file grow any further, in the middle of the copy into the archive."""
    limit = 4 * 1024**2
    lines = ["LUX~" + "x" * 6000] * (limit // 6000 + 100)
    world.put(*world.file(lines))
    worker = start(world, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    _, told = worker.communicate(timeout=120)
    assert worker.returncode == 1
    assert "File too large" in told
    assert NightlyRun.objects.get().state == "failed"
    assert not world.out
    assert not InboundFile.objects.exists()
    world.exchange()
    assert world.answer(LCC).codes == ["E300"] * len(lines)

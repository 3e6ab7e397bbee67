"""The worked example, exactly as its README says."""

import re
import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.simulation import wire

EXAMPLE = Path(__file__).resolve().parents[1] / "data" / "example-night"
GO = "GO_901_GDW_GOF_20261102_00000311.DAT"
LCU = "GI_901_CST_LCU_20261103_00000001.DAT"


def promised() -> list[list[str]]:
    """The README's table: line, reference, code."""
    rows = re.findall(
        r"^\| (\d+) \| (\S+) \| (\S+) \|", (EXAMPLE / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert len(rows) == 6
    return [list(row) for row in rows]


@pytest.fixture
def folder(exchange_root: Path, committed_db: None) -> Path:
    folder = exchange_root / "901" / "MOODLE"
    call_command("load_setup", str(EXAMPLE / "setup"), stdout=StringIO())
    call_command("read_go", str(EXAMPLE / GO), stdout=StringIO())
    (folder / "In").mkdir(parents=True, exist_ok=True)
    shutil.copy(EXAMPLE / LCU, folder / "In")
    call_command("exchange", "--vpd", "901", "--date", "2026-11-03", stdout=StringIO())
    return folder


def test_the_confirmation_answers_as_promised(folder: Path) -> None:
    name = LCU.replace("LCU", "LCC")
    answer = wire.read(name, (folder / "Out" / name).read_bytes())
    assert answer.rows[0][:3] == ["LFC", LCU, "ACCEPTED"]
    assert answer.rows[0][5:] == ["6", "4", "2", "2"]
    assert [[cells[1], cells[2], cells[5]] for cells in answer.rows[1:]] == promised()
    people = [cells[7] for cells in answer.rows[1:]]
    assert people[:3] == ["40001", "40002", "40003"]
    counts = [len(cells[8].split("|")) if cells[8] else 0 for cells in answer.rows[1:]]
    assert counts == [1, 2, 1, 0, 0, 0]
    assert (answer.previous_run, answer.this_run) == ("20261102 210000", "20261103 210000")


def test_the_first_outbound_file_is_the_full_one(folder: Path) -> None:
    name = "GO_901_CST_GOF_20261103_00000001.DAT"
    assert sorted(path.name for path in (folder / "Out").iterdir()) == [LCU.replace("LCU", "LCC"), name]
    file = wire.read(name, (folder / "Out" / name).read_bytes())
    wire.check_outbound(file)
    wire.check_people(file, {})
    kinds = [cells[0] for cells in file.rows]
    assert {kind: kinds.count(kind) for kind in kinds} == {"CDA": 3, "PRA": 3, "ASA": 3, "CMA": 4}
    held = [(cells[1], cells[5], cells[6], cells[7]) for cells in file.rows if cells[0] == "CMA"]
    assert ("40001", "NHS|CSTF|Fire Safety - 2 Years|", "20261102", "20281101") in held
    assert ("40003", "NHS|CSTF|Fire Safety - 2 Years|", "20261030", "20281029") in held
    assert file.previous_run == wire.NO_RUN


def test_another_night_sends_nothing_new(folder: Path) -> None:
    call_command("exchange", "--vpd", "901", "--date", "2026-11-04", stdout=StringIO())
    name = "GO_901_CST_GOC_20261104_00000002.DAT"
    file = wire.read(name, (folder / "Out" / name).read_bytes())
    # The full file carried the date that rules for M-1003, and everything else.
    assert file.rows == []

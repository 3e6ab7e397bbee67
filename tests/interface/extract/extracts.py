"""GO files written line by line, and what the command says of them."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from django.core.management import call_command

DATA = Path(__file__).resolve().parent.parent.parent / "data"
WIDTHS = {"PRA": 44, "ASA": 51, "CMA": 27, "CDA": 16, "POA": 24, "ORA": 16, "LCA": 22}
MONDAY, TUESDAY, WEDNESDAY = "20261102 070000", "20261103 070000", "20261104 070000"

# What a record needs to be sound, by column; tests say only what they are about.
DEFAULTS: dict[str, dict[int, str]] = {
    "PRA": {1: "1", 2: "20200101", 4: "100", 6: "Achebe", 13: "19870412", 33: "EMP", 34: "Employee", 38: "20261101"},
    "ASA": {1: "1", 2: "11", 3: "20200101", 6: "E", 9: "Active Assignment", 21: "Yes", 44: "20261101 090000"},
    "CMA": {1: "1", 2: "111", 6: "20260101", 7: "20271231", 13: "900004", 22: "20261101 090000"},
    "CDA": {1: "5", 2: "901|LOCAL|Food Hygiene|", 15: "20261101 090000"},
    "POA": {1: "7001", 5: "Porter", 8: "Estates", 9: "Porter", 14: "9001"},
    "ORA": {1: "9001", 2: "Ward 1"},
    "LCA": {1: "1"},
}  # fmt: skip


def record(record_type: str, **cells: str) -> str:
    """One line: ``record("PRA", c1="2", c6="Okafor")`` differs from the default in columns 1 and 6."""
    values = DEFAULTS[record_type] | {int(name[1:]): value for name, value in cells.items()}
    return "~".join([record_type, *(values.get(index, "") for index in range(1, WIDTHS[record_type]))])


def extract(*lines: str, created: str = MONDAY, vpd: str = "901") -> str:
    """A whole file. Line 1 is its header."""
    header = f"HDR~GO_{vpd}.DAT~{created}~{vpd}~00000000 000000~{created}~01"
    return "\n".join([header, *lines, f"TRL~{len(lines) + 2}", ""])


class Answer(NamedTuple):
    """What `read_go --json` printed: one file's report."""

    report: dict[str, Any]

    def counts(self, record_type: str) -> dict[str, int]:
        counts: dict[str, int] = self.report["counts"].get(record_type, {})
        return counts

    @property
    def rejected(self) -> list[tuple[int, str, str]]:
        return [(one["line"], one["column"], one["reason"]) for one in self.report["rejected"]]

    @property
    def findings(self) -> dict[str, int]:
        findings: dict[str, int] = self.report["findings"]
        return findings


Read = Callable[..., Answer]
Refusal = Callable[..., str]


def read_go(*paths: Path, **options: Any) -> dict[str, Any]:
    out = io.StringIO()
    call_command("read_go", *paths, json=True, stdout=out, **options)
    result: dict[str, Any] = json.loads(out.getvalue())
    return result

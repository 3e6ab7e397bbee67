"""The CSV files of `load_setup` for those who write them: which columns each has, in order."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

COLUMNS: Final[dict[str, Sequence[str]]] = {
    "organisations.csv": ("vpd", "ods_code", "name", "region", "cstf_aligned_on", "auto_iat"),
    "competences.csv": (
        "vpd", "competence_id", "name", "subject", "level", "variant", "renewal_frequency", "renewal_units",
        "date_from", "date_to",
    ),
    "connections.csv": (
        "vpd", "code", "lms_name", "supplier", "sub_type", "encoding", "restriction", "restriction_values",
        "transport", "send_ni_number", "live_on",
    ),
    "mappings.csv": ("vpd", "connection", "course_code", "course_version", "competence_name", "expiry"),
    "requirements.csv": ("vpd", "scope", "scope_value", "competence_name"),
}  # fmt: skip


def write_setup_file(folder: Path, name: str, rows: Iterable[Sequence[object]]) -> None:
    """One of the files, its header first."""
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS[name], *rows])

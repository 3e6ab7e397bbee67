"""How much of a file is looked at before it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of the file, bytes of a workbook unpacked, rows under the header, columns, characters of a cell."""

    size: int = 20 * MEBIBYTE
    unpacked: int = 200 * MEBIBYTE
    rows: int = 50_000
    columns: int = 60
    cell: int = 1_000

"""The formats of a download: CSV and workbooks whose cells calculate nothing, and read back as they were.

The package would take the equals sign away and let the others stand.
"""

from __future__ import annotations

from typing import Any

import tablib
from import_export.formats import base_formats

from people.harmless import made_harmless


class _Harmless:
    def _escape_formulae(self, dataset: tablib.Dataset) -> None:
        """What the package calls where ``IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT`` is on."""
        for _ in range(len(dataset)):
            dataset.append([_cell(value) for value in dataset.lpop()])


def _cell(value: Any) -> Any:
    return made_harmless(value) if isinstance(value, str) else value


class CSV(_Harmless, base_formats.CSV):
    """CSV."""


class XLSX(_Harmless, base_formats.XLSX):
    """Workbooks."""

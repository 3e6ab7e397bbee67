"""Loads an installation's reference data from one folder of CSV files: all of it, or nothing.

The only place that knows every table's resource. The command, the demo and tests call the same verb.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.db import transaction

from competencies.resources import CompetenceResource, RequirementResource
from interface.models import Connection
from interface.resources import ConnectionResource, MappingResource
from people.audit.actions import gathering
from people.audit.context import Channel, acting
from people.resources import OrganisationResource, TableResource
from people.tables import Problem, read_table
from people.tenancy import everywhere

# In the order in which they refer to each other.
TABLES: Final[dict[str, type[TableResource]]] = {
    "organisations.csv": OrganisationResource,
    "competences.csv": CompetenceResource,
    "connections.csv": ConnectionResource,
    "mappings.csv": MappingResource,
    "requirements.csv": RequirementResource,
}


# The file that is read now, how many have been, and how many there are.
Progress = Callable[[str, int, int], None]


def _silent(file: str, done: int, total: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of one file's rows."""

    file: str
    added: int
    changed: int
    unchanged: int


@dataclass(slots=True)
class SetupReport:
    """What a run of ``load_setup`` did, or why it did nothing."""

    loaded: list[Loaded] = field(default_factory=list)
    problems: list[tuple[str, Problem]] = field(default_factory=list)

    def sentences(self) -> list[str]:
        """The problems, one a line, with their file."""
        return [
            f"{file}, {problem}" if problem.line else f"{file}: {problem}" for file, problem in self.problems
        ]


def load_setup(folder: Path, *, by: str, progress: Progress = _silent) -> SetupReport:
    """Every row of every file that is there is stored, or, where one row is wrong, nothing is.

    Rows are found by their natural keys; rows that stand in no file stay as they are. ``by`` says who loads,
    for the audit. Raises FileNotFoundError where the folder holds none of the
    files.
    """
    files = [folder / name for name in TABLES if (folder / name).is_file()]
    if not files:
        raise FileNotFoundError(f"{folder} holds none of {', '.join(TABLES)}")
    report = SetupReport()
    with (
        everywhere(f"load_setup by {by}: reference data of all organisations"),
        acting(by=by),
        gathering(),
    ):
        for done, file in enumerate(files):
            progress(file.name, done, len(files))
            with acting(channel=Channel.UPLOAD, key=file.name):
                _load_file(file, report)
        report.problems += _live_without_alignment()
        if report.problems:
            transaction.set_rollback(True)
            report.loaded.clear()
    return report


def _load_file(file: Path, report: SetupReport) -> None:
    resource = TABLES[file.name]()
    result, problems = resource.load(read_table(file.read_bytes()))
    report.problems += [(file.name, problem) for problem in problems]
    totals = result.totals
    report.loaded.append(Loaded(file.name, totals["new"], totals["update"], totals["skip"]))


def _live_without_alignment() -> list[tuple[str, Problem]]:
    """Connections whose rows did not change, but whose organisation no longer says that it is aligned."""
    return [
        (
            "organisations.csv",
            Problem(
                0,
                "cstf_aligned_on",
                f"{connection} goes live on {connection.live_on}, when its organisation would not be aligned",
            ),
        )
        for connection in Connection.objects.select_related("organisation").filter(live_on__isnull=False)
        if connection.live_on and not connection.organisation.is_aligned(on=connection.live_on)
    ]

"""The verb that loads the demo, through the same doors that an operator uses: setup files, GO extracts, In folders.

The day of the first load is the connections' go-live date, and everything is made relative to that day: loaded again
on another day, the demo is the same demo. What is there already is left alone, whatever was done with it since.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from competencies.models import Competence
from cstf_site.demo.catalogue import CONNECTIONS, LOCAL_NAME, national_catalogue, write_setup
from cstf_site.demo.drops import Lms, first_file, second_file, small_file
from cstf_site.demo.people import Population, build
from cstf_site.setup import load_setup
from interface.extract.actions import load_extract
from interface.folders import Folders
from interface.formats import envelope, go, names
from interface.formats.envelope import Header
from interface.formats.text import Encoder
from interface.models import Connection, InboundFile
from people.models import Person
from people.tenancy import everywhere

SIZES: Final = {"901": 400, "902": 150}
# The gap before it holds this file until an operator decides.
AFTER_A_GAP: Final = 4


@dataclass(slots=True)
class DemoReport:
    """What was made now; empty where all of it was there."""

    setup: bool = False
    people: dict[str, int] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)


def load_demo(*, by: str, on: date, folder: Path) -> DemoReport:
    """The demo's organisations, people and LMS files are there. ``folder`` keeps what was generated on the way.

    ``on`` is the day of the first load, London time; later loads go by the day of the first.
    """
    report = DemoReport()
    with everywhere("the demo loads organisations of its own"):
        day = _first_load() or on
        if not _is_set_up():
            write_setup(folder / "setup", live_on=day)
            loaded = load_setup(folder / "setup", by=by)
            if loaded.problems:
                raise ValueError("\n".join(loaded.sentences()))
            report.setup = True
        for vpd in CONNECTIONS:
            _organisation(vpd, day, by, folder, report)
    return report


def _connection(vpd: str) -> Connection | None:
    connections = Connection.objects.select_related("organisation")
    return connections.filter(organisation__vpd=vpd, code=CONNECTIONS[vpd][0]).first()


def _first_load() -> date | None:
    connection = _connection("901")
    return connection.live_on if connection else None


def _is_set_up() -> bool:
    """The setup is loaded whole or not at all, so its last table tells."""
    return Competence.objects.filter(name=LOCAL_NAME).exists() and all(
        _connection(vpd) for vpd in CONNECTIONS
    )


def _organisation(vpd: str, day: date, by: str, folder: Path, report: DemoReport) -> None:
    connection = _connection(vpd)
    assert connection is not None
    encoding, values = CONNECTIONS[vpd][3], CONNECTIONS[vpd][5]
    catalogue = national_catalogue()
    population = build(vpd, size=SIZES[vpd], on=day, catalogue=catalogue, utf8=encoding == "utf-8")
    first = population.members[0].person_id
    if not Person.objects.filter(organisation=connection.organisation, person_id=first).exists():
        extract = write_extract(folder, population, day, encoding)
        load_extract(extract, by=by, encoding=encoding)
        report.people[vpd] = len(population.members)
    lms = Lms(population, on=day, live_payroll=values)
    for number, lines, spoil in DELIVERIES[vpd](lms):
        file = _deliver(connection, number, lines, day, spoil)
        if file is not None:
            report.files.append(file)


# --- The ESR extract ----------------------------------------------------------------------------------


def write_extract(folder: Path, population: Population, day: date, encoding: str) -> Path:
    """A GO file with everything that the staff record says of these people."""
    name = f"GO_{population.vpd}_GDW_GOF_{day:%Y%m%d}_00000001.DAT"
    rows = [go.write_row(row, send_ni_number=True) for row in population.rows]
    evening = datetime(day.year, day.month, day.day, 5, tzinfo=UTC)
    header = Header(name, evening, population.vpd, None, evening)
    return _write(folder / "extract" / name, header, rows, encoding)


def _write(
    path: Path, header: Header, lines: Sequence[str], encoding: str, *, count: int | None = None
) -> Path:
    """A whole file under its name, or none: a partner's tool would rename it into place too."""
    encoder = Encoder(encoding)
    whole = [envelope.write_header(header), *lines]
    whole.append(envelope.write_trailer(len(whole) + 1 if count is None else count))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(b"".join(encoder.encode_line(line) for line in whole))
    part.replace(path)
    return path


# --- The LMS's deliveries -----------------------------------------------------------------------------

Delivery = tuple[int, list[str], bool]


def _of_901(lms: Lms) -> list[Delivery]:
    return [
        (1, first_file(lms, size=200), False),
        (2, second_file(lms, size=15), False),
        (AFTER_A_GAP, small_file(lms, size=5), False),
    ]


def _of_902(lms: Lms) -> list[Delivery]:
    """Its second file was cut off on the way."""
    return [(1, first_file(lms, size=60), False), (2, small_file(lms, size=8), True)]


DELIVERIES: Final[dict[str, Callable[[Lms], list[Delivery]]]] = {"901": _of_901, "902": _of_902}


def _deliver(connection: Connection, number: int, lines: list[str], day: date, cut_off: bool) -> Path | None:
    """The file lies in In, unless it was received before."""
    name = str(
        names.build(
            "LCU",
            vpd=connection.organisation.vpd,
            sub_type=connection.sub_type,
            business_date=day,
            number=number,
        )
    )
    target = Folders.of(connection).inbox / name
    if target.exists() or InboundFile.objects.filter(connection=connection, name=name).exists():
        return None
    run = datetime(day.year, day.month, day.day, 4, tzinfo=UTC) + timedelta(minutes=number)
    header = Header(name, run, connection.organisation.vpd, run - timedelta(days=1), run)
    return _write(target, header, lines, connection.encoding, count=len(lines) + 9 if cut_off else None)

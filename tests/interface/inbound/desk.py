"""A connection with two people, and the LMS at its other end that lays files into In."""

from datetime import date
from pathlib import Path

from interface.folders import Folders
from interface.inbound.actions import collect
from interface.models import Connection, InboundFile, InboundRecord, Mapping
from tests.interface.outbound.staff import TODAY, Staff
from tests.simulation import wire

BORN = date(1987, 4, 12)


class Desk:
    """Everything has a default; a test says what it is about."""

    def __init__(self) -> None:
        self.staff = Staff()
        self.people = [self.staff.employee("40001"), self.staff.employee("40002")]
        self.connection: Connection = self.staff.connection
        Mapping.objects.create(
            organisation=self.staff.organisation,
            connection=self.connection,
            course_code="FIRE",
            competence=self.staff.competences[0],
        )

    @property
    def folders(self) -> Folders:
        return Folders.of(self.connection)

    def lua(self, reference: str, *, person: str = "40001", **columns: str | date) -> str:
        """A good completion."""
        values: dict[str, str | date] = {
            "person": person,
            "last": f"Name{person}",
            "born": BORN,
            "course": "FIRE",
            "on": date(2026, 11, 2),
            "updated": "20261102 143000",
        }
        return wire.lua(reference, **(values | columns))  # type: ignore[arg-type]  # columns by name

    def file(self, *lines: str, number: int = 1, day: date = TODAY) -> tuple[str, bytes]:
        name = wire.completions_name("277", day, number)
        return name, wire.envelope(name, "277", lines, this_run="20261103 210000").encode("iso-8859-1")

    def put(self, name: str, data: bytes) -> Path:
        path = self.folders.inbox / name
        path.write_bytes(data)
        return path

    def collect(self, on: date = TODAY) -> list[InboundFile]:
        return collect(self.connection, on=on, by="tests")

    def send(self, *lines: str, number: int = 1) -> list[str]:
        """The codes that these lines are given, as one file."""
        name, data = self.file(*lines, number=number)
        self.put(name, data)
        self.collect()
        rows = InboundRecord.objects.filter(file__name=name).order_by("line_number")
        return list(rows.values_list("code", flat=True))

    def only(self) -> InboundFile:
        """The one file of the ledger."""
        return InboundFile.objects.get()

    def out(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(self.folders.outbox.iterdir())}


def outcome(desk: Desk) -> tuple[str, str, str]:
    """State, code and name of the one file that came in."""
    file = desk.only()
    return file.state, file.code, file.name


def killed(*arguments: object, **values: object) -> None:
    """What a step of the run is replaced by: its worker is gone."""
    raise KeyboardInterrupt

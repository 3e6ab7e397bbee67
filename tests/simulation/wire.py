"""The wire format as its document has it, written down a second time: nothing here comes from the product."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

NO_RUN = "00000000 000000"
COLUMNS = {"CDA": 16, "PRA": 44, "ASA": 51, "CMA": 27, "CDD": 2, "PRD": 2, "ASD": 2, "CMD": 2}
# Where a row's Last Update stands, counted from 0: it says nothing about what is held.
LAST_UPDATE = {"CDA": 15, "PRA": 38, "ASA": 44, "CMA": 22}
# Within one person's block: what is dropped of an assignment first, and what is held of it after the person.
RANK = {"PRA": 0, "ASD": 1, "ASA": 2, "CMD": 3, "CMA": 4}
DROP_RANK = {"CMD": 0, "ASD": 1, "PRD": 2}

OUT_NAME = re.compile(r"GO_(\d{3})_([A-Z0-9]{3})_(GOF|GOC)_(\d{8})_(\d{8})\.DAT")
ANSWER_NAME = re.compile(r"GI_(\d{3})_([A-Z0-9]{3})_(LCC|LCR)_(\d{8})_(\d{8})(?:_([0-9a-f]{8}))?\.DAT")
TIMESTAMP = re.compile(r"\d{8} \d{6}")


class WireError(AssertionError):
    """A file that breaks the wire format."""


def claim(truth: object, problem: str) -> None:
    """The format says so, or the file is wrong."""
    if not truth:
        raise WireError(problem)


@dataclass(frozen=True)
class WireFile:
    """A file with a sound envelope. Rows are the lines between HDR and TRL, the first of them line 2."""

    name: str
    created: str
    vpd: str
    previous_run: str
    this_run: str
    rows: list[list[str]]


def ymd(day: date | None) -> str:
    """A date as the wire has it."""
    return "" if day is None else f"{day:%Y%m%d}"


def ts(moment: datetime) -> str:
    """A timestamp as the wire has it."""
    return f"{moment:%Y%m%d %H%M%S}"


def day_of(text: str) -> date | None:
    """A wire date."""
    return datetime.strptime(text, "%Y%m%d").date() if text else None


def row(kind: str, **columns: str | date | None) -> str:
    """A GO row from its columns by number: ``row("PRA", c1="40001")``; the others are empty."""
    cells = [kind] + [""] * (COLUMNS[kind] - 1)
    for name, value in columns.items():
        cells[int(name[1:])] = value if isinstance(value, str) else ymd(value)
    return "~".join(cells)


def envelope(
    name: str, vpd: str, lines: Sequence[str], *, this_run: str, previous_run: str = NO_RUN, created: str = ""
) -> str:
    """The whole text of a file."""
    header = f"HDR~{name}~{created or this_run}~{vpd}~{previous_run}~{this_run}~01"
    count = 2 + sum(1 for line in lines if line.strip())
    return "".join(f"{line}\n" for line in (header, *lines, f"TRL~{count}"))


def completions_name(vpd: str, day: date, number: int, sub: str = "CST", kind: str = "LCU") -> str:
    """The name of a file which an LMS sends."""
    leg = "GO" if kind == "GDR" else "GI"
    return f"{leg}_{vpd}_{sub}_{kind}_{ymd(day)}_{number:08}.DAT"


def lua(
    reference: str = "",
    *,
    person: str = "",
    number: str = "",
    last: str = "",
    born: date | str | None = "",
    competence: str = "",
    name: str = "",
    course: str = "",
    version: str = "",
    on: date | str | None = "",
    expires: date | str | None = "",
    level: str = "",
    method: str = "",
    updated: datetime | str = "",
) -> str:
    """A completion's line."""
    days = [value if isinstance(value, str) else ymd(value) for value in (born, on, expires)]
    cells = ["LUA", reference, person, number, last, days[0], competence, name, course, version]
    cells += [days[1], days[2], level, method, updated if isinstance(updated, str) else ts(updated)]
    return "~".join(cells)


def lud(reference: str) -> str:
    """A withdrawal's line."""
    return f"LUD~{reference}"


def read(name: str, data: bytes, encoding: str = "iso-8859-1") -> WireFile:
    """The file, if its envelope is sound."""
    claim(data.endswith(b"\n"), f"{name} ends within a line")
    claim(b"\r" not in data, f"{name} is not written with LF alone")
    lines = data.decode(encoding).split("\n")[:-1]
    claim(len(lines) >= 2, f"{name} has no header and trailer")
    claim(all(lines), f"{name} has a blank line")
    header, trailer = lines[0].split("~"), lines[-1].split("~")
    claim(len(header) == 7 and header[0] == "HDR", f"{name} has no header: {lines[0]!r}")
    claim(header[1] == name, f"{name} calls itself {header[1]}")
    claim(header[6] == "01", f"{name} is of version {header[6]}")
    claim(all(TIMESTAMP.fullmatch(stamp) for stamp in (header[2], header[4], header[5])), lines[0])
    claim(trailer == ["TRL", str(len(lines))], f"{name} has {len(lines)} lines and says {lines[-1]!r}")
    return WireFile(
        name, header[2], header[3], header[4], header[5], [line.split("~") for line in lines[1:-1]]
    )


def content(cells: Sequence[str]) -> tuple[str, ...]:
    """A row without its Last Update."""
    stamp = LAST_UPDATE[cells[0]]
    return tuple(cell for at, cell in enumerate(cells) if at != stamp)


def check_outbound(file: WireFile) -> None:
    """Column counts, and the order of records within the file."""
    for cells in file.rows:
        claim(cells[0] in COLUMNS, f"{file.name}: unknown record type {cells[0]!r}")
        claim(len(cells) == COLUMNS[cells[0]], f"{file.name}: {cells[0]} with {len(cells)} columns: {cells}")
    kinds = [cells[0] for cells in file.rows]
    body = [kind for kind in kinds if kind not in {"CDA", "CDD"}]
    heads, tails = kinds.count("CDA"), kinds.count("CDD")
    claim(kinds == ["CDA"] * heads + body + ["CDD"] * tails, f"{file.name}: CDA come first and CDD last")
    if "_GOF_" in file.name:
        claim(not any(kind.endswith("D") for kind in kinds), f"{file.name} is a full file and deletes")
        claim(
            all(kind == "PRA" for kind in kinds[heads : heads + 1]),
            f"{file.name} does not begin with a person",
        )


def check_people(file: WireFile, holder_of: dict[tuple[str, str], str]) -> None:
    """Person by person, ascending by Person ID, records of a person in their order.

    ``holder_of`` says whose an assignment or element is that the file deletes by its key alone.
    """
    blocks: list[tuple[str, list[str]]] = []
    for cells in file.rows:
        if cells[0] in {"CDA", "CDD"}:
            continue
        person = (
            cells[1]
            if cells[0][:2] == "PR" or cells[0][2] == "A"
            else holder_of.get((cells[0][:2], cells[1]))
        )
        if person is None:
            continue  # a delete of something that the answer, still on its way, was to tell
        if not blocks or blocks[-1][0] != person:
            blocks.append((person, []))
        blocks[-1][1].append(cells[0])
    order = [person for person, _ in blocks]
    claim(order == sorted(set(order), key=int), f"{file.name}: not person by person, ascending: {order}")
    for person, kinds in blocks:
        ranks = DROP_RANK if kinds[-1] == "PRD" else RANK
        claim(all(kind in ranks for kind in kinds), f"{file.name}: person {person} has {kinds}")
        claim(
            kinds == sorted(kinds, key=lambda kind: ranks[kind]), f"{file.name}: person {person} has {kinds}"
        )


def without_blank(lines: Iterable[str]) -> list[str]:
    """What counts as a record."""
    return [line for line in lines if line.strip()]

"""What an LMS knows of the record: the last content of every row that it was told, and its accounts."""

from tests.simulation import wire
from tests.simulation.wire import WireFile, claim

UNKNOWN = "?"
APPLICANT, EMPLOYEE, SUSPENDED = "applicant", "employee", "suspended"
MAKES_AN_ACCOUNT = {"Offered Post Conditional", "Offered Post Unconditional", "Offer Accepted"}
Row = tuple[str, ...]


def told_already(known: Row | None, row: Row) -> bool:
    """Whether a row repeats what we know in full, or told ourselves with its dates."""
    return known is not None and known[7:8] != (UNKNOWN,) and agree(known, row)


def agree(known: Row, row: Row) -> bool:
    """Equal, where we can know."""
    return len(known) == len(row) and all(
        one in (UNKNOWN, other) for one, other in zip(known, row, strict=True)
    )


class Picture:
    """Rows by key, as their content without the Last Update."""

    def __init__(self) -> None:
        self.competences: dict[str, Row] = {}
        self.persons: dict[str, Row] = {}
        self.assignments: dict[str, Row] = {}
        self.elements: dict[str, Row] = {}
        self.accounts: dict[str, str] = {}
        self.deleted: set[str] = set()  # elements

    def apply(self, file: WireFile, *, full: bool, in_the_dark: bool) -> None:
        """Take in a file. ``in_the_dark``: answers are on their way, we may not know every element."""
        wire.check_outbound(file)
        holder_of = {("AS", key): cells[1] for key, cells in self.assignments.items()}
        holder_of |= {("CM", key): cells[1] for key, cells in self.elements.items()}
        wire.check_people(file, holder_of)
        if full:
            self.competences, self.persons, self.assignments, self.elements = {}, {}, {}, {}
        for cells in file.rows:
            if cells[0][2] == "A":
                self._take(cells, file.name, full=full)
            else:
                self._drop(cells, in_the_dark=in_the_dark)
        self._keep_accounts()

    def _table(self, kind: str) -> dict[str, Row]:
        return {"CD": self.competences, "PR": self.persons, "AS": self.assignments, "CM": self.elements}[
            kind[:2]
        ]

    def _take(self, cells: list[str], file_name: str, *, full: bool) -> None:
        kind, key = cells[0], cells[{"ASA": 2, "CMA": 2}.get(cells[0], 1)]
        self._check_refers(cells)
        rows, row = self._table(kind), wire.content(cells)
        claim(full or not told_already(rows.get(key), row), f"{file_name}: {cells} tells nothing new")
        claim(not full or key not in rows, f"{kind} {key} stands twice in a full file")
        rows[key] = row
        if kind == "CMA":
            self.deleted.discard(key)

    def _drop(self, cells: list[str], *, in_the_dark: bool) -> None:
        kind, key = cells
        rows = self._table(kind)
        claim(key in rows or (kind == "CMD" and in_the_dark), f"{kind} of {key}, which nobody told us of")
        if kind == "PRD":
            left = [row for row in (*self.assignments.values(), *self.elements.values()) if row[1] == key]
            claim(not left, f"person {key} is deleted while we hold of them {left}")
        if kind == "CDD":
            claim(
                all(key != row[13] for row in self.elements.values()), f"CDD of {key}, which somebody holds"
            )
        if kind == "CMD":
            self.deleted.add(key)
        rows.pop(key, None)

    def _check_refers(self, cells: list[str]) -> None:
        if cells[0] in {"ASA", "CMA"}:
            claim(cells[1] in self.persons, f"{cells[0]} of person {cells[1]}, whom nobody told us of")
        if cells[0] == "CMA":
            known = self.competences.get(cells[13])
            claim(known, f"CMA of competence {cells[13]}, which nobody told us of")
            assert known is not None
            claim(known[2] == cells[5], f"CMA names its competence {cells[5]}, the CDA {known[2]}")
            claim(cells[5].startswith("NHS|CSTF|"), f"{cells[5]} is not of the CSTF")
        if cells[0] == "PRA":
            claim(
                not any(cells[at] for at in (12, 14, 22, 39)), f"more of {cells[1]} is told than was agreed"
            )

    def _keep_accounts(self) -> None:
        for person in list(self.accounts):
            if person not in self.persons:
                del self.accounts[person]
        for person, cells in self.persons.items():
            kinds = cells[33].split("_")
            statuses = {row[9] for row in self.assignments.values() if row[1] == person and row[6] == "A"}
            if cells[33] in {"EMP", "EMP_APL"}:
                self.accounts[person] = EMPLOYEE
            elif cells[33] == "APL":
                claim(statuses & MAKES_AN_ACCOUNT, f"applicant {person} came without an offer: {statuses}")
                self.accounts[person] = APPLICANT
            elif "EX" in kinds:
                claim(cells[17] or cells[33] == "EX_EMP_APL", f"{person} has left and no day is told")
                self.accounts[person] = SUSPENDED
            else:
                raise wire.WireError(f"person {person} is of the type {cells[33]!r}")

"""Makes the benchmark's data, all invented: one organisation, its people, what they hold, files of completions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from cstf_site.setup_files import write_setup_file
from interface.formats import completions, go
from interface.formats.envelope import Header, write_header, write_trailer

VPD = "990"
CODE = "BENCH"
ON = date(2026, 11, 3)
NOW = datetime(2026, 11, 2, 20, tzinfo=UTC)
COMPETENCES = 28
FIRST_ELEMENT_ID = 10_000_000


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    people: int
    elements_each: int
    lines: int
    changes: int


def write_setup(folder: Path) -> None:
    """The CSV files of ``load_setup``."""
    write_setup_file(folder, "organisations.csv", [(VPD, "X9Z", "Bench Hospitals", "", "2020-01-01", "no")])
    write_setup_file(
        folder,
        "competences.csv",
        [
            ("", _competence_id(n), _competence(n), "Fire Safety", "", "", 3, "Year", "", "")
            for n in range(COMPETENCES)
        ],
    )
    write_setup_file(
        folder,
        "connections.csv",
        [(VPD, CODE, "Bench", "", "CST", "iso-8859-1", "all", "", "folder", "no", "2026-01-01")],
    )
    write_setup_file(
        folder,
        "mappings.csv",
        [(VPD, CODE, f"COURSE-{n}", "", _competence(n), "renewal") for n in range(COMPETENCES)],
    )


def _competence(number: int) -> str:
    return f"NHS|CSTF|Bench Skill {number} - 3 Years|"


def _competence_id(number: int) -> str:
    return str(910000 + number)


def _person_id(number: int) -> str:
    return str(40_000_000 + number)


def _employee_number(number: int) -> str:
    return str(25_000_000 + number)


def _born(number: int) -> date:
    return date(1960, 1, 1) + timedelta(days=number % 14_000)


def write_extract(path: Path, size: Size) -> int:
    """A GO file of everybody and all they hold; its lines."""
    return _write(path, _extract_rows(size))


def _extract_rows(size: Size) -> Iterator[str]:
    for number in range(size.people):
        yield go.write_row(_person(number), send_ni_number=True)
        yield go.write_row(_assignment(number))
        for held in range(size.elements_each):
            yield go.write_row(_element(number, held, size))


def _person(number: int) -> go.PersonRow:
    blank = dict.fromkeys(go.PersonRow._fields, "") | dict.fromkeys(_PERSON_DATES)
    return go.PersonRow(**blank | {  # type: ignore[arg-type]  # a row from names, for the bench alone
        "person_id": _person_id(number), "effective_start": date(2019, 4, 1), "hire_date": date(2019, 4, 1),
        "employee_number": _employee_number(number), "last_name": f"Surname{number}", "first_name": "Sam",
        "date_of_birth": _born(number), "system_person_type": "EMP", "user_person_type": "Employee",
        "ni_number": f"QQ{number:06}A", "office_email": f"person{number}@bench.example",
        "last_update": NOW,
    })  # fmt: skip


_PERSON_DATES = (
    "effective_start", "effective_end", "date_of_birth", "hire_date", "termination_date", "nhs_start_date",
    "last_update",
)  # fmt: skip


def _assignment(number: int) -> go.AssignmentRow:
    dates = ("effective_start", "effective_end", "earliest_start", "projected_hire_date", "assignment_end")
    blank = dict.fromkeys(go.AssignmentRow._fields, "") | dict.fromkeys(dates)
    return go.AssignmentRow(**blank | {  # type: ignore[arg-type]  # a row from names, for the bench alone
        "person_id": _person_id(number), "assignment_id": str(70_000_000 + number),
        "effective_start": date(2019, 4, 1), "assignment_type": "E", "assignment_number": _employee_number(number),
        "system_status": "ACTIVE_ASSIGN", "status": "Active Assignment", "payroll_name": f"{VPD} Monthly",
        "is_primary": True, "position_id": str(7000 + number % 500), "position_name": f"{VPD}|Post {number % 500}",
        "job_name": "Medical and Dental|Specialty Registrar|", "last_update": NOW,
    })  # fmt: skip


def _element(number: int, held: int, size: Size, *, proficiency: str = "1 - Attended") -> go.ElementRow:
    competence = (number + held) % COMPETENCES
    achieved = date(2018, 1, 1) + timedelta(days=(number * 7 + held * 31) % 900)
    return go.ElementRow(
        _person_id(number), str(FIRST_ELEMENT_ID + number * size.elements_each + held), "PERSONAL", "ACHIEVED",
        _competence(competence), achieved, achieved + timedelta(days=1094), proficiency, VPD, None, "", None,
        _competence_id(competence), NOW,
    )  # fmt: skip


def write_changes(path: Path, size: Size) -> int:
    """A GO file that changes one element of each of so many people; its lines."""
    step = size.people // size.changes
    later = NOW + timedelta(days=1)
    rows = (_element(n * step, 0, size, proficiency="2 - Passed") for n in range(size.changes))
    return _write(path, (go.write_row(row._replace(last_update=later)) for row in rows))


def write_completions(path: Path, size: Size, *, changed: int = 0, days_later: int = 0) -> int:
    """A file of completions, every reference once; the first ``changed`` in a newer version. Its lines.

    Their Last Update is ``days_later`` for all, as with an LMS that writes there when it made the file.
    """
    return _write(path, (_completion(n, size, n < changed, days_later) for n in range(size.lines)))


def _completion(number: int, size: Size, is_changed: bool, days_later: int) -> str:
    person = number % size.people
    return completion_line(number, person, size, is_changed=is_changed, days_later=days_later)


def completion_line(
    number: int,
    person: int,
    size: Size,
    *,
    reference: str = "",
    course: str = "",
    is_changed: bool = False,
    days_later: int = 0,
) -> str:
    """The line of a completion of one person, the ``number``-th of all."""
    round_ = number // size.people
    return completions.write(
        completions.completion(
            reference or f"R-{number:08}",
            employee_number=_employee_number(person),
            last_name=f"Surname{person}",
            date_of_birth=_born(person),
            course_code=course or f"COURSE-{(person + round_) % COMPETENCES}",
            completed_on=date(2021, 1, 1) + timedelta(days=round_ * 41 % 1900 + is_changed),
            proficiency_level="1 - Attended",
            certification_method="e-learning",
            last_update=NOW + timedelta(seconds=number % 3600, days=is_changed + days_later),
        )
    )


def _write(path: Path, lines: Iterable[str]) -> int:
    count = 0
    with path.open("w", encoding="iso-8859-1", newline="\n") as file:
        header = Header(path.name, NOW, VPD, None, NOW)
        file.write(write_header(header) + "\n")
        for line in lines:
            file.write(line + "\n")
            count += 1
        file.write(write_trailer(count + 2) + "\n")
    return count

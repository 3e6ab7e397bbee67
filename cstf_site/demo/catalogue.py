"""The demo's reference data as the CSV files that `load_setup` reads: what an operator would write by hand."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from django.conf import settings

from cstf_site.setup_files import write_setup_file

CATALOGUE: Final = "competencies/data/cstf_competences.csv"
# Replaced by its second version: learning of it that was completed later is not in force.
ENDED: Final = {"900028": "2024-12-31"}

FIRE_1Y, FIRE_2Y, CONFLICT, EQUALITY, HEALTH = "900003", "900004", "900001", "900002", "900005"
INFECTION_1, INFECTION_2, GOVERNANCE = "900006", "900007", "900008"
MOVING_1, MOVING_2_YEARLY, MOVING_2 = "900009", "900010", "900011"
PREVENT_BASIC, PREVENT, RESUS_1, RESUS_ADULT, RESUS_CHILD = "900012", "900013", "900014", "900015", "900016"
ADULTS_1, ADULTS_2, ADULTS_3 = "900021", "900022", "900023"
CHILDREN_1, CHILDREN_2, CHILDREN_3, CHILDREN_OLD = "900024", "900025", "900026", "900028"

LOCAL_ID, LOCAL_NAME = "800001", "901|LOCAL|Trust Welcome Day|"


@dataclass(frozen=True, slots=True)
class Definition:
    """A competence as the catalogue has it."""

    competence_id: str
    name: str
    subject: str
    level: str
    variant: str
    renewal_frequency: str
    renewal_units: str


@dataclass(frozen=True, slots=True)
class Course:
    """A course of an LMS: code, version, what it gives, whose expiry date rules."""

    code: str
    competences: tuple[str, ...]
    version: str = ""
    expiry: str = "renewal"


COURSES: Final = {
    "901": (
        Course("FIRE-2Y", (FIRE_2Y,)),
        Course("FIRE-THEATRES", (FIRE_1Y,)),
        Course("CONFLICT", (CONFLICT,)),
        Course("EDI", (EQUALITY,)),
        Course("HSW", (HEALTH,)),
        Course("IPC-L1", (INFECTION_1,)),
        Course("IPC-L2", (INFECTION_1, INFECTION_2)),
        Course("IG-2024", (GOVERNANCE,)),
        Course("MH-L1", (MOVING_1,)),
        Course("MH-L2", (MOVING_2,)),
        Course("MH-L2", (MOVING_2_YEARLY,), version="2"),
        Course("PREVENT", (PREVENT_BASIC, PREVENT)),
        Course("BLS-ADULT", (RESUS_1, RESUS_ADULT), expiry="lms"),
        Course("SGA-L2", (ADULTS_1, ADULTS_2)),
        Course("SGC-L3", (CHILDREN_1, CHILDREN_2, CHILDREN_3)),
        Course("INDUCTION", (FIRE_2Y, EQUALITY, HEALTH, INFECTION_1, GOVERNANCE, MOVING_1)),
        Course("SGC-L1-OLD", (CHILDREN_OLD,)),
    ),
    "902": (
        Course("fire", (FIRE_2Y,)),
        Course("data-security", (GOVERNANCE,)),
        Course("equality", (EQUALITY,)),
        Course("safeguarding-adults", (ADULTS_1, ADULTS_2, ADULTS_3)),
        Course("safeguarding-children", (CHILDREN_1, CHILDREN_2)),
        Course("bls", (RESUS_ADULT, RESUS_CHILD), expiry="lms"),
    ),
}
ORGANISATIONS: Final = (
    ("901", "X1A", "Northmoor University Hospitals NHS Foundation Trust", "North East and Yorkshire", "yes"),
    ("902", "X2B", "Harrowdale Community NHS Trust", "North West", "no"),
)
# Code, LMS, supplier, encoding, restriction, its values.
CONNECTIONS: Final = {
    "901": ("TOTARA", "Totara", "Northmoor Digital", "iso-8859-1", "all", ""),
    "902": ("LEARN", "Moodle", "Harrowdale Learning", "utf-8", "payroll", "902 Monthly"),
}
REQUIREMENTS: Final = (
    ("organisation", "", (FIRE_2Y, EQUALITY, HEALTH, GOVERNANCE, PREVENT_BASIC)),
    ("staff_group", "Nursing and Midwifery Registered", (MOVING_2, RESUS_ADULT, ADULTS_2)),
    ("staff_group", "Medical and Dental", (INFECTION_2, RESUS_ADULT, ADULTS_3)),
    ("job_role", "Midwife", (CHILDREN_3,)),
    ("job_role", "Porter", (MOVING_1,)),
)


def national_catalogue() -> dict[str, Definition]:
    """The packaged national competences by their ID."""
    path = Path(settings.BASE_DIR) / CATALOGUE
    with path.open(encoding="utf-8", newline="") as file:
        rows = [
            Definition(*(row[name] for name in Definition.__dataclass_fields__))
            for row in csv.DictReader(file)
        ]
    return {row.competence_id: row for row in rows}


def write_setup(folder: Path, *, live_on: date) -> None:
    """The five files of `load_setup`, for both organisations."""
    names = {key: one.name for key, one in national_catalogue().items()}
    folder.mkdir(parents=True, exist_ok=True)
    write_setup_file(
        folder,
        "organisations.csv",
        ((vpd, ods, name, region, "2020-06-01", iat) for vpd, ods, name, region, iat in ORGANISATIONS),
    )
    write_setup_file(folder, "competences.csv", _competences())
    write_setup_file(folder, "connections.csv", _connections(live_on))
    write_setup_file(folder, "mappings.csv", _mappings(names))
    write_setup_file(
        folder,
        "requirements.csv",
        (
            (vpd, scope, value, names[competence])
            for vpd in CONNECTIONS
            for scope, value, competences in REQUIREMENTS
            for competence in competences
        ),
    )


def _competences() -> Iterable[Sequence[str]]:
    for one in national_catalogue().values():
        yield (
            "",
            one.competence_id,
            one.name,
            one.subject,
            one.level,
            one.variant,
            one.renewal_frequency,
            one.renewal_units,
            "",
            ENDED.get(one.competence_id, ""),
        )
    yield "901", LOCAL_ID, LOCAL_NAME, "", "", "", "", "", "", ""


def _connections(live_on: date) -> Iterable[Sequence[str]]:
    for vpd, (code, lms, supplier, encoding, restriction, values) in CONNECTIONS.items():
        day = live_on.isoformat()
        yield vpd, code, lms, supplier, "CST", encoding, restriction, values, "folder", "no", day


def _mappings(names: dict[str, str]) -> Iterable[Sequence[str]]:
    for vpd, courses in COURSES.items():
        code = CONNECTIONS[vpd][0]
        for course in courses:
            for competence in course.competences:
                yield vpd, code, course.code, course.version, names[competence], course.expiry
    yield "901", CONNECTIONS["901"][0], "WELCOME-DAY", "", LOCAL_NAME, "renewal"

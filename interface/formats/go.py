"""ESR Generic Outbound (GO) records as typed rows: read from ESR's own extract, written to a partner's file.

Reading is tolerant where real extracts vary (Last Update, control characters, record types of no use here);
what is left is strict: a row with a fault is rejected as a whole, with its reason.
"""

import re
from datetime import date, datetime
from typing import Any, NamedTuple

from interface.formats.go_layouts import ASA, CDA, CMA, DELETES, LAYOUTS, LCA, ORA, POA, PRA
from interface.formats.layout import FormError, Layout
from interface.formats.text import CONTROLS, SEPARATOR, Encoder, join, shown

__all__ = [
    "ASA", "CDA", "CMA", "DELETES", "LAYOUTS", "LCA", "ORA", "POA", "PRA",
    "AssignmentRow", "CompetenceRow", "Delete", "ElementRow", "LocationRow", "OrganisationRow", "PersonRow",
    "PositionRow", "Row", "Skipped", "job_name", "read_line", "staff_group_and_role", "write_row",
]  # fmt: skip


class PersonRow(NamedTuple):
    """One PRA line: a person as from ``effective_start``. Several rows may share a Person ID."""

    person_id: str
    effective_start: date
    effective_end: date | None
    employee_number: str
    title: str
    last_name: str
    first_name: str
    middle_names: str
    maiden_name: str
    preferred_name: str
    previous_last_name: str
    date_of_birth: date | None
    ni_number: str
    nhs_unique_id: str
    hire_date: date | None
    termination_date: date | None
    system_person_type: str
    user_person_type: str
    office_email: str
    nhs_start_date: date | None
    last_update: datetime | None


class AssignmentRow(NamedTuple):
    """One ASA line: an assignment (an applicant's is an application) as from ``effective_start``."""

    person_id: str
    assignment_id: str
    effective_start: date
    effective_end: date | None
    earliest_start: date | None
    assignment_type: str
    assignment_number: str
    system_status: str
    status: str
    employee_status_flag: str
    payroll_name: str
    payroll_period: str
    is_primary: bool | None
    fte: str
    organisation_id: str
    position_id: str
    position_name: str
    job_name: str
    projected_hire_date: date | None
    vacancy_id: str
    last_update: datetime | None
    assignment_end: date | None


class ElementRow(NamedTuple):
    """One CMA line: a competency that a person holds. Without dates it is unbounded."""

    person_id: str
    element_id: str
    competency_type: str
    status: str
    competence_name: str
    date_from: date | None
    date_to: date | None
    proficiency_level: str
    vpd: str
    certification_date: date | None
    certification_method: str
    next_certification_date: date | None
    competence_id: str
    last_update: datetime | None


class CompetenceRow(NamedTuple):
    """One CDA line: a competence definition."""

    competence_id: str
    name: str
    description: str
    date_from: date | None
    date_to: date | None
    behavioural_indicator: str
    certification_required: bool | None
    rating_scale_id: str
    evaluation_method: str
    renewal_frequency: int | None
    renewal_units: str
    cluster: str
    alias: str
    vpd: str
    last_update: datetime | None


class PositionRow(NamedTuple):
    """One POA line."""

    position_id: str
    effective_start: date | None
    effective_end: date | None
    number: str
    name: str
    staff_group: str
    job_role: str
    organisation_id: str
    last_update: datetime | None


class OrganisationRow(NamedTuple):
    """One ORA line: an organisation unit."""

    organisation_id: str
    name: str
    organisation_type: str
    effective_start: date | None
    effective_end: date | None
    parent_id: str
    location_id: str
    last_update: datetime | None


class LocationRow(NamedTuple):
    """One LCA line."""

    location_id: str
    code: str
    description: str
    inactive_from: date | None
    town: str
    last_update: datetime | None


class Delete(NamedTuple):
    """One ``…D`` line (PRD, ASD, CMD, CDD, POD, ORD, LCD): what has this key is gone."""

    record_type: str
    key: str


class Skipped(NamedTuple):
    """A line of a record type that this product has no use for."""

    record_type: str


Row = (
    PersonRow
    | AssignmentRow
    | ElementRow
    | CompetenceRow
    | PositionRow
    | OrganisationRow
    | LocationRow
    | Delete
)

_TABLES: dict[type[Any], Layout] = {
    PersonRow: PRA,
    AssignmentRow: ASA,
    ElementRow: CMA,
    CompetenceRow: CDA,
    PositionRow: POA,
    OrganisationRow: ORA,
    LocationRow: LCA,
}
_READERS: dict[str, tuple[Layout, Any]] = {
    table.record_type: (table, row_type) for row_type, table in _TABLES.items()
}
_RECORD_TYPE = re.compile("[A-Z]{3}")


def read_line(line: str) -> Row | Skipped | FormError:
    """One line of a GO file, decoded, without its line end. Control characters are taken for spaces."""
    if not line.isprintable():
        line = CONTROLS.sub(" ", line)
    record_type = line.partition(SEPARATOR)[0]
    reader = _READERS.get(record_type)
    if reader is not None:
        table, row_type = reader
        values = table.read(line)
        row: Row | FormError = row_type._make(values) if isinstance(values, list) else values
        return row
    if record_type in DELETES:
        key = DELETES[record_type].read(line)
        return key if isinstance(key, FormError) else Delete(record_type, *key)
    if _RECORD_TYPE.fullmatch(record_type):
        return Skipped(record_type)
    return FormError("E300", "", f"unknown record type {shown(record_type)}")


def write_row(row: Row, encoder: Encoder | None = None, *, send_ni_number: bool = False) -> str:
    """The line of a row. The NI number is left out unless the connection says that it is sent."""
    if isinstance(row, Delete):
        cells = [row.record_type, row.key]
        return join(cells) if encoder is None else encoder.join(cells)
    if isinstance(row, PersonRow) and row.ni_number and not send_ni_number:
        row = row._replace(ni_number="")
    return _TABLES[type(row)].write(row, encoder)


def job_name(staff_group: str, job_role: str) -> str:
    """ASA's Job Name, ``Staff Group|Job Role|``; nothing where neither is known."""
    return f"{staff_group}|{job_role}|" if staff_group or job_role else ""


def staff_group_and_role(name: str) -> tuple[str, str]:
    """The two parts of a Job Name."""
    staff_group, _, rest = name.partition("|")
    return staff_group, rest.partition("|")[0]

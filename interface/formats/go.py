"""ESR Generic Outbound (GO) records: the tables of the layouts, the typed rows, and reading and writing them.

The columns are those of public readers of GO files. Columns that this product has no use for are in the
tables, without a field: they are neither kept nor sent, which is also how gender, ethnic origin and
disability never leave by this interface. The lengths are ours [A]: what the database holds, with room to
spare in what is seen in real extracts.
"""

import re
from datetime import date, datetime
from typing import Any, NamedTuple

from interface.formats.layout import Column, FormError, Kind, Layout
from interface.formats.text import CONTROLS, SEPARATOR, Encoder, join, shown

_ID, _NAME, _LONG = 20, 150, 240

PRA = Layout(
    "PRA",
    44,
    [
        Column(1, "Person ID", "person_id", length=_ID, required=True),
        Column(2, "Effective Start Date", "effective_start", Kind.DATE, required=True),
        Column(3, "Effective End Date", "effective_end", Kind.DATE),
        Column(4, "Employee Number", "employee_number", length=30),
        Column(5, "Title", "title", length=30),
        Column(6, "Last Name", "last_name", length=_NAME, required=True),
        Column(7, "First Name", "first_name", length=_NAME),
        Column(8, "Middle Names", "middle_names", length=_NAME),
        Column(9, "Maiden Name", "maiden_name", length=_NAME),
        Column(10, "Preferred Name", "preferred_name", length=_NAME),
        Column(11, "Previous Last Name", "previous_last_name", length=_NAME),
        Column(12, "Gender"),
        Column(13, "Date of Birth", "date_of_birth", Kind.DATE),
        Column(14, "NI Number", "ni_number", length=30),
        Column(15, "NHS Unique ID", "nhs_unique_id", length=30),
        Column(16, "Hire Date", "hire_date", Kind.DATE),
        Column(17, "Actual Termination Date", "termination_date", Kind.DATE),
        Column(18, "Termination Reason"),
        Column(19, "Employee Status Flag"),
        Column(20, "WTR Opt Out"),
        Column(21, "WTR Opt Out Date"),
        Column(22, "Ethnic Origin"),
        Column(24, "Country of Birth"),
        Column(25, "Previous Employer"),
        Column(26, "Previous Employer Type"),
        Column(27, "CSD 3 Months"),
        Column(28, "CSD 12 Months"),
        Column(29, "NHS CRS UUID"),
        Column(33, "System Person Type", "system_person_type", length=30),
        Column(34, "User Person Type", "user_person_type", length=100),
        Column(35, "Office E-mail", "office_email", length=254),
        Column(36, "NHS Start Date", "nhs_start_date", Kind.DATE),
        Column(38, "Last Update Date", "last_update", Kind.DAY_STAMP),
        Column(39, "Disability Flag"),
    ],
)
ASA = Layout(
    "ASA",
    51,
    [
        Column(1, "Person ID", "person_id", length=_ID, required=True),
        Column(2, "Assignment ID", "assignment_id", length=_ID, required=True),
        Column(3, "Effective Start Date", "effective_start", Kind.DATE, required=True),
        Column(4, "Effective End Date", "effective_end", Kind.DATE),
        Column(5, "Earliest Assignment Start Date", "earliest_start", Kind.DATE),
        Column(6, "Assignment Type", "assignment_type", length=1),
        Column(7, "Assignment Number", "assignment_number", length=30),
        Column(8, "System Assignment Status", "system_status", length=30),
        Column(9, "User Assignment Status", "status", length=80),
        Column(10, "Employee Status Flag", "employee_status_flag", length=30),
        Column(11, "Payroll Name", "payroll_name", length=80),
        Column(12, "Payroll Period Type", "payroll_period", length=30),
        Column(13, "Assignment Location ID", "location_id", length=_ID),
        Column(21, "Primary Assignment", "is_primary", Kind.FLAG),
        Column(25, "FTE", "fte", length=20),
        Column(27, "Organisation ID", "organisation_id", length=_ID),
        Column(28, "Position ID", "position_id", length=_ID),
        Column(29, "Position Name", "position_name", length=_LONG),
        Column(34, "Job Name", "job_name", length=202),
        Column(38, "Projected Hire Date", "projected_hire_date", Kind.DATE),
        Column(39, "Vacancy ID", "vacancy_id", length=30),
        Column(44, "Last Update Date", "last_update", Kind.MOMENT),
        Column(48, "Assignment End Date", "assignment_end", Kind.DATE),
    ],
)
CMA = Layout(
    "CMA",
    27,
    [
        Column(1, "Person ID", "person_id", length=_ID, required=True),
        Column(2, "Competency Element ID", "element_id", length=_ID, required=True),
        Column(3, "Competency Type", "competency_type", length=30),
        Column(4, "Competency Status", "status", length=30),
        Column(5, "Competency Name", "competence_name", length=255),
        Column(6, "Date From", "date_from", Kind.DATE),
        Column(7, "Date To", "date_to", Kind.DATE),
        Column(8, "Proficiency Level", "proficiency_level", length=60),
        Column(9, "VPD Code", "vpd", length=3),
        Column(10, "Certification Date", "certification_date", Kind.DATE),
        Column(11, "Certification Method", "certification_method", length=80),
        Column(12, "Next Certification Date", "next_certification_date", Kind.DATE),
        Column(13, "Competence ID", "competence_id", length=_ID),
        Column(22, "Last Update Date", "last_update", Kind.MOMENT),
    ],
    one_of=[(5, 13)],
)
CDA = Layout(
    "CDA",
    16,
    [
        Column(1, "Competence ID", "competence_id", length=_ID, required=True),
        Column(2, "Competence Name", "name", length=255, required=True),
        Column(3, "Description", "description"),
        Column(4, "Date From", "date_from", Kind.DATE),
        Column(5, "Date To", "date_to", Kind.DATE),
        Column(6, "Behavioural Indicator", "behavioural_indicator"),
        Column(7, "Certification Required", "certification_required", Kind.FLAG),
        Column(8, "Rating Scale ID", "rating_scale_id", length=_ID),
        Column(9, "Evaluation Method", "evaluation_method", length=80),
        Column(10, "Renewal Period Freq", "renewal_frequency", Kind.NUMBER),
        Column(11, "Renewal Period Units", "renewal_units", length=10),
        Column(12, "Competence Cluster", "cluster"),
        Column(13, "Competence Alias", "alias"),
        Column(14, "VPD Code", "vpd", length=3),
        Column(15, "Last Update Date", "last_update", Kind.MOMENT),
    ],
)
POA = Layout(
    "POA",
    24,
    [
        Column(1, "Position ID", "position_id", length=_ID, required=True),
        Column(2, "Effective From Date", "effective_start", Kind.DATE),
        Column(3, "Effective To Date", "effective_end", Kind.DATE),
        Column(4, "Position Number", "number", length=30),
        Column(5, "Position Name", "name", length=_LONG),
        Column(6, "Budgeted FTE"),
        Column(7, "Subjective Code"),
        Column(8, "Job Staff Group", "staff_group", length=100),
        Column(9, "Job Role", "job_role", length=100),
        Column(10, "Occupation Code"),
        Column(11, "Payscale"),
        Column(12, "Grade Step"),
        Column(13, "ISA Regulated Post"),
        Column(14, "Organisation ID", "organisation_id", length=_ID),
        Column(15, "Hiring Status"),
        Column(16, "Position Type"),
        Column(17, "Eligible for OH Processing"),
        Column(18, "EPP Flag"),
        Column(19, "Deanery Post Number"),
        Column(20, "Managing Deanery Body"),
        Column(21, "Workplace Org Code"),
        Column(22, "Last Update Date", "last_update", Kind.MOMENT),
        Column(23, "Subjective Code Description"),
    ],
)
# Public readers list fifteen columns; the sixteenth is not described anywhere and taken for unused [A].
ORA = Layout(
    "ORA",
    16,
    [
        Column(1, "Organisation ID", "organisation_id", length=_ID, required=True),
        Column(2, "Organisation Name", "name", length=_LONG, required=True),
        Column(3, "Organisation Type", "organisation_type", length=30),
        Column(4, "Effective From Date", "effective_start", Kind.DATE),
        Column(5, "Effective To Date", "effective_end", Kind.DATE),
        Column(6, "Hierarchy Version ID"),
        Column(7, "Hierarchy Version Date From"),
        Column(8, "Hierarchy Version Date To"),
        Column(9, "Default Cost Centre"),
        Column(10, "Parent Organisation ID", "parent_id", length=_ID),
        Column(11, "NACS Code"),
        Column(12, "Location ID", "location_id", length=_ID),
        Column(13, "Last Update Date", "last_update", Kind.MOMENT),
        Column(14, "Cost Centre Description"),
    ],
)
LCA = Layout(
    "LCA",
    22,
    [
        Column(1, "Location ID", "location_id", length=_ID, required=True),
        Column(2, "Location Code", "code", length=_LONG),
        Column(3, "Location Description", "description", length=_LONG),
        Column(4, "Inactive Date", "inactive_from", Kind.DATE),
        Column(5, "Assignment Address 1st line"),
        Column(6, "Assignment Address 2nd line"),
        Column(7, "Assignment Address 3rd line"),
        Column(8, "Town", "town", length=100),
        Column(9, "County"),
        Column(10, "Postcode"),
        Column(11, "Country"),
        Column(12, "Telephone"),
        Column(13, "Fax"),
        Column(14, "Payslip Delivery Point"),
        Column(15, "Site Code"),
        Column(16, "Welsh Location Translation"),
        Column(17, "Welsh Address Line 1"),
        Column(18, "Welsh Address Line 2"),
        Column(19, "Welsh Address Line 3"),
        Column(20, "Welsh Town Translation"),
        Column(21, "Last Update Date", "last_update", Kind.MOMENT),
    ],
)


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
    location_id: str
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
LAYOUTS = {table.record_type: table for table in _TABLES.values()}
DELETES = {
    f"{record_type[:2]}D": Layout(
        f"{record_type[:2]}D", 2, [Column(1, table.columns[0].name, "key", length=_ID, required=True)]
    )
    for record_type, table in LAYOUTS.items()
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

"""What may be uploaded by hand, with which permissions, and what a template says of each column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.apps import apps
from django.db.models import Model

from competencies.resources import CompetenceResource, RequirementResource
from interface.by_hand import completion_rows
from interface.resources import ConnectionResource, MappingResource
from people.models import Organisation
from people.resources import (
    AssignmentResource,
    Column,
    PersonResource,
    PositionResource,
    TableResource,
)
from people.resources.widgets import ChoiceWidget, DateWidget, YesNoWidget

VIEW: Final = "interface.view_upload"


@dataclass(frozen=True, slots=True)
class Table:
    """``permissions``: all of them are needed, in the organisation that the upload is for.

    ``resource`` is None for completions, which go through the exchange engine as a file of a connection.
    """

    slug: str
    title: str
    about: str
    permissions: tuple[str, ...]
    listed: str
    resource: type[TableResource] | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    # A file holds more of each person than any list shows: whoever may only look takes none away.
    is_personal: bool = False

    @property
    def model(self) -> type[Model]:
        """Whose list it is."""
        return apps.get_model(self.listed.replace("_", "."))

    def may_be_taken_by(self, user: Any, organisation: Organisation | None) -> bool:
        """Whether this account may take the list away: whoever sees it, of personal data whoever may upload it."""
        view = self.listed.replace("_", ".view_")
        permissions = (view, *(self.permissions if self.is_personal else ()))
        return all(user.has_perm(permission, organisation) for permission in permissions)

    def may_be_uploaded_by(self, user: Any, organisation: Organisation) -> bool:
        """Whether this account may upload it for this organisation."""
        return all(user.has_perm(permission, organisation) for permission in (VIEW, *self.permissions))

    @property
    def is_of_connection(self) -> bool:
        """Whether an upload is for one of an organisation's connections."""
        return self.resource is None

    def columns(self) -> list[tuple[str, bool, str]]:
        """Name, whether it must be filled, and what to write there."""
        if self.resource is None:
            return [(one.name, one.is_required, one.note) for one in completion_rows.COLUMNS]
        return [
            (column.column_name, column.required, self._note(column)) for column in self.resource.columns()
        ]

    def _note(self, column: Column) -> str:
        return "; ".join(filter(None, (self.notes.get(column.column_name, ""), _kind(column))))


def _kind(column: Column) -> str:
    match column.widget:
        case DateWidget():
            return "a date, YYYY-MM-DD"
        case YesNoWidget():
            return "yes or no"
        case ChoiceWidget(choices=choices):
            return f"one of {', '.join(choices)}"
    return ""


def kept(app: str, model: str) -> tuple[str, ...]:
    """Whoever keeps rows of the model by hand, both ways, may do so by file."""
    return f"{app}.add_{model}", f"{app}.change_{model}"


_VPD: Final = {"vpd": "three digits, as 277"}
_WHOSE: Final = {
    **_VPD,
    "person_id": "ESR's Person ID; may stay empty where employee_number is given",
    "employee_number": "with its leading zeros",
    "effective_start": "what the row says holds from this day on",
    "effective_end": "empty: until further notice",
}
_TYPES: Final = "EMP employee, APL applicant, EX_ has been"

TABLES: Final[Mapping[str, Table]] = {
    table.slug: table
    for table in (
        Table(
            "persons",
            "Persons",
            "Who people are, and from which day on. A person ID that is not known yet is a new person.",
            ("interface.upload_persons",),
            "people_person",
            PersonResource,
            {**_WHOSE, "ni_number": "the NI number, without blanks", "system_person_type": _TYPES},
            is_personal=True,
        ),
        Table(
            "assignments",
            "Assignments",
            "People's jobs and applications, and from which day on. Upload positions and persons first.",
            ("interface.upload_assignments",),
            "people_assignment",
            AssignmentResource,
            {
                **_WHOSE,
                "assignment_id": "ESR's Assignment ID",
                "assignment_type": "E a job, A an application",
                "assignment_number": "as 20016789-2",
                "status": "as ESR spells it: Active Assignment, Offer Accepted, …",
                "position_id": "the position number",
                "unit_id": "ESR's organisation unit ID",
            },
            is_personal=True,
        ),
        Table(
            "positions",
            "Positions",
            "The posts of the structure.",
            ("interface.upload_positions",),
            "people_position",
            PositionResource,
            {**_VPD, "position_id": "the position number", "unit_id": "ESR's organisation unit ID"},
        ),
        Table(
            "requirements",
            "Requirements",
            "Which competence is required of whom.",
            kept("competencies", "requirement"),
            "competencies_requirement",
            RequirementResource,
            {
                **_VPD,
                "scope_value": "which job role, staff group, position number or unit; empty for organisation",
                "competence_name": "spelled as in the list of competences, every | included",
            },
        ),
        Table(
            "mappings",
            "Mappings",
            "Which course of an LMS gives which competence: one row for each.",
            kept("interface", "mapping"),
            "interface_mapping",
            MappingResource,
            {
                **_VPD,
                "connection": "the connection's code",
                "course_code": "as the LMS sends it",
                "course_version": "empty: of every version that has no row of its own",
                "competence_name": "spelled as in the list of competences, every | included",
            },
        ),
        Table(
            "competences",
            "Competences",
            "Your organisation's own. National ones are kept by whoever installs.",
            kept("competencies", "competence"),
            "competencies_competence",
            CompetenceResource,
            {
                "vpd": "three digits, as 277; must be filled here",
                "subject": "the CSTF subject, empty outside the framework",
                "variant": "Adult, Paediatric or Newborn; elsewhere the version",
                "renewal_frequency": "a number, with its units in the next column",
            },
        ),
        Table(
            "completions",
            "Completions",
            "Learning that an LMS did not send. It is decided as a file of the LMS's would be, and sent to the LMS.",
            ("interface.upload_completions",),
            "competencies_competencyelement",
            is_personal=True,
        ),
        Table(
            "connections",
            "Connections",
            "What was agreed with each LMS.",
            kept("interface", "connection"),
            "interface_connection",
            ConnectionResource,
            {**_VPD, "restriction_values": "several with ; between them", "live_on": "the go-live date"},
        ),
    )
}


def tables_for(user: Any, organisations: Iterable[Organisation]) -> list[tuple[Table, list[Organisation]]]:
    """The tables that this account may upload, each with the organisations for which it may."""
    organisations = list(organisations)
    found = [
        (table, [one for one in organisations if table.may_be_uploaded_by(user, one)])
        for table in TABLES.values()
    ]
    return [(table, theirs) for table, theirs in found if theirs]

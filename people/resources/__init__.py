"""Tables of reference data and of staff that people upload and download."""

from people.resources.assignments import AssignmentResource
from people.resources.organisations import OrganisationColumns, OrganisationResource, vpd_column
from people.resources.persons import PersonResource
from people.resources.staff import PositionResource
from people.resources.table import Column, TableResource
from people.resources.widgets import (
    ChoiceWidget,
    DateWidget,
    LookupWidget,
    Row,
    TextWidget,
    YesNoWidget,
    as_text,
)

__all__ = [
    "AssignmentResource",
    "ChoiceWidget",
    "Column",
    "DateWidget",
    "LookupWidget",
    "OrganisationColumns",
    "OrganisationResource",
    "PersonResource",
    "PositionResource",
    "Row",
    "TableResource",
    "TextWidget",
    "YesNoWidget",
    "as_text",
    "vpd_column",
]

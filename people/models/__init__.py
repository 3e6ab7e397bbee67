"""Organisations and the people whose records they keep."""

from people.models.assignment import Application, Assignment, AssignmentVersion
from people.models.audit import AuditEvent, AuditHead
from people.models.organisation import Organisation, OrganisationUnit, Position
from people.models.person import Person, PersonVersion, SystemPersonType
from people.models.run import NightlyRun

__all__ = [
    "Application",
    "Assignment",
    "AssignmentVersion",
    "AuditEvent",
    "AuditHead",
    "NightlyRun",
    "Organisation",
    "OrganisationUnit",
    "Person",
    "PersonVersion",
    "Position",
    "SystemPersonType",
]

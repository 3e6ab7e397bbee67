"""The fixed cast: Harriet keeps people, Leo keeps learning, Ivy keeps the interface, Olaf only looks."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.models import User

from competencies.models import Competence
from interface.by_hand import actions
from interface.by_hand.tables import TABLES
from interface.models import Connection, Upload
from people.models import (
    Assignment,
    AssignmentVersion,
    Organisation,
    OrganisationUnit,
    Person,
    PersonVersion,
    Position,
)
from roles.actions import grant
from roles.urps import URP

CAST = {
    "harriet": URP.HR_ADMINISTRATION,
    "leo": URP.LEARNING_ADMINISTRATION,
    "ivy": URP.INTERFACE_ADMINISTRATION,
    "olaf": URP.AUDITOR,
}
# Who uploads which table.
KEEPERS = {
    "persons": "harriet",
    "assignments": "harriet",
    "positions": "harriet",
    "requirements": "leo",
    "mappings": "leo",
    "competences": "leo",
    "connections": "ivy",
    "completions": "leo",
}


class Desk:
    """Two organisations, 277 with one of everything and 278 with the like."""

    def __init__(self) -> None:
        root = User.objects.create_superuser("root")
        self.ours, self.theirs = (self._organisation(vpd) for vpd in ("277", "278"))
        self.users = {name: User.objects.create_user(name) for name in CAST}
        for name, urp in CAST.items():
            grant(user=self.users[name], organisation=self.ours, urp=urp, reason="a test", by=root)

    def _organisation(self, vpd: str) -> Organisation:
        one = Organisation.objects.create(vpd=vpd, name=f"Trust {vpd}", cstf_aligned_on=date(2020, 1, 1))
        unit = OrganisationUnit.objects.create(organisation=one, unit_id=f"{vpd}5", name="Ward 5")
        position = Position.objects.create(organisation=one, position_id=f"{vpd}10", name="Nurse", unit=unit)
        person = Person.objects.create(organisation=one, person_id=f"{vpd}1")
        PersonVersion.objects.create(
            organisation=one,
            person=person,
            effective_start=date(2024, 1, 1),
            employee_number=f"{vpd}00001",
            last_name="Achebe",
            first_name="Ngozi",
            date_of_birth=date(1980, 2, 29),
            system_person_type="EMP",
        )
        assignment = Assignment.objects.create(organisation=one, person=person, assignment_id=f"{vpd}71")
        AssignmentVersion.objects.create(
            organisation=one,
            assignment=assignment,
            effective_start=date(2024, 1, 1),
            assignment_type="E",
            assignment_number=f"{vpd}00001",
            system_status="ACTIVE_ASSIGN",
            status="Active Assignment",
            position=position,
            is_primary=True,
        )
        Competence.objects.create(organisation=one, competence_id=f"{vpd}9", name=f"{vpd}|LOCAL|Hoists|")
        Connection.objects.create(
            organisation=one, code=f"LMS{vpd}", lms_name="Totara", live_on=date(2026, 1, 1)
        )
        return one

    def receive(
        self, table: str, content: str | bytes, *, name: str = "rows.csv", by: str = "", **rest: Any
    ) -> Upload:
        """A file arrives."""
        return actions.receive(
            [content.encode() if isinstance(content, str) else content],
            name=name,
            table=TABLES[table],
            organisation=rest.pop("organisation", self.ours),
            by=self.users[by or KEEPERS[table]],
            **rest,
        )

    def checked(self, table: str, content: str | bytes, **rest: Any) -> Upload:
        """A file arrives, and is checked."""
        upload = self.receive(table, content, **rest)
        actions.check(upload.pk)
        upload.refresh_from_db()
        return upload

    def applied(self, table: str, content: str | bytes, **rest: Any) -> Upload:
        """A file arrives, is checked, and is applied as it was shown."""
        upload = self.checked(table, content, **rest)
        actions.confirm(upload, outcome=upload.outcome, by=upload.user)
        actions.apply(upload.pk)
        upload.refresh_from_db()
        return upload


def told(upload: Upload) -> list[str]:
    """What is wrong, as sentences."""
    return [f"{one['line']} {one['column']}: {one['text']}" for one in upload.problems]

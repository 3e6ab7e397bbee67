"""Whom a connection carries on a business date (wire format §3 "Who and what", §5 on leavers).

Two things make an assignment *count*: a job of somebody who is employed, or an application in one of the
three statuses of somebody who is an applicant. Nothing else ever selects a person or is sent, so that an
application short of an offer is never disclosed. ``Standing`` is the rule for one person in Python, the
querysets below are the same rule in SQL; the tests hold them together.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from enum import Enum
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from interface.models import Connection, Restriction, SentPicture
from people.dates import written
from people.models import AssignmentVersion, Organisation, Person, PersonVersion, SystemPersonType
from people.models.assignment import IN_SCOPE_APPLICANT_STATUSES, AssignmentType, AssignmentVersionQuerySet
from people.models.person import (
    APPLICANT_TYPES,
    EMPLOYEE_TYPES,
    PersonQuerySet,
    PersonVersionQuerySet,
    effective_on,
)

# An extract may say EX_EMP before the day of termination is over; until then the person counts as employed.
FORMER_EMPLOYEE_TYPES = (SystemPersonType.EX_EMPLOYEE, SystemPersonType.EX_EMPLOYEE_APPLICANT)


class Standing(Enum):
    """What a person's version makes of them on a business date; employed and applying may hold together."""

    NOBODY = (False, False)
    EMPLOYED = (True, False)
    APPLYING = (False, True)
    EMPLOYED_AND_APPLYING = (True, True)

    @property
    def employed(self) -> bool:
        """Their jobs count."""
        return self.value[0]

    @property
    def applying(self) -> bool:
        """Their applications in the three statuses count."""
        return self.value[1]


def standing(system_person_type: str, terminated_on: date | None, *, on: date) -> Standing:
    """Standing by the version in effect: the day of termination itself still counts as employed."""
    if system_person_type in FORMER_EMPLOYEE_TYPES:
        employed = terminated_on is not None and terminated_on >= on
    else:
        employed = system_person_type in EMPLOYEE_TYPES and (terminated_on is None or terminated_on >= on)
    return Standing((employed, system_person_type in APPLICANT_TYPES))


def has_left(system_person_type: str, terminated_on: date | None, *, on: date) -> bool:
    """Whether somebody was employed here and the day of termination is over."""
    was_employed = system_person_type in EMPLOYEE_TYPES or system_person_type in FORMER_EMPLOYEE_TYPES
    return was_employed and terminated_on is not None and terminated_on < on


def retained_from(on: date) -> date:
    """The earliest day of termination whose leavers are still sent on ``on``."""
    return on - timedelta(days=settings.LEAVER_RETENTION_DAYS)


def in_scope(connection: Connection, *, on: date) -> PersonQuerySet:
    """Everybody whom the connection carries on this business date; leavers through the day of termination.

    All of them: for a few, or for one after the other, ``carried`` asks less of the database.
    """
    return Person.objects.filter(selected([connection], on=on))


def selected(connections: Sequence[Connection], *, on: date) -> Q:
    """The rule of ``in_scope`` as a condition on persons, worked out for everybody at once.

    Of several connections, which are of one organisation: carried by at least one.
    """
    organisation = connections[0].organisation
    versions = PersonVersion.objects.filter(organisation=organisation).in_effect(on=on)
    restrictions = [_restriction(one) for one in connections]
    # A connection without one selects whatever counts.
    restriction = reduce(or_, restrictions) if all(restrictions) else Q()
    current = AssignmentVersion.objects.filter(organisation=organisation).current(on=on).filter(restriction)
    # Persons and assignments each looked through once, and not the persons for every assignment.
    found = Q()
    for assignments, whose in _counting(versions, on=on):
        theirs = current.filter(assignments).values("assignment__person")
        found |= Q(pk__in=theirs) & Q(pk__in=whose.values("person"))
    return Q(found, organisation=organisation.pk, removed_at__isnull=True)


def carried(connection: Connection, *, on: date) -> Q:
    """The rule of ``in_scope`` as a condition on persons, asked of each: a list's page stops when it is full."""
    counting = counting_assignments(connection.organisation, on=on, person=OuterRef("pk"))
    return Q(
        Exists(counting.filter(_restriction(connection))),
        organisation=connection.organisation_id,
        removed_at__isnull=True,
    )


def is_in_population(person: Person, connection: Connection, *, on: date) -> bool:
    """Whether the partner is to hold this person: ``population``, without looking at anybody else."""
    persons = Person.objects.filter(pk=person.pk, organisation=connection.organisation_id)
    if persons.filter(carried(connection, on=on)).exists():
        return True
    left = _held_leavers(connection, on=on, person=person.pk)
    return persons.present().filter(pk__in=left).exists()


def population(connection: Connection, *, on: date) -> PersonQuerySet:
    """Whom the partner is to hold: everybody in scope, and for the retention period the leavers it holds."""
    return (
        Person.objects.present()
        .filter(organisation=connection.organisation_id)
        .filter(
            Q(pk__in=in_scope(connection, on=on).values("pk")) | Q(pk__in=_held_leavers(connection, on=on))
        )
    )


def counting_assignments(
    organisation: Organisation, *, on: date, person: int | OuterRef | None = None
) -> AssignmentVersionQuerySet:
    """Assignments that select their person, and that are sent once the person is selected; of one person, or all."""
    versions = PersonVersion.objects.filter(organisation=organisation).in_effect(on=on)
    if person is not None:
        # Two queries further in, where the person is one of the outermost.
        versions = versions.filter(person=OuterRef(person) if isinstance(person, OuterRef) else person)
    counting = (
        assignments & Q(assignment__person__in=whose.values("person"))
        for assignments, whose in _counting(versions, on=on)
    )
    found = AssignmentVersion.objects.filter(organisation=organisation).current(on=on)
    found = found.filter(reduce(or_, counting))
    return found if person is None else found.filter(assignment__person=person)


def _counting(versions: PersonVersionQuerySet, *, on: date) -> tuple[tuple[Q, PersonVersionQuerySet], ...]:
    """Jobs and whose jobs count, applications and whose applications do, by these versions in effect."""
    return (
        (Q(assignment_type=AssignmentType.EMPLOYEE), _employed(versions, on=on)),
        (
            Q(assignment_type=AssignmentType.APPLICANT, status__in=IN_SCOPE_APPLICANT_STATUSES),
            versions.filter(system_person_type__in=APPLICANT_TYPES),
        ),
    )


def _employed(versions: PersonVersionQuerySet, *, on: date) -> PersonVersionQuerySet:
    still_here = Q(terminated_on__gte=on)
    return versions.filter(
        Q(system_person_type__in=EMPLOYEE_TYPES) & (Q(terminated_on__isnull=True) | still_here)
        | Q(system_person_type__in=FORMER_EMPLOYEE_TYPES) & still_here
    )


def _restriction(connection: Connection) -> Q:
    """The connection's restriction on assignments (ASA columns 11, 28 and 7; 2 where 7 is empty)."""
    wanted = [str(value) for value in connection.restriction_values]
    if connection.restriction == Restriction.PAYROLL:
        return Q(payroll_name__in=wanted)
    if connection.restriction == Restriction.POSITION:
        return Q(position__position_id__in=wanted)
    if connection.restriction == Restriction.ASSIGNMENT:
        unnumbered = Q(assignment_type=AssignmentType.APPLICANT, assignment_number="")
        return Q(assignment_number__in=wanted) | unnumbered & Q(assignment__assignment_id__in=wanted)
    return Q()


def _held_leavers(
    connection: Connection, *, on: date, person: int | None = None
) -> QuerySet[PersonVersion, Any]:
    """Persons who left within the retention period and whom the partner holds (it was sent their PRA)."""
    versions = PersonVersion.objects.filter(organisation=connection.organisation)
    if person is not None:
        versions = versions.filter(person=person)
    known = Exists(versions.filter(effective_on(on), person=OuterRef("person")))
    newer = Exists(
        versions.filter(
            person=OuterRef("person"),
            effective_start__lte=on,
            effective_start__gt=OuterRef("effective_start"),
        )
    )
    held = SentPicture.objects.filter(connection=connection, person__isnull=False).values("person")
    left = Q(
        system_person_type__in=(*EMPLOYEE_TYPES, *FORMER_EMPLOYEE_TYPES),
        terminated_on__lt=on,
        terminated_on__gte=retained_from(on),
    )
    # Where no version is in effect any more, the last one speaks.
    in_effect = versions.in_effect(on=on).filter(left).values("pk")
    last = versions.filter(left, ~known, ~newer, effective_start__lte=on).values("pk")
    return versions.filter(Q(pk__in=in_effect) | Q(pk__in=last), person__in=held).values("person")


def why_not(person: Person, connection: Connection, *, on: date) -> str | None:
    """The rule that puts a person out of the connection's scope, as a sentence; None where in scope."""
    if person.organisation_id != connection.organisation_id:
        return "The person belongs to another organisation."
    if person.removed_at is not None:
        return "The staff record has deleted this person, or merged it into another."
    version = person.version(on=on)
    if version is None:
        return f"The staff record has nothing of this person that is in effect on {written(on)}."
    return _why_not_by_person(version, on=on) or _why_not_by_assignment(person, connection, on=on)


def _why_not_by_person(version: PersonVersion, *, on: date) -> str | None:
    standing_today = standing(version.system_person_type, version.terminated_on, on=on)
    if standing_today is not Standing.NOBODY:
        return None
    if version.terminated_on and has_left(version.system_person_type, version.terminated_on, on=on):
        return f"The person left on {written(version.terminated_on)}; people are in scope through that day."
    kind = version.person_type or version.get_system_person_type_display()
    return f"The person type is “{kind}”; only employees and applicants are in scope."


def _why_not_by_assignment(person: Person, connection: Connection, *, on: date) -> str | None:
    counting = counting_assignments(connection.organisation, on=on, person=person.pk)
    if counting.filter(_restriction(connection)).exists():
        return None
    if counting.exists():
        allowed = ", ".join(str(value) for value in connection.restriction_values) or "none"
        rule = f"the connection's restriction by {connection.restriction}"
        return f"No current assignment matches {rule}: {allowed}."
    applications = AssignmentVersion.objects.current(on=on).filter(
        assignment__person=person, assignment_type=AssignmentType.APPLICANT
    )
    statuses = ", ".join(f"“{status}”" for status in applications.values_list("status", flat=True).distinct())
    if statuses:
        return f"The application is {statuses}; in scope are {', '.join(IN_SCOPE_APPLICANT_STATUSES)}."
    return f"The person has no assignment that is current on {written(on)}."

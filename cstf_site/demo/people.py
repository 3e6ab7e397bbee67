"""Invented people of an organisation, as an ESR extract would tell of them: the rows of a GO file.

The same organisation and day give the same people, to the letter. NI numbers use the prefix QQ, which was never issued.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final

from competencies.validity import valid_through
from cstf_site.demo.catalogue import LOCAL_ID, LOCAL_NAME, Definition
from cstf_site.demo.names import FIRST_NAMES, LAST_NAMES, LAST_NAMES_UTF8, POSTS, TITLES
from interface.formats.go import (
    AssignmentRow,
    ElementRow,
    OrganisationRow,
    PersonRow,
    PositionRow,
    Row,
    job_name,
)

OUT_OF_SCOPE_STATUSES: Final = ("Active Application", "Interview", "Unsuccessful", "Withdrawn")
# System status, user status.
OFFERS: Final = (
    ("OFFER", "Offered Post Conditional"),
    ("OFFER", "Offered Post Unconditional"),
    ("ACCEPTED", "Offer Accepted"),
)
EMPLOYEE, OFFERED, EARLY_APPLICANT, LEAVER, LONG_GONE = "employee", "offered", "early", "leaver", "gone"


@dataclass(slots=True)
class Member:
    """One person record, with what the LMS knows of them."""

    person_id: str
    kind: str
    last_name: str
    first_name: str
    date_of_birth: date
    ni_number: str
    employee_number: str = ""
    payroll: str = ""
    held: dict[str, date] = field(default_factory=dict)


@dataclass(slots=True)
class Population:
    """An organisation's people and the rows that tell of them, in the order of a GO file."""

    vpd: str
    members: list[Member] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def of_kind(self, kind: str) -> list[Member]:
        """Everybody who is this to the organisation."""
        return [member for member in self.members if member.kind == kind]


# Of a hundred people, how many are what; the rest are employees.
SHARES: Final = ((OFFERED, 7), (EARLY_APPLICANT, 4), (LEAVER, 3), (LONG_GONE, 1))


def build(vpd: str, *, size: int, on: date, catalogue: dict[str, Definition], utf8: bool) -> Population:
    """``size`` invented person records of the organisation, as they stand on a day."""
    return _Builder(vpd, on, catalogue, utf8).build(size)


class _Builder:
    """Draws one random number after the other, so that the order of the calls is part of the data."""

    def __init__(self, vpd: str, on: date, catalogue: dict[str, Definition], utf8: bool) -> None:
        self.random = Random(f"demo {vpd}")
        self.population = Population(vpd)
        self.vpd, self.on, self.catalogue = vpd, on, catalogue
        self.last_names = (*LAST_NAMES, *LAST_NAMES_UTF8) if utf8 else LAST_NAMES
        # Identifiers of an organisation begin alike, and never meet another's.
        self.base = int(vpd[-1]) * 100_000
        self.stamp = datetime(on.year, on.month, on.day, 6, tzinfo=UTC) - timedelta(days=1)
        self.people = self.assignments = self.elements = 0

    def build(self, size: int) -> Population:
        self.population.rows.extend(self._structure())
        for kind in self._kinds(size):
            self._person(kind)
        self._the_same_human_twice()
        self.population.rows.sort(key=lambda row: not isinstance(row, OrganisationRow | PositionRow))
        return self.population

    def _kinds(self, size: int) -> Iterator[str]:
        kinds = [kind for kind, share in SHARES for _ in range(round(size * share / 100))]
        kinds += [EMPLOYEE] * (size - TWICE - len(kinds))
        self.random.shuffle(kinds)
        yield from kinds

    def _structure(self) -> Iterator[Row]:
        for number, (unit, group, role) in enumerate(POSTS, start=1):
            unit_id, position_id = str(self.base + 7000 + number), str(self.base + 7100 + number)
            yield OrganisationRow(unit_id, f"{self.vpd} {unit}", "DEPT", None, None, "", "", self.stamp)
            name = f"{self.vpd}|{role}|{number:03}|"
            yield PositionRow(
                position_id, date(2015, 4, 1), None, f"{number:03}", name, group, role, unit_id, self.stamp
            )

    # --- One person -------------------------------------------------------------------------------

    def _person(self, kind: str) -> None:
        self.people += 1
        born = date(1960, 1, 1) + timedelta(days=self.random.randrange(42 * 365))
        member = Member(
            person_id=str(5_000_000 + self.base + self.people),
            kind=kind,
            last_name=self.random.choice(self.last_names),
            first_name=self.random.choice(FIRST_NAMES),
            date_of_birth=born,
            ni_number=f"QQ{self.random.randrange(10**6):06}{self.random.choice('ABCD')}",
            payroll=f"{self.vpd} {'Weekly' if self.random.random() < 0.15 else 'Monthly'}",
        )
        if kind not in (OFFERED, EARLY_APPLICANT):
            member.employee_number = str(25_000_000 + self.base + self.people)
        self._describe(member)

    def _describe(self, member: Member) -> None:
        self.population.members.append(member)
        started = self.on - timedelta(days=self.random.randrange(200, 4000))
        if member.kind in (OFFERED, EARLY_APPLICANT):
            started = self.on - timedelta(days=self.random.randrange(5, 60))
        self.population.rows.extend(self._person_rows(member, started))
        self.population.rows.extend(self._assignment_rows(member, started))
        self.population.rows.extend(self._element_rows(member))

    def _person_rows(self, member: Member, started: date) -> Iterator[PersonRow]:
        left = self._left_on(member)
        system, user = _person_type(member.kind, self.random)
        title = self.random.choice(TITLES)
        row = PersonRow(
            person_id=member.person_id,
            effective_start=started,
            effective_end=None,
            employee_number=member.employee_number,
            title=title,
            last_name=member.last_name,
            first_name=member.first_name,
            middle_names=self.random.choice(FIRST_NAMES) if self.random.random() < 0.3 else "",
            maiden_name=self.random.choice(LAST_NAMES) if title == "Mrs." else "",
            preferred_name="",
            previous_last_name="",
            date_of_birth=member.date_of_birth,
            ni_number=member.ni_number,
            nhs_unique_id=str(1_000_000 + self.base + self.people),
            hire_date=started if member.employee_number else None,
            termination_date=left,
            system_person_type=system,
            user_person_type=user,
            office_email=f"p{member.person_id}@vpd{self.vpd}.example" if member.employee_number else "",
            nhs_start_date=started if member.employee_number else None,
            last_update=self.stamp,
        )
        if member.kind == EMPLOYEE and self.random.random() < 0.02:
            # Somebody marries next week: the record knows already, the LMS must not yet.
            from_then = self.on + timedelta(days=7)
            yield row._replace(effective_end=from_then - timedelta(days=1))
            married = row._replace(
                effective_start=from_then,
                last_name=self.random.choice(self.last_names),
                previous_last_name=row.last_name,
            )
            yield married
        else:
            yield row

    def _left_on(self, member: Member) -> date | None:
        if member.kind == LEAVER:
            return self.on - timedelta(days=self.random.randrange(1, 80))
        if member.kind == LONG_GONE:
            return self.on - timedelta(days=self.random.randrange(150, 190))
        return None

    def _assignment_rows(self, member: Member, started: date) -> Iterator[AssignmentRow]:
        jobs = 2 if member.kind == EMPLOYEE and self.random.random() < 0.07 else 1
        for job in range(1, jobs + 1):
            self.assignments += 1
            number = self.random.randrange(len(POSTS)) + 1
            _, group, role = POSTS[number - 1]
            suffix = f"-{job}" if job > 1 else ""
            system, status = self._status(member)
            left = self._left_in(member)
            yield AssignmentRow(
                person_id=member.person_id,
                assignment_id=str(9_000_000 + self.base + self.assignments),
                effective_start=started,
                effective_end=None,
                earliest_start=started,
                assignment_type="E" if member.employee_number else "A",
                assignment_number=member.employee_number + suffix if member.employee_number else "",
                system_status=system,
                status=status,
                employee_status_flag="",
                payroll_name=member.payroll,
                payroll_period="Calendar Month",
                is_primary=job == 1,
                fte=self.random.choice(("1.0", "0.8", "0.6")),
                organisation_id=str(self.base + 7000 + number),
                position_id=str(self.base + 7100 + number),
                position_name=f"{self.vpd}|{role}|{number:03}|",
                job_name=job_name(group, role),
                projected_hire_date=self.on + timedelta(days=45) if member.kind == OFFERED else None,
                vacancy_id="",
                last_update=self.stamp,
                assignment_end=left,
            )

    def _left_in(self, member: Member) -> date | None:
        for row in reversed(self.population.rows):
            if isinstance(row, PersonRow) and row.person_id == member.person_id:
                return row.termination_date
        return None

    def _status(self, member: Member) -> tuple[str, str]:
        if member.kind == OFFERED:
            return self.random.choice(OFFERS)
        if member.kind == EARLY_APPLICANT:
            return "ACTIVE_APL", self.random.choice(OUT_OF_SCOPE_STATUSES)
        chance = self.random.random()
        if chance < 0.03:
            return "SUSP_ASSIGN", "Maternity & Adoption"
        if chance < 0.05:
            return "SUSP_ASSIGN", "Career Break"
        return "ACTIVE_ASSIGN", "Acting Up" if chance < 0.07 else "Active Assignment"

    # --- What they hold already -------------------------------------------------------------------

    def _element_rows(self, member: Member) -> Iterator[ElementRow]:
        how_many = self.random.randrange(0, 8) if member.kind in (EMPLOYEE, LEAVER) else 0
        current = [one for one in self.catalogue.values() if one.variant != "Version 1"]
        for definition in self.random.sample(current, how_many):
            achieved = self.on - timedelta(days=self.random.randrange(40, 1000))
            frequency = int(definition.renewal_frequency) if definition.renewal_frequency else None
            ends = valid_through(achieved, frequency, definition.renewal_units)
            member.held[definition.competence_id] = achieved
            yield self._element(member, definition.competence_id, definition.name, achieved, ends)
        if self.vpd == "901" and how_many == 7:
            yield self._element(member, LOCAL_ID, LOCAL_NAME, self.on - timedelta(days=300), None)

    def _element(
        self, member: Member, competence_id: str, name: str, achieved: date, ends: date | None
    ) -> ElementRow:
        self.elements += 1
        return ElementRow(
            person_id=member.person_id,
            element_id=str(60_000_000 + self.base * 10 + self.elements),
            competency_type="PERSONAL",
            status="ACHIEVED",
            competence_name=name,
            date_from=achieved,
            date_to=ends,
            proficiency_level="1 - Attended",
            vpd=self.vpd,
            certification_date=None,
            certification_method="",
            next_certification_date=None,
            competence_id=competence_id,
            last_update=self.stamp,
        )

    # --- Data quality as it is --------------------------------------------------------------------

    def _the_same_human_twice(self) -> None:
        """Employees who applied again and were given a second record: the commonest fault of real data."""
        for original in self.population.of_kind(EMPLOYEE)[:TWICE]:
            self.people += 1
            again = Member(
                person_id=str(5_000_000 + self.base + self.people),
                kind=OFFERED,
                last_name=original.last_name.upper(),
                first_name=original.first_name,
                date_of_birth=original.date_of_birth,
                ni_number=original.ni_number,
                payroll=f"{self.vpd} Monthly",
            )
            self._describe(again)


# How many people have two records.
TWICE: Final = 4


def _person_type(kind: str, random: Random) -> tuple[str, str]:
    if kind == EMPLOYEE:
        both = random.random() < 0.02
        return ("EMP_APL", "Employee.Applicant") if both else ("EMP", "Employee")
    if kind in (OFFERED, EARLY_APPLICANT):
        return "APL", "Applicant"
    return "EX_EMP", "Ex-employee"

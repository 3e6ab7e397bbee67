"""What the demo's LMSs send in their first night: mostly good completions, and one of everything that goes wrong.

Each kind of trouble is a small function named after its cause, so that a reader of the answers finds where the line
came from. References say it too: ``T-OK-…`` is plain, ``T-DOB-…`` has the wrong date of birth.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final

from cstf_site.demo.catalogue import CHILDREN_OLD, COURSES, EQUALITY, Course
from cstf_site.demo.people import EARLY_APPLICANT, EMPLOYEE, LEAVER, OFFERED, Member, Population
from interface.formats import completions
from interface.formats.completions import Completion, Withdrawal

METHODS: Final = ("e-learning", "classroom", "")


class Lms:
    """An LMS that knows a population's people, mostly."""

    def __init__(self, population: Population, *, on: date, live_payroll: str = "") -> None:
        self.random = Random(f"demo LMS {population.vpd}")
        self.population = population
        self.on = on
        self.courses = COURSES[population.vpd]
        carried = [m for m in population.of_kind(EMPLOYEE) if live_payroll in ("", m.payroll)]
        self.employees = carried
        self.elsewhere = [m for m in population.of_kind(EMPLOYEE) if m not in carried]
        self.offered = [m for m in population.of_kind(OFFERED) if live_payroll in ("", m.payroll)]
        self.sent: list[Completion] = []
        self.count = 0

    # --- Good lines -------------------------------------------------------------------------------

    def completion(self, kind: str, member: Member, course: Course) -> Completion:
        """One that is in order; callers spoil it with ``_replace``."""
        self.count += 1
        day = self.on - timedelta(days=self.random.randrange(1, 25))
        finished = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        return completions.completion(
            f"T-{kind}-{self.count:04}",
            last_name=self._as_the_lms_spells(member.last_name),
            date_of_birth=member.date_of_birth,
            completed_on=day,
            last_update=finished + timedelta(minutes=self.random.randrange(8 * 60)),
            # The LMS has a person ID for those whose account the interface made, else the badge's number.
            person_id=member.person_id if not member.employee_number or self.count % 3 == 0 else "",
            employee_number=member.employee_number,
            course_code=course.code,
            course_version=course.version,
            proficiency_level="1 - Attended" if self.random.random() < 0.5 else "",
            certification_method=self.random.choice(METHODS),
        )

    def _as_the_lms_spells(self, name: str) -> str:
        return name.upper().replace("-", " ") if self.random.random() < 0.1 else name

    def plain(self, count: int) -> list[Completion]:
        """Ordinary completions, a course for each of ``count`` people."""
        people = self.random.sample(self.employees, min(count, len(self.employees)))
        made = [self.completion("OK", person, self.random.choice(self._ordinary())) for person in people]
        self.sent += made
        return made

    def _ordinary(self) -> list[Course]:
        return [course for course in self.courses if CHILDREN_OLD not in course.competences]

    def for_applicants(self, count: int) -> list[Completion]:
        """People with an offer who begin their induction early; they have no number yet."""
        made = [
            self.completion("APP", person, self.random.choice(self._ordinary()))
            for person in self.offered[:count]
        ]
        self.sent += made
        return made

    def by_competence(self, count: int) -> list[Completion]:
        """Completions that name the competence itself, by its ID."""
        people = self.random.sample(self.employees, count)
        made = [
            self.completion("CID", person, self.courses[0])._replace(
                course_code="", course_version="", competence_id=EQUALITY
            )
            for person in people
        ]
        self.sent += made
        return made

    # --- Warnings ---------------------------------------------------------------------------------

    def other_expiry(self, count: int) -> Iterator[Completion]:
        """The LMS counts five years where the renewal period says less: W201 (a course with its own date: I100)."""
        for person in self.random.sample(self.employees, count):
            made = self.completion("EXPIRY", person, self.courses[0])
            yield made._replace(expires_on=made.completed_on.replace(day=1) + timedelta(days=5 * 365))

    def own_expiry(self, count: int) -> Iterator[Completion]:
        """A course whose mapping lets the LMS's date rule."""
        course = next(course for course in self.courses if course.expiry == "lms")
        for person in self.random.sample(self.employees, count):
            made = self.completion("LMSDATE", person, course)
            yield made._replace(expires_on=made.completed_on + timedelta(days=500))

    def married_since(self, count: int) -> Iterator[Completion]:
        """The LMS has a name that the record never had: W200."""
        for person in self.random.sample(self.employees, count):
            yield self.completion("NAME", person, self.courses[0])._replace(last_name="Featherstonehaugh")

    def held_already(self, count: int) -> Iterator[Completion]:
        """Learning that came with the ESR extract, told once more: W202."""
        told = 0
        for person in self.employees:
            if told == count:
                return
            for competence, achieved in person.held.items():
                told += 1
                yield self.completion("HELD", person, self.courses[0])._replace(
                    course_code="", course_version="", competence_id=competence, completed_on=achieved
                )
                break

    # --- Errors -----------------------------------------------------------------------------------

    def errors(self) -> Iterator[str]:
        """A line or more for every way in which a record fails."""
        yield from self._bad_form()
        for record in (*self._wrong_person(), *self._wrong_competence(), *self._wrong_dates()):
            yield completions.write(record)

    def _some(self, kind: str) -> Completion:
        return self.completion(kind, self.random.choice(self.employees), self.courses[0])

    def _bad_form(self) -> Iterator[str]:
        yield completions.write(self._some("COLS")) + "~one column too many"
        yield "LUX~T-TYPE-0001~a record type that nobody knows"
        yield "a line that somebody typed into the file"
        yield completions.write(self._some("NONAME")._replace(last_name=""))
        yield completions.write(self._some("DATE")).rpartition("~")[0] + "~yesterday"
        twice = self._some("TWICE")
        yield completions.write(twice)
        yield completions.write(twice._replace(certification_method="assessed"))

    def _wrong_person(self) -> Iterator[Completion]:
        yield self._some("NOBODY")._replace(person_id="", employee_number="99999999")
        for _ in range(3):
            swapped = self._some("DOB")
            born = swapped.date_of_birth
            yield swapped._replace(date_of_birth=born + timedelta(days=9))
        one, other = self.employees[0], self.employees[1]
        yield self.completion("TWOPEOPLE", one, self.courses[0])._replace(person_id=other.person_id)
        for kind in (EARLY_APPLICANT, LEAVER):
            for person in self.population.of_kind(kind)[:3]:
                yield self.completion("SCOPE", person, self.courses[0])
        for person in self.elsewhere[:3]:
            yield self.completion("PAYROLL", person, self.courses[0])

    def _wrong_competence(self) -> Iterator[Completion]:
        for code in ("COOKERY", "FIRE-SAFETY-2019", "MH-L2 (NEW)"):
            yield self._some("MAP")._replace(course_code=code)
        yield self._some("CID")._replace(course_code="", competence_id="123456")
        if self.population.vpd == "901":
            yield self._some("LOCAL")._replace(course_code="WELCOME-DAY")
            yield self._some("ENDED")._replace(course_code="SGC-L1-OLD")

    def _wrong_dates(self) -> Iterator[Completion]:
        yield self._some("FUTURE")._replace(completed_on=self.on + timedelta(days=30))
        born = self._some("BORN")
        yield born._replace(completed_on=born.date_of_birth - timedelta(days=1))
        ends = self._some("ENDS")
        yield ends._replace(expires_on=ends.completed_on)

    # --- Second thoughts --------------------------------------------------------------------------

    def resent(self, count: int) -> list[Completion]:
        """What was sent before, unchanged: I102."""
        return self.sent[:count]

    def amended(self, count: int) -> Iterator[Completion]:
        """A newer version with other content: I101."""
        for record in self.sent[count : 2 * count]:
            yield record._replace(
                certification_method="assessed in person", last_update=record.last_update + timedelta(days=1)
            )

    def outdated(self, count: int) -> Iterator[Completion]:
        """An older version that comes late: W203."""
        for record in self.sent[2 * count : 3 * count]:
            yield record._replace(
                certification_method="draft", last_update=record.last_update - timedelta(days=1)
            )

    def withdrawn(self, count: int) -> Iterator[Withdrawal]:
        """Issued in error: I103, and one that was never there: W204."""
        for record in self.sent[3 * count : 4 * count]:
            yield Withdrawal(record.source_reference)
        yield Withdrawal("T-NEVER-0001")


def first_file(lms: Lms, *, size: int) -> list[str]:
    """The lines of an LMS's first delivery, shuffled as an LMS's are, repeats behind what they repeat."""
    records: list[Completion] = [
        *lms.plain(size),
        *lms.for_applicants(6),
        *lms.by_competence(5),
        *lms.other_expiry(5),
        *lms.own_expiry(4),
        *lms.married_since(3),
        *lms.held_already(6),
    ]
    lines = [completions.write(record) for record in records]
    lines += lms.errors()
    lms.random.shuffle(lines)
    return lines + [completions.write(record) for record in lms.resent(4)]


def second_file(lms: Lms, *, size: int) -> list[str]:
    """The next day's delivery: resends, corrections, withdrawals, and some news."""
    resent, amended = lms.resent(12), [*lms.amended(12)]
    later = [*lms.outdated(12)][:4]
    taken_back = [*lms.withdrawn(12)][-6:]
    news = lms.plain(size)
    records: list[Completion | Withdrawal] = [*resent, *amended, *later, *taken_back, *news]
    return [completions.write(record) for record in records]


def small_file(lms: Lms, *, size: int) -> list[str]:
    """A few plain completions."""
    return [completions.write(record) for record in lms.plain(size)]

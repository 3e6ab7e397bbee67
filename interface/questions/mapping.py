"""Questions about a connection's mapping: what is missing, what may be meant, what is no longer good.

Courses that failed are counted among the open failures, a small table beside the outcomes, so that a million outcomes
make no difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet

from competencies.models import Competence
from interface.decision.codes import Code
from interface.models import Connection, Direction, InboundRecord, Mapping, OpenFailure
from interface.questions.nearest import Suggestion, suggestions


@dataclass(frozen=True, slots=True)
class UnmappedCourse:
    """A course of the LMS whose records fail: how many lines of how many people, since when, and one of them."""

    course_code: str
    course_version: str
    records: int
    people: int
    first_seen: date
    last_seen: date
    sample: str
    suggested: list[Suggestion]


def unmapped_courses(connection: Connection, *, offset: int = 0, limit: int = 50) -> list[UnmappedCourse]:
    """Courses seen and not mapped, the most frequent first, each with the nearest competences."""
    return _courses(connection, courses_failing(connection, mapped=False)[offset : offset + limit])


def failures_of_course(
    connection: Connection, course_code: str, course_version: str | None = None
) -> QuerySet[OpenFailure]:
    """The lines to replay once the course (one version, or all of them) is mapped."""
    failures = OpenFailure.objects.filter(
        connection=connection, code=Code.NOT_MAPPED, course_code=course_code
    )
    return failures if course_version is None else failures.filter(course_version=course_version)


def failures_by_connection(connections: Iterable[Connection]) -> dict[int, tuple[int, int]]:
    """By connection's key: courses whose records wait, mapped meanwhile or not, and how many records. In one query."""
    failures = OpenFailure.objects.filter(connection__in=connections, code=Code.NOT_MAPPED)
    rows = failures.exclude(course_code="").order_by().values("connection")
    counted = rows.annotate(courses=Count("course_code", distinct=True), records=Count("pk"))
    return {row["connection"]: (row["courses"], row["records"]) for row in counted}


def courses_failing(connection: Connection, *, mapped: bool) -> QuerySet[Any, Any]:
    """One row a course and version of the open E320 failures that are mapped by now, or are not: to count and page."""
    mapping = usable_mappings(connection).filter(
        Q(course_version=OuterRef("course_version")) | Q(course_version=""),
        course_code=OuterRef("course_code"),
    )
    failures = OpenFailure.objects.filter(connection=connection, code=Code.NOT_MAPPED)
    of_courses = failures.exclude(course_code="").filter(Exists(mapping) if mapped else ~Exists(mapping))
    return (
        of_courses.values("course_code", "course_version")
        .annotate(
            records=Count("pk"),
            people=Count("person", distinct=True),
            first_seen=Min("file__business_date"),
            last_seen=Max("file__business_date"),
            first_file=Min("file"),
        )
        .order_by("-records", "course_code", "course_version")
    )


def usable_mappings(connection: Connection) -> QuerySet[Mapping]:
    """The rows by which an inbound course is resolved."""
    usable = Competence.objects.usable_by(connection.organisation)
    rows = Mapping.objects.filter(connection=connection, competence__in=usable)
    return rows.exclude(direction=Direction.OUTBOUND)


def _courses(connection: Connection, rows: Iterable[dict[str, Any]]) -> list[UnmappedCourse]:
    page = list(rows)
    samples = _samples(connection, page)
    names = dict(Competence.objects.cstf().values_list("pk", "name"))
    return [
        UnmappedCourse(
            row["course_code"],
            row["course_version"],
            row["records"],
            row["people"],
            row["first_seen"],
            row["last_seen"],
            samples.get((row["course_code"], row["course_version"]), ""),
            suggestions(f"{row['course_code']} {row['course_version']}", names),
        )
        for row in page
    ]


def _samples(connection: Connection, page: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """One line of each course as it came, in two queries for the page."""
    wanted = {(row["course_code"], row["course_version"], row["first_file"]) for row in page}
    first = (
        OpenFailure.objects.filter(
            connection=connection, code=Code.NOT_MAPPED, course_code__in={code for code, _, _ in wanted}
        )
        .values("course_code", "course_version", "file")
        .annotate(line=Min("line_number"))
        .order_by()
    )
    places = {
        (row["file"], row["line"]): (row["course_code"], row["course_version"])
        for row in first
        if (row["course_code"], row["course_version"], row["file"]) in wanted
    }
    condition = Q(pk__in=())
    for file, line in places:
        condition |= Q(file=file, line_number=line)
    rows = InboundRecord.objects.filter(condition).order_by()
    return {places[file, line]: raw for file, line, raw in rows.values_list("file", "line_number", "raw")}


# --- Coverage -----------------------------------------------------------------------------------------


def unserved_competences(connection: Connection, *, on: date) -> QuerySet[Competence]:
    """CSTF competences in force that no course of the LMS gives."""
    served = usable_mappings(connection).values("competence")
    return Competence.objects.cstf().in_force(on=on).exclude(pk__in=served)


def not_in_force(mappings: QuerySet[Mapping], *, on: date) -> QuerySet[Mapping]:
    """Those that give a competence which is no longer, or not yet, in force: of today, they resolve to E322."""
    return mappings.filter(Q(competence__date_to__lt=on) | Q(competence__date_from__gt=on))

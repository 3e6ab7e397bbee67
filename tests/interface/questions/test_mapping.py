"""What a connection's mapping lacks, in a fixed number of queries."""

from datetime import date, timedelta
from typing import Any

from pytest_django import DjangoAssertNumQueries

from competencies.models import Competence
from interface.models import Connection, Mapping, OpenFailure
from interface.questions.mapping import (
    courses_failing,
    failures_of_course,
    not_in_force,
    unmapped_courses,
    unserved_competences,
)
from interface.recovery.actions import replay
from tests.interface.inbound.desk import Desk
from tests.interface.outbound.staff import TODAY

TOMORROW = TODAY + timedelta(days=1)


def map_course(desk: Desk, course: str, **values: Any) -> Mapping:
    return Mapping.objects.create(
        organisation=desk.staff.organisation,
        connection=desk.connection,
        course_code=course,
        **({"competence": desk.staff.competences[1]} | values),
    )


def seen(desk: Desk) -> list[tuple[str, str, int, int]]:
    return [
        (one.course_code, one.course_version, one.records, one.people)
        for one in unmapped_courses(desk.connection)
    ]


def failing(desk: Desk) -> None:
    desk.send(
        desk.lua("R1", course="KNITTING"),
        desk.lua("R2", course="KNITTING", on=date(2026, 10, 1)),
        desk.lua("R3", course="KNITTING", person="40002"),
        desk.lua("R4", course="KNITTING", version="2"),
        desk.lua("R5", course="", competence="999"),
        desk.lua("R6"),
    )
    name, data = desk.file(desk.lua("R7", course="KNITTING"), number=2, day=TOMORROW)
    desk.put(name, data)
    desk.collect(TOMORROW)


def test_courses_are_counted_with_their_people_and_days(desk: Desk) -> None:
    failing(desk)
    first, second = unmapped_courses(desk.connection)
    assert (first.course_code, first.course_version, first.records, first.people) == ("KNITTING", "", 4, 2)
    assert (first.first_seen, first.last_seen) == (TODAY, TOMORROW)
    assert first.sample.startswith("LUA~R1~")
    assert (second.course_version, second.records, second.sample[:7]) == ("2", 1, "LUA~R4~")


def test_in_pages_and_few_queries(desk: Desk, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    desk.send(*[desk.lua(f"R{at}", course=f"COURSE {at:02}") for at in range(30)])
    with django_assert_num_queries(4):
        page = unmapped_courses(desk.connection, offset=10, limit=10)
    assert [one.course_code for one in page] == [f"COURSE {at}" for at in range(10, 20)]
    assert courses_failing(desk.connection, mapped=False).count() == 30


def test_each_has_its_nearest_competences(desk: Desk) -> None:
    Competence.objects.create(
        competence_id="900099",
        name="NHS|CSTF|Archery Safety - 2 Years|",
        subject_level=desk.staff.competences[0].subject_level,
    )
    desk.send(desk.lua("R1", course="ARCHERY-SAFETY"))
    (one,) = unmapped_courses(desk.connection)
    assert one.suggested[0].name == "NHS|CSTF|Archery Safety - 2 Years|"


def test_once_mapped_a_course_waits_for_its_replay(desk: Desk) -> None:
    failing(desk)
    map_course(desk, "KNITTING", course_version="2")
    assert seen(desk) == [("KNITTING", "", 4, 2)]
    assert courses_failing(desk.connection, mapped=True).get()["course_version"] == "2"
    map_course(desk, "KNITTING")
    assert seen(desk) == []
    chosen = failures_of_course(desk.connection, "KNITTING")
    assert chosen.count() == 5
    assert failures_of_course(desk.connection, "KNITTING", "2").count() == 1
    replay(desk.connection, failures=chosen, on=TOMORROW, by="alice")
    assert not courses_failing(desk.connection, mapped=True)
    assert list(OpenFailure.objects.values_list("course_code", flat=True)) == [""]


def test_a_mapping_to_the_lms_alone_maps_nothing_that_comes(desk: Desk) -> None:
    failing(desk)
    map_course(desk, "KNITTING", direction="outbound")
    assert len(seen(desk)) == 2


def test_other_connections_are_not_asked(desk: Desk) -> None:
    failing(desk)
    other = Connection.objects.create(organisation=desk.staff.organisation, code="B", lms_name="Moodle")
    assert unmapped_courses(other) == []


# --- Coverage -----------------------------------------------------------------------------------------


def test_what_no_course_serves(desk: Desk) -> None:
    fire, second, third = desk.staff.competences
    assert set(unserved_competences(desk.connection, on=TODAY)) == {second, third}
    map_course(desk, "SECOND")
    assert list(unserved_competences(desk.connection, on=TODAY)) == [third]
    assert fire not in unserved_competences(desk.connection, on=TODAY)


def test_a_competence_that_has_ended_serves_no_longer(desk: Desk) -> None:
    fire = desk.staff.competences[0]
    assert list(not_in_force(desk.connection.mappings.all(), on=TODAY)) == []
    Competence.objects.filter(pk=fire.pk).update(date_to=TODAY)
    assert list(not_in_force(desk.connection.mappings.all(), on=TODAY)) == []
    (ended,) = not_in_force(desk.connection.mappings.all(), on=TOMORROW)
    assert (ended.course_code, ended.competence) == ("FIRE", fire)
    # Nobody can achieve it any more: it is no gap of the mapping.
    assert fire not in unserved_competences(desk.connection, on=TOMORROW)
    newer = Competence.objects.create(
        competence_id="900098", name="NHS|CSTF|Fire anew|", subject_level=fire.subject_level
    )
    assert newer in unserved_competences(desk.connection, on=TOMORROW)
    map_course(desk, "FIRE", competence=newer)
    assert newer not in unserved_competences(desk.connection, on=TOMORROW)

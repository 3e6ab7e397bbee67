"""Replay: what failed is decided again once it can be, answered once, and the old outcomes stay."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from competencies.models import CompetencyElement
from interface.models import (
    Connection,
    ElementBefore,
    InboundRecord,
    Mapping,
    OpenFailure,
    OutboundFile,
    Replay,
    ReplayedRecord,
)
from interface.outbound.actions import send_changes
from interface.publishing import publish_pending
from interface.recovery import replay as module
from interface.recovery.actions import ReplayRefusedError, replay, undo
from people.audit.verification import verify
from people.models import PersonVersion
from tests.interface.inbound.desk import BORN, Desk
from tests.interface.outbound.staff import DAY, TODAY
from tests.simulation import wire

TOMORROW = TODAY + timedelta(days=1)
FIRST = "GI_277_CST_LCS_20261103_00000001_01.DAT"
SECOND = FIRST.replace("_01.DAT", "_02.DAT")
LATER = "20261103 010000"


def again(desk: Desk, chosen: QuerySet[OpenFailure] | None = None, *, on: date = TOMORROW) -> list[Replay]:
    everything = OpenFailure.objects.all() if chosen is None else chosen
    return replay(desk.connection, failures=everything, on=on, by="alice")


def map_course(desk: Desk, course: str = "KNITTING", version: str = "") -> None:
    Mapping.objects.create(
        organisation=desk.staff.organisation,
        connection=desk.connection,
        course_code=course,
        course_version=version,
        competence=desk.staff.competences[1],
    )


def supplement(desk: Desk, name: str = FIRST) -> list[list[str]]:
    return wire.read(name, desk.out()[name]).rows


def outcomes() -> list[tuple[int, str]]:
    return list(ReplayedRecord.objects.order_by("pk").values_list("line_number", "code"))


def held() -> list[tuple[str, str]]:
    rows = CompetencyElement.objects.held().order_by("element_id")
    return list(rows.values_list("source_reference", "person__person_id"))


# --- The usual case -----------------------------------------------------------------------------------


def test_the_audit_vouches_for_what_was_decided_again(desk: Desk) -> None:
    desk.send(desk.lua("R1", course="KNITTING"), desk.lua("R2", course="KNITTING"))
    map_course(desk)
    (made,) = again(desk)
    assert not faults()
    line = ReplayedRecord.objects.order_by("line_number").first()
    assert line is not None
    lines = ReplayedRecord.objects.filter(pk=line.pk)
    for name, forged in (("code", "E999"), ("message", "forged"), ("element_ids", "1"), ("person", None)):
        before = lines.values(name)[0]
        lines.update(**{name: forged})
        assert faults() == [
            f"the lines of replay {made.pk} of {made.file.name} are not as they were decided again"
        ]
        lines.update(**before)
    lines.delete()
    assert faults() == [f"the lines of replay {made.pk} of {made.file.name} are 1, and were 2"]


def faults() -> list[str]:
    """What verification finds, without the number of the event."""
    return [report.fault.text.partition("was changed: ")[2] for report in verify() if report.fault]


def test_a_mapping_mends_the_records_of_its_course(desk: Desk) -> None:
    desk.send(desk.lua("R1", course="KNITTING"), desk.lua("R2"), desk.lua("R3", course="DARTS"))
    map_course(desk)
    (made,) = again(desk)
    assert (made.ordinal, made.counts, made.replayed_by, made.business_date) == (
        1,
        {"I100": 1},
        "alice",
        TOMORROW,
    )
    lfc, *lines = supplement(desk)
    assert lfc[1:] == ["GI_277_CST_LCU_20261103_00000001.DAT", "ACCEPTED", "", "", "1", "1", "0", "0"]
    assert lines == [["LUC", "2", "R1", "SUCCESS", "INFO", "I100", "Added.", "40001", "900000000002"]]
    assert held() == [("R2", "40001"), ("R1", "40001")]
    # The first outcomes are what they were, and what is not mended stays open.
    assert list(InboundRecord.objects.order_by("line_number").values_list("code", flat=True)) == [
        "E320", "I100", "E320",
    ]  # fmt: skip
    assert list(OpenFailure.objects.values_list("course_code", flat=True)) == ["DARTS"]
    file = desk.only()
    assert (file.counts, file.added) == ({"E320": 2, "I100": 1}, [[900_000_000_001, 900_000_000_002]])


def test_the_header_repeats_the_inbound_run_timestamps(desk: Desk) -> None:
    desk.send(desk.lua("R1", course="KNITTING"))
    map_course(desk)
    again(desk)
    header = desk.out()[FIRST].decode().splitlines()[0].split("~")
    assert header[1] == FIRST
    assert header[5] == "20261103 210000"


def test_run_again_nothing_happens(desk: Desk) -> None:
    desk.send(desk.lua("R1", course="KNITTING"), desk.lua("R2", course="DARTS"))
    map_course(desk)
    again(desk)
    before = desk.out()
    assert again(desk) == []
    assert desk.out() == before
    assert outcomes() == [(2, "I100")]


def test_nothing_mended_nothing_written(desk: Desk) -> None:
    desk.send(desk.lua("R1", course="KNITTING"))
    assert again(desk) == []
    assert not Replay.objects.exists()
    assert FIRST not in desk.out()


def test_each_replay_of_a_file_has_a_number_of_its_own(desk: Desk) -> None:
    desk.send(desk.lua("R1", course="KNITTING"), desk.lua("R2", course="DARTS"))
    map_course(desk)
    again(desk)
    map_course(desk, "DARTS")
    again(desk)
    assert [row[2] for row in supplement(desk, SECOND)[1:]] == ["R2"]


def test_only_what_was_chosen_is_decided_again(desk: Desk) -> None:
    desk.send(desk.lua("R1", course="KNITTING"), desk.lua("R2", course="KNITTING", version="2"))
    map_course(desk)
    again(desk, OpenFailure.objects.filter(course_version="2"))
    assert outcomes() == [(3, "I100")]


def test_several_files_have_a_supplement_each(desk: Desk) -> None:
    desk.send(desk.lua("R1", course="KNITTING"))
    desk.send(desk.lua("R2", course="KNITTING", person="40002"), number=2)
    map_course(desk)
    assert [made.file.number for made in again(desk)] == [1, 2]
    assert {FIRST, FIRST.replace("00000001", "00000002")} <= desk.out().keys()


def test_over_several_batches(desk: Desk, settings: Settings) -> None:
    settings.INBOUND_BATCH_LINES = 2
    days = [date(2026, 10, day) for day in range(1, 6)]
    desk.send(*[desk.lua(f"R{day:%d}", course="KNITTING", on=day) for day in days])
    map_course(desk)
    (made,) = again(desk)
    assert made.counts == {"I100": 5}
    assert [row[1] for row in supplement(desk)[1:]] == ["2", "3", "4", "5", "6"]


# --- Other reasons ------------------------------------------------------------------------------------


def test_a_person_who_came_late_into_the_record(desk: Desk) -> None:
    assert desk.send(desk.lua("R1", person="40003")) == ["E310"]
    desk.staff.employee("40003")
    (made,) = again(desk)
    assert made.counts == {"I100": 1}


def test_a_date_of_birth_that_was_put_right(desk: Desk) -> None:
    assert desk.send(desk.lua("R1", born=date(1987, 4, 13))) == ["E311"]
    PersonVersion.objects.filter(person__person_id="40001").update(date_of_birth=date(1987, 4, 13))
    (made,) = again(desk)
    assert made.counts == {"I100": 1}


def test_one_failure_may_become_another_and_stays_open_as_that(desk: Desk) -> None:
    desk.send(desk.lua("R1", person="40003", course="KNITTING"))
    desk.staff.employee("40003")
    (made,) = again(desk)
    assert made.counts == {"E320": 1}
    failure = OpenFailure.objects.get()
    assert (failure.code, failure.course_code, failure.person) == (
        "E320", "KNITTING", desk.staff.organisation.persons.get(person_id="40003"),
    )  # fmt: skip
    map_course(desk)
    (made,) = again(desk)
    assert (made.ordinal, made.counts) == (2, {"I100": 1})
    assert not OpenFailure.objects.exists()


def test_a_failure_that_no_one_can_mend_here_is_closed_with_its_answer(desk: Desk) -> None:
    desk.send(desk.lua("R1", course="KNITTING", on=date(2027, 1, 1)))
    map_course(desk)
    (made,) = again(desk)
    assert made.counts == {"E330": 1}
    assert not OpenFailure.objects.exists()
    assert supplement(desk)[0][5:] == ["1", "0", "0", "1"]


def test_the_date_of_the_replay_decides(desk: Desk) -> None:
    """Who has left by then is out of scope, though the file came in time."""
    desk.send(desk.lua("R1", course="KNITTING"))
    map_course(desk)
    PersonVersion.objects.filter(person__person_id="40001").update(terminated_on=TODAY)
    (made,) = again(desk, on=TOMORROW)
    assert made.counts == {"E312": 1}
    (made,) = again(desk, on=TODAY)
    assert made.counts == {"I100": 1}


# --- What came meanwhile ------------------------------------------------------------------------------


def test_a_newer_version_that_came_meanwhile_wins(desk: Desk) -> None:
    desk.send(desk.lua("R1", course="KNITTING"))
    desk.send(desk.lua("R1", updated=LATER), number=2)
    map_course(desk)
    (made,) = again(desk)
    assert made.counts == {"W203": 1}


def test_held_meanwhile_from_elsewhere(desk: Desk) -> None:
    desk.send(desk.lua("R1", course="KNITTING"))
    desk.staff.element(desk.people[0], desk.staff.competences[1], date_from=date(2026, 11, 2))
    map_course(desk)
    (made,) = again(desk)
    assert made.counts == {"W202": 1}


@pytest.mark.parametrize("same_file", [True, False])
def test_a_withdrawal_that_came_meanwhile_wins(desk: Desk, same_file: bool) -> None:
    if same_file:
        desk.send(desk.lua("R1", course="KNITTING"), wire.lud("R1"))
    else:
        desk.send(desk.lua("R1", course="KNITTING"))
        desk.send(wire.lud("R1"), number=2)
    map_course(desk)
    (made,) = again(desk)
    assert made.counts == {"W203": 1}
    assert not held()


def test_a_withdrawal_that_came_before_does_not(desk: Desk) -> None:
    desk.send(wire.lud("R1"), desk.lua("R1", course="KNITTING"))
    map_course(desk)
    (made,) = again(desk)
    assert made.counts == {"I100": 1}


def test_an_older_element_of_the_reference_is_amended_and_kept_as_it_was(desk: Desk) -> None:
    desk.send(desk.lua("R1"))
    desk.send(desk.lua("R1", course="KNITTING", updated=LATER), number=2)
    map_course(desk)
    (made,) = again(desk)
    assert made.counts == {"I101": 1}
    assert list(ElementBefore.objects.values_list("file__number", "element_id")) == [(2, "900000000001")]


# --- The partner --------------------------------------------------------------------------------------


def test_what_the_supplement_says_is_not_sent_back(desk: Desk) -> None:
    desk.send(desk.lua("R1", course="KNITTING"))
    send_changes(desk.connection, on=TODAY, by="tests")
    map_course(desk)
    again(desk)
    file = send_changes(desk.connection, on=TOMORROW, by="tests").file
    assert file is not None
    assert "CMA" not in file.counts


def test_no_person_is_named_where_the_identity_was_not_established(desk: Desk) -> None:
    desk.send(desk.lua("R1", person="40003"))
    desk.staff.employee("40003", date_of_birth=BORN + DAY)
    again(desk)
    assert supplement(desk)[1][5:8] == ["E311", "Date of Birth differs from the staff record.", ""]


# --- Refused, and killed ------------------------------------------------------------------------------


def test_a_paused_connection_answers_nothing(desk: Desk) -> None:
    desk.send(desk.lua("R1", course="KNITTING"))
    map_course(desk)
    connection = desk.connection
    connection.paused_at, connection.paused_by, connection.pause_reason = PAUSED
    with pytest.raises(ReplayRefusedError, match="paused by bob: holidays"):
        again(desk)
    assert not Replay.objects.exists()


PAUSED: tuple[Any, str, str] = (TODAY, "bob", "holidays")


def test_an_undone_file_is_left_alone(desk: Desk) -> None:
    desk.send(desk.lua("R1", course="KNITTING"), desk.lua("R2"))
    undo(desk.only(), by="alice", reason="by mistake")
    map_course(desk)
    assert again(desk) == []


def test_the_names_of_supplements_run_out_one_day(desk: Desk) -> None:
    desk.send(desk.lua("R1", course="KNITTING"))
    map_course(desk)
    for ordinal in range(1, 100):
        Replay.objects.create(
            organisation=desk.staff.organisation, file=desk.only(), ordinal=ordinal, business_date=TODAY,
            replayed_at=desk.only().received_at, replayed_by="alice",
        )  # fmt: skip
    with pytest.raises(ReplayRefusedError, match="run out"):
        again(desk)


@pytest.mark.parametrize("where", ["draft_supplement", "publish_pending"])
def test_killed_anywhere_and_run_again_it_is_as_if_never_killed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Before the commit nothing has happened; after it, whoever publishes what is pending finishes."""

    def killed(*arguments: Any) -> None:
        raise KeyboardInterrupt

    desk.send(desk.lua("R1", course="KNITTING"))
    map_course(desk)
    with monkeypatch.context() as patched:
        patched.setattr(module, where, killed)
        with pytest.raises(KeyboardInterrupt):
            again(desk)
    assert FIRST not in desk.out()
    assert Replay.objects.exists() == (where == "publish_pending")
    again(desk)
    publish_pending(desk.connection)
    assert outcomes() == [(2, "I100")]
    assert [row[5] for row in supplement(desk)[1:]] == ["I100"]
    file = OutboundFile.objects.get(name=FIRST)
    assert (file.kind, file.published_at is not None) == ("LCS", True)


# --- Any course ---------------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(courses=st.lists(st.sampled_from(["FIRE", "KNITTING", "DARTS", "CHESS"]), min_size=1, max_size=6))
def test_mapped_late_is_held_as_if_mapped_in_time(desk: Desk, courses: list[str]) -> None:
    """Each line's reference, competence and day are its own, so that their order does not matter."""
    Connection.objects.update(next_inbound=1)
    days = [date(2026, 10, 1) + timedelta(days=at) for at in range(len(courses))]
    lines = [desk.lua(f"R{at}", course=course, on=days[at]) for at, course in enumerate(courses)]
    codes = desk.send(*lines)
    assert codes == ["I100" if course == "FIRE" else "E320" for course in courses]
    for course in ("KNITTING", "DARTS"):
        map_course(desk, course)
    again(desk)
    assert {reference for reference, _ in held()} == {
        f"R{at}" for at, course in enumerate(courses) if course != "CHESS"
    }
    assert OpenFailure.objects.count() == courses.count("CHESS")
    _forget(desk)


def _forget(desk: Desk) -> None:
    from interface.models import InboundFile, SentPicture

    for model in (
        SentPicture, OpenFailure, ReplayedRecord, Replay, OutboundFile, InboundRecord, InboundFile, CompetencyElement,
    ):  # fmt: skip
        model.objects.all().delete()
    Mapping.objects.exclude(course_code="FIRE").delete()

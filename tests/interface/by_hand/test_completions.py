"""Completions by hand: the engine's own answers, nothing for the LMS's sequence to stumble over, and a confirmation."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from competencies.models import Competence, CompetencyElement, SubjectLevel
from interface.by_hand import actions, storage
from interface.by_hand.answers import confirmation_rows
from interface.by_hand.completion_rows import Converter
from interface.by_hand.wrong_rows import PART
from interface.folders import Folders
from interface.formats.completions import Completion, read
from interface.inbound.actions import collect
from interface.models import Connection, InboundFile, InboundRecord, Mapping, OpenFailure, OutboundFile
from interface.nightly import exchange
from interface.questions.timeline import timeline, uploads_of
from interface.recovery.actions import undo
from people.dates import london_today
from tests.interface.by_hand.desk import Desk, told
from tests.simulation import wire

HEADER = "person_id,employee_number,last_name,date_of_birth,competence_id,course_code,completion_date\n"
GOOD = "2771,,Achebe,1980-02-29,,FIRE,2026-03-01\n,27700001,ACHEBE,1980-02-29,F1,,2025-03-01\n"
BAD = (
    "2771,,Achebe,1980-02-28,,FIRE,2026-03-02\n"
    "\n"
    "2781,,Achebe,1980-02-29,,FIRE,2026-03-02\n"
    "2771,,Achebe,1980-02-29,,SWIM,2026-03-02\n"
    "2771,,,1980-02-29,,FIRE,2026-03-02\n"
    "2771,,Achebe,1980-02-29,,FIRE,03/02/2026\n"
    "2771,,Ach~ebe,1980-02-29,,FIRE,2026-03-02\n"
)
CODES = {"E301": 1, "E310": 1, "E311": 1, "E320": 1, "I100": 2}


@pytest.fixture
def lms(desk: Desk, exchange_root: Path) -> Connection:
    connection = Connection.objects.get(organisation=desk.ours)
    fire = Competence.objects.create(
        competence_id="F1",
        name="NHS|CSTF|Fire - 1 Year|",
        subject_level=SubjectLevel.objects.first(),
        renewal_frequency=1,
        renewal_units="Year",
    )
    Mapping.objects.create(organisation=desk.ours, connection=connection, course_code="FIRE", competence=fire)
    return connection


def test_a_preview_shows_the_engine_s_answers_and_keeps_nothing(desk: Desk, lms: Connection) -> None:
    upload = desk.checked("completions", HEADER + GOOD + BAD, connection=lms)
    assert upload.counts == {"added": 2, "wrong": 6, "codes": CODES}
    starts = [
        "4 : E311 ",
        "6 : E310 ",
        "7 : E320 ",
        "8 last_name: E301 Last Name is missing",
        "9 completion_date: “03/02/2026” is not a real date: write YYYY-MM-DD, as in 2026-11-03",
        "10 last_name: “Ach~ebe” holds ~, which separates columns in the files exchanged: take it out",
    ]
    assert [one[: len(start)] for one, start in zip(told(upload), starts, strict=True)] == starts
    (change,) = upload.changes
    assert change["what"] == "2771"
    assert "NHS|CSTF|Fire - 1 Year| 2026-03-01 – 2027-02-28" in change["cells"][0][2]
    assert not InboundFile.objects.exists()
    assert not CompetencyElement.objects.exists()


def test_it_goes_the_way_of_an_inbound_file_beside_the_lms_s_own(desk: Desk, lms: Connection) -> None:
    upload = desk.applied("completions", HEADER + GOOD + BAD, connection=lms)
    file = upload.inbound_file
    assert file is not None
    assert (upload.state, file.kind, file.state, file.number, file.counts) == (
        "applied",
        "LCH",
        "answered",
        1,
        CODES,
    )
    assert list(InboundRecord.objects.filter(file=file).values_list("line_number", flat=True)) == [
        2,
        3,
        4,
        6,
        7,
        8,
    ]
    assert CompetencyElement.objects.filter(source="LMS", told_in__isnull=True).count() == 2
    assert {one.origin for one in CompetencyElement.objects.all()} == {"Entered by hand"}
    ngozi = CompetencyElement.objects.first().person  # type: ignore[union-attr]  # there are two
    assert {one.by_whom for one in uploads_of(ngozi).values()} == {"by hand, by leo, upload 1"}
    assert {one.by_whom for one in timeline(ngozi) if one.file == file.name} == {"by hand, by leo, upload 1"}
    assert not OpenFailure.objects.exists()
    lms.refresh_from_db()
    assert lms.next_inbound == 1
    name = wire.completions_name("277", london_today(), 1)
    line = wire.lua(
        "A", person="2771", last="Achebe", born=date(1980, 2, 29), course="FIRE", on=date(2026, 3, 1),
        updated="20261102 143000",
    )  # fmt: skip
    content = wire.envelope(name, "277", [line], this_run="20261103 210000").encode("iso-8859-1")
    (Folders.of(lms).inbox / name).write_bytes(content)
    (theirs,) = collect(lms, on=london_today(), by="tests")
    assert (theirs.state, theirs.counts) == ("answered", {"W202": 1})
    assert [one.kind for one in OutboundFile.objects.all()] == ["LCC"]
    # Within one second a version would be no newer than the one before.
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        again = desk.applied("completions", HEADER + GOOD, connection=lms)
    assert (again.state, again.counts) == ("applied", {"unchanged": 2, "codes": {"I102": 2}})
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        second = desk.applied(
            "completions", HEADER + GOOD.replace("2025-03-01", "2025-04-01"), connection=lms
        )
    assert second.inbound_file is not None
    assert second.inbound_file.number == 3


def test_the_lms_is_told_in_its_next_file_and_in_no_confirmation(desk: Desk, lms: Connection) -> None:
    exchange(lms, on=london_today(), by="tests", by_hand=True)
    desk.applied("completions", HEADER + GOOD, connection=lms)
    exchange(lms, on=london_today(), by="tests", by_hand=True)
    newest = OutboundFile.objects.order_by("id").last()
    assert newest is not None
    assert (newest.kind, newest.counts.get("CMA")) == ("GOC", 2)
    assert not OutboundFile.objects.filter(kind__in=("LCC", "LCR", "LCS")).exists()


def test_the_confirmation_has_every_line_once(desk: Desk, lms: Connection) -> None:
    upload = desk.applied("completions", HEADER + GOOD + BAD, connection=lms)
    assert upload.inbound_file is not None
    header, *rows = confirmation_rows(upload.inbound_file)
    assert header[:5] == ("line", "reference", "status", "severity", "code")
    assert [(row[0], row[2], row[4], row[6]) for row in rows[:3]] == [
        ("2", "SUCCESS", "I100", "2771"),
        ("3", "SUCCESS", "I100", "2771"),
        ("4", "FAIL", "E311", "2771"),
    ]
    assert len(rows) == 6


def test_the_rows_that_were_wrong_come_back_and_are_taken_when_corrected(desk: Desk, lms: Connection) -> None:
    upload = desk.applied("completions", HEADER + GOOD + BAD, connection=lms)
    wrong = storage.place(upload.token, PART).read_text("utf-8-sig").splitlines()
    assert len(wrong) == 7
    corrected = [wrong[0], wrong[1].replace("1980-02-28", "1980-02-29")]
    again = desk.applied("completions", "\n".join(corrected), connection=lms)
    assert again.counts == {"added": 1, "codes": {"I100": 1}}, told(again)


def test_a_mapping_that_changed_since_the_preview_makes_it_stale(desk: Desk, lms: Connection) -> None:
    upload = desk.checked("completions", HEADER + GOOD, connection=lms)
    other = Competence.objects.create(
        competence_id="F2", name="NHS|CSTF|Fire|", subject_level=SubjectLevel.objects.first()
    )
    Mapping.objects.update(competence=other)
    actions.confirm(upload, outcome=upload.outcome, by=upload.user)
    actions.apply(upload.pk)
    upload.refresh_from_db()
    assert upload.state == "checked"
    assert not CompetencyElement.objects.exists()


@pytest.mark.parametrize(
    ("content", "live_on", "sentence"),
    [
        (HEADER + GOOD, None, "0 : F09 The connection has no go-live date."),
        ("person_id\n2771\n", date(2026, 1, 1), "1 last_name: this column is missing"),
    ],
)
def test_a_file_that_the_engine_refuses_is_refused(
    desk: Desk, lms: Connection, content: str, live_on: date | None, sentence: str
) -> None:
    Connection.objects.filter(pk=lms.pk).update(live_on=live_on)
    upload = desk.checked("completions", content, connection=lms)
    assert (upload.state, told(upload)[0]) == ("refused", sentence)
    assert not InboundFile.objects.exists()


def test_nobody_uploads_to_another_organisation_s_connection(desk: Desk, lms: Connection) -> None:
    theirs = Connection.objects.get(organisation=desk.theirs)
    with pytest.raises(actions.UploadNotAllowedError):
        desk.receive("completions", HEADER, connection=theirs, organisation=desk.theirs)
    with pytest.raises(ValueError, match="for a connection"):
        desk.receive("completions", HEADER)


@pytest.mark.django_db(transaction=True)
def test_it_can_be_undone(desk: Desk, lms: Connection) -> None:
    upload = desk.applied("completions", HEADER + GOOD, connection=lms)
    assert upload.inbound_file is not None
    undo(upload.inbound_file, by="leo", reason="the wrong list")
    assert not CompetencyElement.objects.held().exists()


def test_a_row_is_one_completion_whatever_it_is_called(desk: Desk) -> None:

    headers = ["person_id", "last_name", "date_of_birth", "course_code", "completion_date", "reference"]
    converter = Converter(headers, at=timezone.now())
    first, second = (
        read(str(converter.line(["1", name, "1980-02-29", "FIRE", "2026-03-01", ""]))) for name in ("A", "B")
    )
    named = read(str(converter.line(["1", "A", "1980-02-29", "FIRE", "2026-03-01", "MINE"])))
    assert isinstance(first, Completion)
    assert isinstance(second, Completion)
    assert first.source_reference == second.source_reference
    assert first.source_reference.startswith("HAND-")
    assert named.source_reference == "HAND-MINE"

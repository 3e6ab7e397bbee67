"""A whole file: loaded, refused or held back by the guard; and never a traceback, whatever it holds."""

import io
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from competencies.models import Competence, CompetencyElement
from interface.extract.actions import load_extract
from interface.extract.report import ExtractRefusedError
from people.models import Assignment, Organisation, Person, PersonVersion
from tests.conftest import Installation
from tests.interface.extract.extracts import (
    DATA,
    MONDAY,
    TUESDAY,
    WIDTHS,
    Read,
    Refusal,
    extract,
    read_go,
    record,
)

pytestmark = pytest.mark.django_db
EXAMPLE = DATA / "example-night" / "GO_901_GDW_GOF_20261102_00000311.DAT"


# --- The worked example -----------------------------------------------------------------------------


def test_the_worked_example_is_loaded(northmoor: Organisation) -> None:
    counts = read_go(EXAMPLE)["loaded"][0]["counts"]
    assert counts == {"PRA": {"added": 3}, "ASA": {"added": 3}}
    versions = PersonVersion.objects.order_by("person__person_id")
    assert [(one.last_name, one.first_name, one.system_person_type) for one in versions] == [
        ("Achebe", "Ngozi", "EMP"),
        ("Fernández-Hale", "Inés", "EMP"),
        ("Whitlock", "Tomasz", "APL"),
    ]
    again = read_go(EXAMPLE)["loaded"][0]["counts"]
    assert again == {"PRA": {"unchanged": 3}, "ASA": {"unchanged": 3}}


@pytest.mark.once
def test_the_command_answers_in_words_and_exits_with_0(installation: Installation, tmp_path: Path) -> None:
    assert installation.manage("migrate", "--verbosity=0").returncode == 0
    assert installation.manage("load_setup", str(DATA / "example-night" / "setup")).returncode == 0
    done = installation.manage("read_go", str(EXAMPLE))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "GO_901_GDW_GOF_20261102_00000311.DAT: "
        "901 Northmoor University Hospitals NHS Foundation Trust, 6 records",
        "             added",
        "  ASA            3",
        "  PRA            3",
    ]
    cut = tmp_path / "cut.DAT"
    cut.write_bytes(EXAMPLE.read_bytes()[:-10])
    refused = installation.manage("read_go", str(cut))
    assert refused.returncode == 1
    assert "cut.DAT: the last line (7) is not a trailer" in refused.stderr


# --- What is told -----------------------------------------------------------------------------------


def test_rejected_lines_are_listed_by_number_and_the_file_goes_on(
    northmoor: Organisation, tmp_path: Path
) -> None:
    path = tmp_path / "GO.DAT"
    lines = [
        record("PRA"),
        "PRA~2~20200101",
        "",
        record("PRA", c1="3", c2="20200230"),
        record("PRA", c1="4", c6=""),
        record("PRA", c1="x" * 21),
        "PRD",
        "PRAX~1",
        "\x07\x01~",
        record("PRA", c1="5") + "~" * 9000,
        record("PRA", c1="6"),
    ]
    path.write_text(extract(*lines).replace("TRL~13", "TRL~12"), encoding="iso-8859-1")
    out = io.StringIO()
    call_command("read_go", path, stdout=out)
    assert out.getvalue().splitlines() == [
        "GO.DAT: 901 Northmoor, 10 records",
        "             added   rejected",
        "  ?                         2",
        "  PRA            2          5",
        "  PRD                       1",
        "  8 rejected lines:",
        "    line 3: PRA: PRA has 3 columns where 44 are expected",
        "    line 5: PRA: Effective Start Date is not a real date (YYYYMMDD)",
        "    line 6: PRA: Last Name is missing",
        "    line 7: PRA: Person ID is longer than 20 characters (21)",
        "    line 8: PRD: PRD has 1 columns where 2 are expected",
        "    lines 9, 10: ?: not a GO record",
        "    line 11: PRA: longer than 8192 bytes",
    ]
    assert set(Person.objects.values_list("person_id", flat=True)) == {"1", "6"}


def test_many_rejected_lines_are_told_in_few_words(northmoor: Organisation, tmp_path: Path) -> None:
    path = tmp_path / "GO.DAT"
    path.write_text(extract(*["PRA"] * 5000), encoding="iso-8859-1")
    out = io.StringIO()
    call_command("read_go", path, stdout=out)
    last = out.getvalue().splitlines()[-1]
    assert last.startswith("    lines 2, 3, 4, ")
    assert "21 and 4,980 more (--json lists all): PRA" in last
    assert len(read_go(path)["loaded"][0]["rejected"]) == 5000


def test_progress_is_told_in_lines(northmoor: Organisation, tmp_path: Path) -> None:
    path = tmp_path / "GO.DAT"
    path.write_text(extract(record("ASA"), record("PRA"), record("LCA")), encoding="iso-8859-1")
    told: list[tuple[int, int]] = []
    load_extract(path, by="tests", progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


# --- Refused as a whole -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"\n \n", "the file is empty"),
        (b"PRA~1\nTRL~2\n", "does not start with a header (HDR)"),
        (extract(record("PRA")).encode()[:-7], "is not a trailer (TRL and a count)"),
        (
            extract(record("PRA")).replace("TRL~3", "TRL~4").encode(),
            "the trailer counts 4 lines, the file has 3",
        ),
        (extract(record("PRA"), "\0").encode(), "line 3 holds NUL bytes"),
        (extract(record("PRA"), vpd="999").encode(), "VPD '999' is no organisation here"),
        (extract().replace("~01\n", "~02\n").encode(), "the header's version is not 01"),
        (extract(vpd="9\x1b[2J").encode(), r"VPD '9\x1b[2J' is no organisation here"),
    ],
)
def test_an_unsound_file_is_refused_as_a_whole(
    northmoor: Organisation, refusal: Refusal, content: bytes, reason: str
) -> None:
    told = refusal(content)
    assert "GO.DAT: " in told
    assert reason in told
    assert told.endswith("Nothing of it was loaded.")
    assert not Person.objects.exists()


def test_a_file_that_cannot_be_read_is_refused(northmoor: Organisation, tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "none.DAT", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(CommandError, match=reason):
            call_command("read_go", path)


def test_one_refused_file_does_not_stop_the_others(northmoor: Organisation, tmp_path: Path) -> None:
    bad, good = tmp_path / "bad.DAT", tmp_path / "good.DAT"
    bad.write_text("nonsense")
    shutil.copy(EXAMPLE, good)
    out = io.StringIO()
    with pytest.raises(CommandError, match=r"bad\.DAT"):
        call_command("read_go", bad, good, stdout=out)
    assert "good.DAT" in out.getvalue()
    assert Person.objects.count() == 3


def test_the_encoding_is_said_and_checked(northmoor: Organisation, tmp_path: Path, refusal: Refusal) -> None:
    utf8 = tmp_path / "GO.DAT"
    utf8.write_text(extract(record("PRA", c6="Łukasz")), encoding="utf-8")
    read_go(utf8, encoding="utf-8")
    assert PersonVersion.objects.get().last_name == "Łukasz"
    latin = extract(record("PRA", c6="Fernández")).encode("iso-8859-1")
    assert "line 2 is not utf-8: is the file iso-8859-1?" in refusal(latin, encoding="utf-8")


# --- Whose data -------------------------------------------------------------------------------------


def test_the_same_ids_in_two_organisations_are_two_people(
    read: Read, northmoor: Organisation, southmoor: Organisation
) -> None:
    Competence.objects.create(competence_id="900004", name="NHS|CSTF|Fire Safety - 2 Years|")
    lines = (record("PRA"), record("ASA", c27="9001", c28="7001"), record("CMA"))
    read(*lines)
    read(*lines, vpd="902")
    for model in (Person, PersonVersion, Assignment, CompetencyElement):
        owners = model.objects.values_list("organisation__vpd", flat=True)
        assert sorted(owners) == ["901", "902"]
    read("PRD~1", "ASD~11", "CMD~111", created=TUESDAY, vpd="902")
    assert Person.objects.get(removed_at=None).organisation == northmoor
    assert Assignment.objects.get(removed_at=None).organisation == northmoor
    assert CompetencyElement.objects.held().get().organisation == northmoor


# --- No mass accident (P12) -------------------------------------------------------------------------


def crowd(last_name: str = "Achebe", count: int = 100) -> list[str]:
    return [record("PRA", c1=str(number), c6=last_name, c38="20261101") for number in range(count)]


@pytest.fixture
def shares(settings: Settings) -> None:
    settings.GUARD_DELETED_SHARE, settings.GUARD_CHANGED_SHARE = 0.2, 0.3
    settings.GUARD_MINIMUM_PEOPLE = 10


def test_a_file_that_deletes_too_many_waits_for_a_person(read: Read, refusal: Refusal, shares: None) -> None:
    read(*crowd())
    deletes = [f"PRD~{number}" for number in range(21)]
    content = extract(*deletes, created=TUESDAY).encode()
    assert "it deletes 21 of 100 people, and more than 20% look like an accident" in refusal(content)
    assert Person.objects.present().count() == 100
    read(*deletes, created=TUESDAY, accept_mass_change=True)
    assert Person.objects.present().count() == 79


def test_a_file_that_changes_too_many_waits_for_a_person(read: Read, refusal: Refusal, shares: None) -> None:
    read(*crowd())
    content = extract(*crowd("Okafor", 31), created=TUESDAY).encode()
    assert "it changes 31 of 100 people" in refusal(content)
    assert not PersonVersion.objects.filter(last_name="Okafor").exists()
    read(*crowd("Okafor", 30), created=TUESDAY)
    assert PersonVersion.objects.filter(last_name="Okafor").count() == 30


def test_what_is_new_and_what_is_the_same_changes_nobody(read: Read, shares: None) -> None:
    read(*crowd(count=50))
    read(*crowd())
    read(*(record("ASA", c1=str(number), c2=str(number)) for number in range(100)))


def test_taking_the_assignments_of_too_many_is_a_change_of_theirs(
    read: Read, refusal: Refusal, shares: None
) -> None:
    read(*crowd(), *(record("ASA", c1=str(number), c2=str(number)) for number in range(100)))
    content = extract(*(f"ASD~{number}" for number in range(31)), created=TUESDAY).encode()
    assert "it changes 31 of 100 people" in refusal(content)
    assert not Assignment.objects.exclude(removed_at=None).exists()


def test_a_handful_of_people_is_no_accident(read: Read, shares: None) -> None:
    read(*crowd(count=12))
    read(*crowd("Okafor", 9), created=TUESDAY)
    assert PersonVersion.objects.filter(last_name="Okafor").count() == 9


# --- Whatever it holds ------------------------------------------------------------------------------

# One database for all examples: what an earlier one left behind is one more thing to meet.
MANY = hypothesis_settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
WORDS = (  # noqa: SIM905  (as they stand in a line; a list of strings would be a page)
    "|1|2|900004|900000000001|20260101|20251231|20260230|E|A|Yes|EMP|Year|20261101 090000|00000000 000000|é"
).split("|")
CELLS = st.sampled_from([*WORDS, "NHS|CSTF|Fire Safety - 2 Years|", "901|L|x|"]) | st.text(
    st.characters(codec="iso-8859-1", exclude_characters="\n~\0"), max_size=120
)


@st.composite
def records(draw: st.DrawFn) -> str:
    """Mostly of the right width and mostly filled as they should be, so that what is deeper in is reached."""
    record_type = draw(st.sampled_from([*WIDTHS, "PRD", "ASD", "CMD", "CDD", "POD", "HDR", "TRL", "XXX"]))
    if record_type not in WIDTHS:
        return f"{record_type}~{draw(CELLS)}"
    columns = st.integers(1, WIDTHS[record_type] - 1)
    return record(record_type, **draw(st.dictionaries(columns.map(lambda at: f"c{at}"), CELLS, max_size=6)))


def report_or_refusal(path: Path, content: bytes, encoding: str = "iso-8859-1") -> None:
    path.write_bytes(content)
    try:
        report = load_extract(path, by="tests", encoding=encoding)
    except ExtractRefusedError:
        return
    assert report.lines == sum(counts.total() for counts in report.counts.values())


@MANY
@given(content=st.binary(max_size=2000), encoding=st.sampled_from(["iso-8859-1", "utf-8"]))
def test_any_bytes_give_a_report_or_a_refusal(
    northmoor: Organisation, tmp_path: Path, content: bytes, encoding: str
) -> None:
    report_or_refusal(tmp_path / "GO.DAT", content, encoding)


@MANY
@given(lines=st.lists(st.binary(max_size=300).filter(lambda line: b"\n" not in line and line.strip(b" \r"))))
def test_any_lines_between_a_sound_header_and_trailer_do_too(
    northmoor: Organisation, tmp_path: Path, lines: list[bytes]
) -> None:
    start, end = extract(*("x" for _ in lines)).encode().split(b"\n")[0], b"TRL~%d" % (len(lines) + 2)
    report_or_refusal(tmp_path / "GO.DAT", b"\n".join([start, *lines, end]))


@MANY
@given(lines=st.lists(records(), max_size=12))
def test_any_records_do_too_and_read_again_they_change_nothing(
    northmoor: Organisation, tmp_path: Path, lines: list[str]
) -> None:
    content = extract(*lines).encode("iso-8859-1")
    report_or_refusal(tmp_path / "GO.DAT", content)
    before = everything()
    report_or_refusal(tmp_path / "GO.DAT", content)
    assert everything() == before


def everything() -> list[list[tuple[object, ...]]]:
    models = (Person, PersonVersion, Assignment, Competence, CompetencyElement)
    return [list(model.objects.order_by("pk").values_list()) for model in models]


def test_the_moment_of_the_file_is_london_time(read: Read, northmoor: Organisation) -> None:
    answer = read(created=MONDAY.replace("20261102", "20260702"))
    assert answer.report["created"] == datetime(2026, 7, 2, 6, tzinfo=UTC).isoformat()
    read(record("CDA"), "CDD~5", created="20270702 003000")
    assert Competence.objects.get().date_to == date(2027, 7, 1)

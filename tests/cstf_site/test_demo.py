"""The demo: the same people each time, nothing twice, and every answer that a person would meet."""

from collections import Counter
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from competencies.models import CompetencyElement
from cstf_site.demo.build import SIZES, load_demo
from cstf_site.demo.catalogue import national_catalogue
from cstf_site.demo.people import EMPLOYEE, SHARES, build
from interface.decision.codes import Code
from interface.formats import go
from interface.formats.go import PersonRow
from interface.models import Connection, InboundFile, InboundRecord, InboundState, OutboundFile
from people.models import Person, PersonVersion

FIRST_DAY, SECOND_DAY = date(2026, 11, 3), date(2026, 11, 4)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.DAT")}


# --- The invented people ------------------------------------------------------------------------------


@pytest.mark.parametrize("vpd", SIZES)
def test_the_same_day_gives_the_same_people(vpd: str) -> None:
    catalogue = national_catalogue()
    one = build(vpd, size=120, on=FIRST_DAY, catalogue=catalogue, utf8=True)
    other = build(vpd, size=120, on=FIRST_DAY, catalogue=catalogue, utf8=True)
    assert one == other
    assert len(one.members) == 120


def test_there_is_somebody_of_every_kind_and_nobody_real() -> None:
    people = build("901", size=400, on=FIRST_DAY, catalogue=national_catalogue(), utf8=False)
    assert {member.kind for member in people.members} == {EMPLOYEE, *(kind for kind, _ in SHARES)}
    rows = [row for row in people.rows if isinstance(row, PersonRow)]
    assert all(row.ni_number.startswith("QQ") for row in rows)
    assert all(row.office_email.endswith(".example") for row in rows if row.office_email)
    assert any(not row.last_name.isascii() for row in rows)
    assert any("-" in row.last_name for row in rows)
    # Two records of one human, and versions that wait for their day.
    assert 2 in Counter(member.ni_number for member in people.members).values()
    assert len(rows) > len(people.members)


def test_every_row_of_the_extract_reads_back() -> None:
    people = build("902", size=80, on=FIRST_DAY, catalogue=national_catalogue(), utf8=True)
    for row in people.rows:
        read = go.read_line(go.write_row(row, send_ni_number=True))
        assert isinstance(read, type(row))
        # A person's Last Update is a date on the wire.
        assert read._replace(last_update=None) == row._replace(last_update=None)  # type: ignore[call-arg]  # every row has one


# --- Loaded -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_demo_is_the_same_demo_however_often_it_is_loaded(exchange_root: Path, tmp_path: Path) -> None:
    load_demo(by="test", on=FIRST_DAY, folder=tmp_path / "demo")
    dropped = contents(exchange_root)
    people = Person.objects.count()
    assert people == sum(SIZES.values())

    again = load_demo(by="test", on=SECOND_DAY, folder=tmp_path / "again")
    assert (again.setup, again.people, again.files) == (False, {}, [])
    assert contents(exchange_root) == dropped
    assert Person.objects.count() == people


@pytest.mark.django_db
def test_an_exchange_gives_every_answer_that_a_person_would_meet(exchange_root: Path, tmp_path: Path) -> None:
    load_demo(by="test", on=FIRST_DAY, folder=tmp_path)
    call_command("exchange", date=FIRST_DAY, stdout=StringIO())

    given = set(InboundRecord.objects.values_list("code", flat=True))
    assert given == {code.value for code in Code} - {Code.NOT_ACCEPTED.value}
    states = set(InboundFile.objects.values_list("state", "code"))
    assert states == {(InboundState.ANSWERED, ""), (InboundState.HELD, "F08"), (InboundState.REFUSED, "F03")}

    held, files = CompetencyElement.objects.count(), OutboundFile.objects.count()
    load_demo(by="test", on=SECOND_DAY, folder=tmp_path)
    call_command("exchange", date=SECOND_DAY, stdout=StringIO())
    assert CompetencyElement.objects.count() == held
    # The second night has no news: a changes file a connection, and no file was delivered again.
    assert OutboundFile.objects.count() == files + Connection.objects.count()
    assert InboundFile.objects.count() == 5


@pytest.mark.django_db
def test_what_an_operator_changed_is_left_alone(exchange_root: Path, tmp_path: Path) -> None:
    load_demo(by="test", on=FIRST_DAY, folder=tmp_path)
    Connection.objects.filter(code="LEARN").update(supplier="Somebody else")
    PersonVersion.objects.update(preferred_name="Kept")
    load_demo(by="test", on=SECOND_DAY, folder=tmp_path)
    assert Connection.objects.get(code="LEARN").supplier == "Somebody else"
    assert not PersonVersion.objects.exclude(preferred_name="Kept").exists()

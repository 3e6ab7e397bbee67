"""Records of a million are found along an index, and found right."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import connection as database
from django.db.models import QuerySet

from interface.models import Connection, InboundFile, InboundRecord
from interface.questions import records, today
from interface.questions.nights import KINDS, nights_of
from people.models import Organisation, Person
from people.tenancy import within

ON = date(2026, 11, 3)


@pytest.fixture
def connection(db: None) -> Connection:
    organisation = Organisation.objects.create(vpd="901", name="Northmoor", cstf_aligned_on=date(2020, 1, 1))
    return Connection.objects.create(organisation=organisation, code="TOTARA", lms_name="Totara", live_on=ON)


def file(connection: Connection, number: int, *codes: str, on: date = ON) -> InboundFile:
    made = InboundFile.objects.create(
        organisation=connection.organisation, connection=connection, name=f"GI_{number}", sha256=f"{number:064}",
        size=1, number=number, state="answered", received_at=datetime(2026, 11, 3, tzinfo=UTC), business_date=on,
        answered_at=datetime(2026, 11, 3, tzinfo=UTC), records=len(codes),
        counts={code: codes.count(code) for code in codes},
    )  # fmt: skip
    InboundRecord.objects.bulk_create(
        InboundRecord(
            organisation=connection.organisation, file=made, line_number=line, code=code,
            source_reference=f"R-{number}-{line}", raw="",
        )
        for line, code in enumerate(codes, start=2)
    )  # fmt: skip
    return made


def lines(rows: QuerySet[InboundRecord]) -> list[str]:
    return sorted(row.source_reference for row in rows)


def test_by_code_and_night(connection: Connection) -> None:
    file(connection, 1, "I100", "E311", "E320", "W200")
    file(connection, 2, "E311", "I100", on=date(2026, 11, 4))
    everything = InboundRecord.objects.all()
    assert lines(records.with_code(everything, "E311")) == ["R-1-3", "R-2-2"]
    assert lines(records.with_code(everything, "W200")) == ["R-1-5"]
    assert lines(records.rejected(everything)) == ["R-1-3", "R-1-4", "R-2-2"]
    assert lines(records.of_night(everything, ON)) == ["R-1-2", "R-1-3", "R-1-4", "R-1-5"]
    assert lines(records.with_code(everything, "E399")) == []


def test_by_reference_and_person(connection: Connection) -> None:
    file(connection, 1, "I100", "E311", "I100")
    sam = Person.objects.create(organisation=connection.organisation, person_id="5100001")
    InboundRecord.objects.filter(line_number=4).update(person=sam)
    everything = InboundRecord.objects.all()
    assert lines(records.records_found(everything, " R-1-3 ", persons=[])) == ["R-1-3"]
    assert lines(records.records_found(everything, "5100001", persons=[sam.pk])) == ["R-1-4"]
    assert lines(records.records_found(everything, "nobody", persons=[])) == []


@pytest.mark.parametrize("sought", ["code", "reference"])
def test_rejected_records_have_their_index(connection: Connection, sought: str) -> None:
    file(connection, 1, "I100", "E311")
    if database.vendor == "postgresql":
        # So few rows are read faster without one.
        with database.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    with within(connection.organisation):
        rows = InboundRecord.objects.order_by("-file_id", "-line_number")
        found = (
            records.with_code(rows, "E311")
            if sought == "code"
            else records.records_found(rows, "R-1-3", persons=[])
        )
        assert "inbound_reject" in found.explain() or "inbound_record_rejected" in found.explain()


def test_no_code_of_another_kind_sorts_among_the_rejected(db: None) -> None:
    from interface.decision.codes import Code

    assert {code[0] for code in Code if code < "I"} == {"E"}


def test_the_last_nights_are_whole_and_in_order(connection: Connection) -> None:
    file(connection, 1, "I100", "E311", "W200")
    file(connection, 2, "I100", on=date(2026, 10, 31))
    nights = nights_of([connection], last=ON, count=5)[connection.pk]
    assert [(night.on.day, night.files_in, night.records) for night in nights] == [
        (30, 0, 0), (31, 1, 1), (1, 0, 0), (2, 0, 0), (3, 1, 3),
    ]  # fmt: skip
    assert [nights[-1].counted(kind) for kind in KINDS] == [1, 1, 1]


def test_live_and_not_live_are_everybody(connection: Connection) -> None:
    Connection.objects.create(organisation=connection.organisation, code="LATER", lms_name="L")
    unaligned = Organisation.objects.create(vpd="902", name="Harrowdale")
    Connection.objects.create(organisation=unaligned, code="EARLY", lms_name="E", live_on=ON)
    everything = Connection.objects.all()
    assert [one.code for one in today.live(everything, on=ON)] == ["TOTARA"]
    assert sorted(one.code for one in today.not_live(everything, on=ON)) == ["EARLY", "LATER"]
    for one in everything:
        assert one.may_exchange(on=ON) == (one in today.live(everything, on=ON))

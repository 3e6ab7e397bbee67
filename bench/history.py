"""Years of nights for the console to show: files, their records and answers, runs, replays, the audit of it all.

Written straight into the tables, in bulk: what the exchange would take hours to live through takes a minute. It goes
between the load of the people and the one night that the exchange itself does last.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from bench.data import CODE, FIRST_ELEMENT_ID, ON, Size, completion_line

if TYPE_CHECKING:
    # Models can be imported only after django.setup().
    from interface.models import Connection, InboundFile

NIGHTS: Final = 2000
BLOCK: Final = 50  # nights of one transaction
EVENTS_A_RECORD: Final = 1
UNMAPPED_COURSES: Final = 300
# Of each hundred records, by code.
CODES: Final = (
    ["I100"] * 52
    + ["I102"] * 30
    + ["I101"] * 9
    + ["W202"] * 2
    + ["W200"]
    + ["E310", "E320", "E320", "E302", "E330", "I103"]
)
WITHOUT_PERSON: Final = {"E310", "E302"}
MENDED_AFTER: Final = timedelta(days=90)
_RECORD: Final = (
    "line_number", "source_reference", "code", "message", "person", "element_ids", "raw", "organisation", "file",
)  # fmt: skip
_FAILURE: Final = (
    "file", "line_number", "code", "course_code", "course_version", "person", "organisation", "connection",
)  # fmt: skip
_REPLAYED: Final = (
    "replay", "file", "line_number", "source_reference", "code", "message", "person", "element_ids", "organisation",
)  # fmt: skip


@dataclass(slots=True)
class Known:
    """What every night refers to."""

    connection: Connection
    persons: list[int]
    size: Size
    records_a_night: int
    chance: random.Random


def write_history(records: int) -> int:
    """So many records in so many nights before the last, and as many audit events; how many records."""
    from django.db import transaction

    from interface.models import Connection
    from people.bulk import refresh_statistics
    from people.models import Person

    connection = Connection.objects.select_related("organisation").get(code=CODE)
    persons = list(Person.objects.order_by("person_id").values_list("pk", flat=True))
    size = Size(len(persons), 10, records, 0)
    known = Known(connection, persons, size, max(records // NIGHTS, 1), random.Random(4))
    for first in range(0, NIGHTS, BLOCK):
        with transaction.atomic():
            _write_nights(known, range(first, first + BLOCK))
    Connection.objects.filter(pk=connection.pk).update(next_inbound=NIGHTS + 1, next_outbound=NIGHTS + 1)
    with transaction.atomic():
        _write_audit(known, records * EVENTS_A_RECORD)
    refresh_statistics(*_written())
    return known.records_a_night * NIGHTS


def _written() -> list[Any]:
    from interface import models as exchange
    from people.models import AuditEvent, NightlyRun

    return [
        exchange.InboundFile, exchange.InboundRecord, exchange.OpenFailure, exchange.OutboundFile, exchange.Replay,
        exchange.ReplayedRecord, NightlyRun, AuditEvent,
    ]  # fmt: skip


def _night(place: int) -> date:
    return ON - timedelta(days=NIGHTS - place)


def _at(on: date) -> datetime:
    return datetime.combine(on, time(21), tzinfo=UTC)


# --- Files and records --------------------------------------------------------------------------------


def _write_nights(known: Known, places: range) -> None:
    from interface.models import InboundFile, InboundRecord, OpenFailure, OutboundFile
    from people.bulk import insert_rows
    from people.models import NightlyRun

    lines = [list(_lines(known, place)) for place in places]
    files = InboundFile.objects.bulk_create(
        _inbound_file(known, place, some) for place, some in zip(places, lines, strict=True)
    )
    NightlyRun.objects.bulk_create(_run(known, place) for place in places)
    OutboundFile.objects.bulk_create(
        one for place, file in zip(places, files, strict=True) for one in _sent(known, place, file)
    )
    organisation = known.connection.organisation_id
    rows = [(*line, organisation, file.pk) for file, some in zip(files, lines, strict=True) for line in some]
    insert_rows(InboundRecord, _RECORD, rows)
    insert_rows(OpenFailure, _FAILURE, list(_failures(known, files, lines)))
    for file, some in zip(files[::10], lines[::10], strict=True):
        _write_replay(known, file, some)


def _lines(known: Known, place: int) -> Iterator[tuple[Any, ...]]:
    """One night's records. The first person has one in every night."""
    for line in range(known.records_a_night):
        person = known.chance.randrange(len(known.persons)) if line else 0
        code = known.chance.choice(CODES)
        number = place * known.records_a_night + line
        reference = f"H-{number:08}"
        course = f"UNMAPPED-{known.chance.randrange(UNMAPPED_COURSES)}" if code == "E320" else ""
        raw = completion_line(number, person, known.size, reference=reference, course=course)
        held = str(FIRST_ELEMENT_ID + person * known.size.elements_each + number % known.size.elements_each)
        key = None if code in WITHOUT_PERSON else known.persons[person]
        yield line + 2, reference, code, "", key, "" if code[0] == "E" else held, raw


def _inbound_file(known: Known, place: int, lines: list[tuple[Any, ...]]) -> InboundFile:
    from interface.models import InboundFile

    on, connection = _night(place), known.connection
    return InboundFile(
        organisation=connection.organisation, connection=connection, number=place + 1, state="answered",
        name=f"GI_{connection.organisation.vpd}_CST_LCU_{on:%Y%m%d}_{place + 1:08}.DAT", sha256=f"{place:064x}",
        size=200 * len(lines), received_at=_at(on), business_date=on, records=len(lines),
        next_line=len(lines) + 2, counts=dict(Counter(line[2] for line in lines)), answered_at=_at(on),
    )  # fmt: skip


def _run(known: Known, place: int) -> Any:
    from people.models import NightlyRun

    on = _night(place)
    failed = place % 97 == 0
    return NightlyRun(
        organisation=known.connection.organisation, job="exchange", subject=CODE, business_date=on, attempts=1,
        state="failed" if failed else "done", started_at=_at(on), finished_at=_at(on) + timedelta(minutes=1),
        error="OSError: no space" if failed else "",
    )  # fmt: skip


def _sent(known: Known, place: int, file: InboundFile) -> Iterator[Any]:
    from interface.models import OutboundFile

    on, vpd = _night(place), known.connection.organisation.vpd
    for kind, leg in (("GOC", "GO"), ("LCC", "GI")):
        is_answer = kind == "LCC"
        yield OutboundFile(
            organisation=known.connection.organisation, connection=known.connection, kind=kind,
            name=f"{leg}_{vpd}_{'CST' if is_answer else 'GDW'}_{kind}_{on:%Y%m%d}_{place + 1:08}.DAT",
            number=None if is_answer else place + 1, answers=file if is_answer else None, business_date=on,
            sha256=f"{place * 2 + is_answer:064x}", size=1, records=file.records, created_at=_at(on),
            published_at=_at(on), counts={} if is_answer else {"CMA": 40, "PRA": 3},
        )  # fmt: skip


def _failures(
    known: Known, files: list[InboundFile], lines: list[list[tuple[Any, ...]]]
) -> Iterator[tuple[Any, ...]]:
    """What of the last months still waits to be mended."""
    connection = known.connection
    for file, some in zip(files, lines, strict=True):
        if file.business_date < ON - MENDED_AFTER * 4:
            continue
        for number, _, code, _, person, _, raw in some:
            if code in {"E310", "E320"}:
                course = raw.split("~")[7] if code == "E320" else ""
                yield file.pk, number, code, course, "", person, connection.organisation_id, connection.pk


def _write_replay(known: Known, file: InboundFile, lines: list[tuple[Any, ...]]) -> None:
    from interface.models import Replay, ReplayedRecord
    from people.bulk import insert_rows

    failed = [line for line in lines if line[2] == "E320"]
    if file.business_date >= ON - MENDED_AFTER * 4 or not failed:
        return
    replay = Replay.objects.create(
        organisation=known.connection.organisation, file=file, ordinal=1, business_date=file.business_date,
        replayed_at=_at(file.business_date), replayed_by="bench", counts={"I100": len(failed)},
    )  # fmt: skip
    organisation = known.connection.organisation_id
    rows = [
        (replay.pk, file.pk, number, reference, "I100", "", person, "", organisation)
        for number, reference, _, _, person, _, _ in failed
    ]
    insert_rows(ReplayedRecord, _REPLAYED, rows)


# --- The audit ----------------------------------------------------------------------------------------


def _write_audit(known: Known, events: int) -> None:
    """A chain as it would have been written, with its hashes; most of it is the nightly runs'."""
    from people.audit.actions import COLUMNS
    from people.audit.events import chain_hash, content_hash
    from people.bulk import insert_rows
    from people.models import AuditEvent, AuditHead

    organisation = known.connection.organisation_id
    head, _ = AuditHead.objects.get_or_create(pk=organisation)
    began, rows = _at(_night(0)), []
    step = timedelta(days=NIGHTS) / max(events, 1)
    for place in range(events):
        values = (began + step * place, *_told(known, place))
        own = content_hash(values)
        head.sequence += 1
        head.chain_hash = chain_hash(organisation, head.sequence, head.chain_hash, own)
        rows.append((organisation, head.sequence, *values, own, head.chain_hash))
        if len(rows) == 20_000 or place == events - 1:
            insert_rows(AuditEvent, COLUMNS, rows)
            rows.clear()
    head.save()


def _told(known: Known, place: int) -> tuple[str, ...]:
    """Actor to after, in the order of an event's content."""
    person = known.chance.randrange(len(known.persons))
    by_run = ("nightly", "", "run", CODE, "person loaded", "people.person")
    by_console = (f"user{place % 40}", "10.0.0.7", "console", "/admin/person/", "viewed", "people.person")
    way = by_console if place % 12 == 0 else by_run
    about = (str(known.persons[person]), str(40_000_000 + person))
    return (*way, *about, "", '{"last_name":"Before"}', '{"last_name":"After"}')

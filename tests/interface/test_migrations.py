"""The sent ledger of before, one row a record, is kept record by record when it becomes one row a person."""

from typing import Any

from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from interface.models import CarriedPerson, SentPicture
from interface.outbound.packing import Entry, unpack
from people.models import Person
from people.postgresql.base import DatabaseWrapper
from people.postgresql.owner import as_owner
from people.rowsecurity import secure
from people.tenancy import everywhere
from tests.interface.outbound.staff import Staff, inbound, night, types

BEFORE = [("interface", "0004_fill_failures_and_advice")]


def migrated(to: list[tuple[str, str]] | None = None) -> Any:
    """As ``manage.py migrate`` does it, to the newest state if not told another: by the owner, who then secures it."""
    connection = connections["default"]
    executor = MigrationExecutor(connection)
    to = to or executor.loader.graph.leaf_nodes()
    executor.migrate(to)
    if isinstance(connection, DatabaseWrapper):
        secure(connection)
    return executor.loader.project_state(to).apps


def whom_files_carried(person: Person) -> list[tuple[int, int, int]]:
    return list(CarriedPerson.objects.filter(person=person).values_list("file", "records", "deletes"))


def test_every_record_keeps_its_file(committed_db: None, exchange_root: Any) -> None:
    staff = Staff()
    person, stranger = staff.employee("40001", elements=2), staff.employee("40002")
    first = night(staff)
    assert first is not None
    answered, waiting = inbound(staff), inbound(staff, "applied")
    told = staff.told(stranger, answered)
    type(told).objects.filter(pk=told.pk).update(told_digest=None, told_in=None, told_before=None)
    sent = {row.person_id: unpack(row.records) for row in SentPicture.objects.all()}
    carried = whom_files_carried(person)
    with as_owner():
        try:
            old = migrated(BEFORE).get_model("interface", "SentRecord")
            # Of before: records that partners told us stood in the ledger at once.
            rows = [
                (person.pk, ("CMA", "900000000008"), 8, None, answered.pk),
                (person.pk, ("CMA", "900000000009"), 9, None, waiting.pk),
            ]
            old.objects.filter(person_id=stranger.pk).delete()
            rows.append((stranger.pk, ("CMA", told.element_id), 7, None, answered.pk))
            old.objects.bulk_create(
                old(
                    organisation_id=staff.organisation.pk, connection_id=staff.connection.pk, person_id=holder,
                    record_type=key[0], key=key[1], digest=digest, outbound_file_id=ours, inbound_file_id=theirs,
                )
                for holder, key, digest, ours, theirs in rows
            )  # fmt: skip
        finally:
            migrated()
    with everywhere("the test looks at all of it"):
        found = {row.person_id: (row.last_file_id, unpack(row.records)) for row in SentPicture.objects.all()}
        assert found.keys() == {None, person.pk}
        assert whom_files_carried(person) == carried == [(first.pk, 4, 0)]
        assert found[None] == (first.pk, sent[None])
        assert found[person.pk] == (
            first.pk,
            sent[person.pk]
            | {
                ("CMA", "900000000008"): Entry(8, -answered.pk),
                ("CMA", "900000000009"): Entry(0, -waiting.pk),
            },
        )
        told.refresh_from_db()
        assert (told.told_digest, told.told_in, told.told_before) == (7, answered.pk, 2)
        lines = types(night(staff, 1))
    assert lines == [
        "CMD 900000000008",
        "CMD 900000000009",
        "PRA 40002",
        "ASA 740002",
        f"CMA {told.element_id}",
    ]

"""Events are added in the transaction of what they tell about, in order, whoever else does so at the same time."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from people.audit.actions import blank, gathering, record, record_many
from people.audit.context import acting
from people.audit.events import Event
from people.audit.verification import verify
from people.models import AuditEvent, AuditHead, Organisation, Person
from people.tenancy import everywhere, within


@pytest.fixture
def trust(db: None) -> Organisation:
    return Organisation.objects.create(vpd="277", name="Northmoor")


def sound() -> bool:
    return all(report.fault is None for report in verify())


def test_an_event_tells_who_what_which_where_and_why(trust: Organisation) -> None:
    person = Person.objects.create(organisation=trust, person_id="10001")
    with acting(by="alice", address="10.0.0.1", channel="console", key="/admin/", reason="asked by phone"):
        record(verb="changed", about=person, before={"person_id": "1"}, after={"person_id": "10001"})
    event = AuditEvent.objects.get()
    assert (event.organisation_id, event.sequence) == (trust.pk, 1)
    assert (event.actor, event.address, event.channel) == ("alice", "10.0.0.1", "console")
    assert (event.verb, event.record_type, event.record_name) == ("changed", "people.person", "10001")
    assert (event.channel_key, event.reason) == ("/admin/", "asked by phone")
    assert json.loads(event.before) == {"person_id": "1"}
    assert event.record_key == str(person.pk)
    assert sound()


def test_each_organisation_has_a_chain_of_its_own_and_the_installation_too(trust: Organisation) -> None:
    record_many([Event("a", trust.pk), Event("b"), Event("c", trust.pk)])
    record(verb="d")
    assert list(
        AuditEvent.objects.order_by("organisation_id", "sequence").values_list(
            "organisation_id", "sequence", "verb"
        )
    ) == [(0, 1, "b"), (0, 2, "d"), (trust.pk, 1, "a"), (trust.pk, 2, "c")]
    assert sound()


def test_events_are_written_whatever_the_scope_and_read_within_it(trust: Organisation) -> None:
    with within():
        record_many([Event("a", trust.pk), Event("b")])
        assert not AuditEvent.objects.exists()
    with within(trust):
        assert [event.verb for event in AuditEvent.objects.all()] == ["a"]


def test_what_is_undone_leaves_no_event(trust: Organisation) -> None:
    def refused() -> None:
        with transaction.atomic():
            record(verb="divided", about=trust)
            _ = 1 // 0

    with pytest.raises(ZeroDivisionError):
        refused()
    record(verb="added", about=trust)
    assert [event.verb for event in AuditEvent.objects.all()] == ["added"]
    assert sound()


def test_gathered_events_are_written_at_the_end(trust: Organisation) -> None:
    with gathering():
        record(verb="first", about=trust)
        with gathering():
            record(verb="second", about=trust)
        assert not AuditHead.objects.exists()
    assert AuditHead.objects.get().sequence == 2

    def refused() -> None:
        with gathering():
            record(verb="third", about=trust)
            _ = 1 // 0

    with pytest.raises(ZeroDivisionError):
        refused()
    assert AuditEvent.objects.count() == 2


def test_gathered_events_go_with_the_transaction_that_is_undone(trust: Organisation) -> None:
    with gathering():
        record(verb="first", about=trust)
        transaction.set_rollback(True)
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_no_event_stands_outside_the_transaction_of_what_it_tells() -> None:
    with pytest.raises(transaction.TransactionManagementError, match="belongs into the transaction"):
        record(verb="added")


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_chain() -> None:
    def write(name: str) -> None:
        try:
            with everywhere("a thread of its own"):
                for _ in range(10):
                    with transaction.atomic():
                        record_many([Event(name, 277), Event(name, 278)])
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, "abcd"))
    assert [head.sequence for head in AuditHead.objects.order_by("pk")] == [40, 40]
    assert sound()


def test_blanking_takes_what_tells_about_a_person_and_keeps_the_chain(trust: Organisation) -> None:
    for number in range(6):
        record(
            verb="changed", about=Person(pk=number, organisation=trust, person_id=str(number)), after={"a": 1}
        )
    chosen = AuditEvent.objects.filter(record_key__in=["1", "2", "4"])
    assert blank(chosen, organisation_id=trust.pk, by="retention", reason="six years after leaving") == 3
    assert (
        blank(AuditEvent.objects.filter(sequence=2), organisation_id=trust.pk, by="retention", reason="again")
        == 0
    )
    gone = AuditEvent.objects.get(sequence=2)
    assert (gone.record_key, gone.record_name, gone.after, gone.verb) == ("", "", "", "changed")
    last = AuditEvent.objects.get(sequence=7)
    assert json.loads(last.after) == {"events": "2-3,5", "count": 3}
    assert (last.actor, last.reason) == ("retention", "six years after leaving")
    assert sound()


def test_that_something_was_blanked_is_never_blanked(trust: Organisation) -> None:
    record(verb="changed", about=trust)
    blank(AuditEvent.objects.all(), organisation_id=trust.pk, by="retention", reason="age")
    assert blank(AuditEvent.objects.all(), organisation_id=trust.pk, by="retention", reason="age") == 0
    assert sound()

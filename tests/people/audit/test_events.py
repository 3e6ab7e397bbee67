from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

from people.audit.context import Acting, acting, current
from people.audit.events import CONTENT, Event, as_json, content, content_hash, name_of, organisation_of
from people.models import Organisation, Person, PersonVersion

AT = datetime(2026, 11, 3, 21, tzinfo=UTC)


def test_what_acting_says_is_inherited_and_overruled() -> None:
    with acting(by="alice", address="10.0.0.1", channel="console", key="/admin/"):
        with acting(reason="lost device", key="/admin/x/"):
            assert current() == Acting("alice", "10.0.0.1", "console", "/admin/x/", "lost device")
        assert current().reason == ""
    assert current() == Acting()


def test_an_event_knows_its_record_without_naming_a_person() -> None:
    person = Person(pk=5, organisation_id=277, person_id="10001")
    version = PersonVersion(pk=6, organisation_id=277, person=person, last_name="Achebe", first_name="Ada")
    assert (organisation_of(person), name_of(person)) == (277, "10001")
    assert name_of(version) == ""
    assert "Achebe" not in repr(Event.about(version, "changed"))
    trust = Organisation(pk=277, vpd="277", name="Northmoor")
    assert (organisation_of(trust), name_of(trust)) == (277, "277 Northmoor")


def test_states_are_stored_as_text() -> None:
    state = {"on": date(2026, 11, 3), "share": Decimal("0.80"), "names": ["Zoë"], "none": None}
    assert as_json(state) == '{"on":"2026-11-03","share":"0.80","names":["Zoë"],"none":null}'
    assert as_json({}) == as_json(None) == ""


def test_the_hash_covers_every_column() -> None:
    sound = content(Event("changed"), Acting("alice"), at=AT)
    hashes = {content_hash(sound)}
    for place in range(1, len(CONTENT)):
        hashes.add(content_hash([*sound[:place], "other", *sound[place + 1 :]]))
    hashes.add(content_hash([AT + timedelta(microseconds=1), *sound[1:]]))
    assert len(hashes) == len(CONTENT) + 1


def test_the_hash_is_of_the_moment_not_of_how_it_is_written() -> None:
    sound = content(Event("changed"), Acting(), at=AT)
    elsewhere = AT.astimezone(timezone(timedelta(hours=5)))
    assert content_hash([elsewhere, *sound[1:]]) == content_hash(sound)


def test_texts_fit_their_columns() -> None:
    event = Event("v" * 99, reason="a\0b\ud800", record_key="k" * 300)
    values = dict(zip(CONTENT, content(event, Acting(address="x" * 99), at=AT), strict=True))
    assert values["reason"] == "ab?"
    assert [len(values[name]) for name in ("verb", "record_key", "address")] == [60, 100, 45]

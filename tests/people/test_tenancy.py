"""Tenancy's first layer: no scope, an error; a scope, its rows and no others; whichever way Django is asked."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, prefetch_related_objects

from people.models import Assignment, Organisation, Person
from people.tenancy import (
    EVERYWHERE,
    OutOfScopeError,
    ScopeMissingError,
    check_scope,
    current_scope,
    everywhere,
    narrowed_to,
    seeing,
    within,
)

pytestmark = [pytest.mark.django_db, pytest.mark.scoped]


@pytest.fixture
def ours() -> Person:
    return _person("901", "ours")


@pytest.fixture
def theirs() -> Person:
    return _person("902", "theirs")


def _person(vpd: str, person_id: str) -> Person:
    with everywhere("the test's own cast"):
        organisation = Organisation.objects.create(vpd=vpd, name=vpd)
        return Person.objects.create(organisation=organisation, person_id=person_id)


USES: list[tuple[str, Callable[[Person], Any]]] = [
    ("list", lambda one: list(Person.objects.all())),
    ("iterator", lambda one: list(Person.objects.all().iterator())),
    ("get", lambda one: Person.objects.get(pk=one.pk)),
    ("exists", lambda one: Person.objects.exists()),
    ("count", lambda one: Person.objects.count()),
    ("aggregate", lambda one: Person.objects.aggregate(Count("pk"))),
    ("values", lambda one: list(Person.objects.values("organisation").annotate(Count("pk")))),
    ("in_bulk", lambda one: Person.objects.in_bulk([one.pk])),
    ("contains", lambda one: Person.objects.all().contains(one)),
    ("first", lambda one: Person.objects.first()),
    ("update", lambda one: Person.objects.update(removed_at=None)),
    ("delete", lambda one: Person.objects.all().delete()),
    ("save", lambda one: one.save()),
    ("refresh", lambda one: one.refresh_from_db()),
    ("create", lambda one: Person.objects.create(organisation=one.organisation, person_id="new")),
    ("bulk_create", lambda one: Person.objects.bulk_create([Person(organisation=one.organisation, person_id="n")])),
    ("bulk_update", lambda one: Person.objects.bulk_update([one], ["removed_at"])),
    ("get_or_create", lambda one: Person.objects.get_or_create(organisation=one.organisation, person_id="n")),
    ("related manager", lambda one: list(one.organisation.persons.all())),
    ("prefetch", lambda one: prefetch_related_objects([one.organisation], "persons")),
    ("base manager", lambda one: list(Person._base_manager.all())),
    ("union", lambda one: list(Person.objects.all().union(Person.objects.all()))),
    ("sub-query", lambda one: list(Organisation.objects.filter(Exists(Person.objects.filter(pk=OuterRef("pk")))))),
    ("in sub-query", lambda one: list(Organisation.objects.filter(pk__in=Person.objects.values("organisation")))),
    ("raw", lambda one: list(Person.objects.raw("SELECT * FROM people_person"))),
    ("explain", lambda one: Person.objects.all().explain()),
]  # fmt: skip


@pytest.mark.parametrize(("name", "use"), USES, ids=[name for name, _ in USES])
def test_outside_any_scope_every_use_is_an_error(
    name: str, use: Callable[[Person], Any], ours: Person
) -> None:
    ours.organisation  # noqa: B018  (loaded while Organisation, which is not scoped, can be)
    with pytest.raises(ScopeMissingError, match=r"people\.Person"):
        use(ours)


def test_the_async_forms_fail_closed_too(ours: Person) -> None:
    async def ask() -> None:
        await Person.objects.acount()

    with pytest.raises(ScopeMissingError):
        asyncio.run(ask())


def test_a_scope_shows_its_own_rows_only(ours: Person, theirs: Person) -> None:
    with within(ours.organisation):
        assert list(Person.objects.all()) == [ours]
        assert Person.objects.count() == 1
        assert Person.objects.aggregate(n=Count("pk")) == {"n": 1}
        assert not Person.objects.filter(pk=theirs.pk).exists()
        assert list(theirs.organisation.persons.all()) == []
        both = [ours.organisation, theirs.organisation]
        prefetch_related_objects(both, "persons")
        assert [list(one.persons.all()) for one in both] == [[ours], []]
        assert list(Organisation.objects.filter(pk__in=Person.objects.values("organisation"))) == [
            ours.organisation
        ]


def test_a_scope_is_narrowed_and_never_widened(ours: Person, theirs: Person) -> None:
    both = frozenset({ours.organisation_id, theirs.organisation_id})
    with within(ours.organisation), narrowed_to(both):
        assert list(Person.objects.all()) == [ours]
    with everywhere("a test"), narrowed_to(frozenset({theirs.organisation_id})):
        assert list(Person.objects.all()) == [theirs]
        with narrowed_to(EVERYWHERE):
            assert list(Person.objects.all()) == [theirs]
    with (
        seeing(both, lambda model: both - {ours.organisation_id}),
        narrowed_to(frozenset({ours.organisation_id})),
    ):
        assert list(Person.objects.all()) == []
    with narrowed_to(both), pytest.raises(ScopeMissingError):
        Person.objects.count()


def test_a_scope_of_nobody_shows_nothing(ours: Person) -> None:
    with within():
        assert list(Person.objects.all()) == []


def test_a_queryset_is_narrowed_when_it_is_used_not_when_it_is_made(ours: Person, theirs: Person) -> None:
    made_early = Person.objects.order_by("person_id")
    with within(theirs.organisation):
        assert list(made_early.all()) == [theirs]
    with within(ours.organisation):
        assert list(made_early.all()) == [ours]
        assert list(made_early.all()[:5]) == [ours]


def test_writes_stay_within_the_scope(ours: Person, theirs: Person) -> None:
    with within(ours.organisation):
        assert Person.objects.filter(pk=theirs.pk).update(person_id="stolen") == 0
        assert Person.objects.filter(pk=theirs.pk).delete() == (0, {})
        for write in (
            lambda: Person.objects.create(organisation=theirs.organisation, person_id="x"),
            lambda: Person.objects.bulk_create([Person(organisation=theirs.organisation, person_id="x")]),
            lambda: Person.objects.filter(pk=ours.pk).update(organisation=theirs.organisation),
            lambda: check_scope(theirs.organisation),
        ):
            with pytest.raises(OutOfScopeError), transaction.atomic():
                write()
        ours.organisation = theirs.organisation
        with pytest.raises(OutOfScopeError), transaction.atomic():
            ours.save()
        with pytest.raises(OutOfScopeError):
            Person.objects.raw("SELECT 1")
    with everywhere("to look at what was left"):
        assert set(Person.objects.values_list("person_id", flat=True)) == {"ours", "theirs"}


def test_deleting_reaches_nothing_of_another_organisation(ours: Person, theirs: Person) -> None:
    with everywhere("the test's own cast"):
        Assignment.objects.create(organisation=theirs.organisation, person=theirs, assignment_id="7")
    with within(ours.organisation):
        Person.objects.all().delete()
    with everywhere("to look at what was left"):
        assert list(Person.objects.all()) == [theirs]
        assert Assignment.objects.count() == 1


def test_scopes_nest_and_end(ours: Person, theirs: Person) -> None:
    with everywhere("outer"):
        with within(ours.organisation):
            assert list(Person.objects.all()) == [ours]
        assert Person.objects.count() == 2
    assert current_scope() is None


def test_everywhere_wants_its_reason() -> None:
    with pytest.raises(ValueError, match="reason"), everywhere(""):
        pass

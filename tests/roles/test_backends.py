"""Permissions come from grants in force, by organisation, and from nothing else."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission, User
from pytest_django import DjangoAssertNumQueries

from competencies.models import Competence
from people.dates import london_today
from people.models import Organisation, Person
from roles.actions import end_grant, grant
from roles.holdings import holdings_of
from roles.models import Grant
from roles.urps import URP


def again(user: User) -> User:
    """As the next request has it."""
    return User.objects.get(pk=user.pk)


def give(user: User, organisation: Organisation, urp: URP, by: User) -> Grant:
    return grant(user=user, organisation=organisation, urp=urp, reason="test", by=by)


def test_nothing_comes_from_elsewhere(charlie: User, northmoor: Organisation) -> None:
    charlie.user_permissions.set(Permission.objects.all())
    group = Group.objects.create(name="all")
    group.permissions.set(Permission.objects.all())
    charlie.groups.add(group)
    assert not again(charlie).has_perm("people.view_person")
    assert not again(charlie).has_perm("people.view_person", northmoor)
    assert not again(charlie).has_module_perms("people")


def test_in_the_organisation_of_the_grant_alone(
    alice: User, bob: User, northmoor: Organisation, southmoor: Organisation
) -> None:
    give(bob, northmoor, URP.LEARNING_ADMINISTRATION, alice)
    give(bob, southmoor, URP.AUDITOR, alice)
    bob = again(bob)
    assert bob.has_perm("interface.change_mapping")
    assert bob.has_perm("interface.change_mapping", northmoor)
    assert not bob.has_perm("interface.change_mapping", southmoor)
    assert bob.has_perm("interface.view_mapping", southmoor)
    assert bob.has_module_perms("interface")
    assert not bob.has_module_perms("auth")
    theirs = Person.objects.create(organisation=southmoor, person_id="1")
    assert bob.has_perm("people.view_person", theirs)
    assert not bob.has_perm("people.change_person", theirs)


def test_what_is_everybodys_is_seen_and_not_changed(alice: User, bob: User, northmoor: Organisation) -> None:
    give(bob, northmoor, URP.LEARNING_ADMINISTRATION, alice)
    national = Competence(name="NHS|CSTF|Fire Safety|")
    own = Competence(name="911|Archery|", organisation=northmoor)
    assert bob.has_perm("competencies.view_competence", national)
    assert not bob.has_perm("competencies.change_competence", national)
    assert bob.has_perm("competencies.change_competence", own)


@pytest.mark.parametrize(
    ("starts", "ends", "holds"),
    [(0, None, True), (0, 0, True), (-9, 9, True), (1, None, False), (-9, -1, False)],
)
def test_from_the_first_day_to_the_last(
    bob: User, northmoor: Organisation, starts: int, ends: int | None, holds: bool
) -> None:
    today = london_today()
    Grant.objects.create(
        user=bob,
        organisation=northmoor,
        urp=URP.SUPPORT,
        starts_on=today + timedelta(days=starts),
        ends_on=None if ends is None else today + timedelta(days=ends),
        reason="test",
        granted_at="2026-01-01T00:00Z",
        granted_by="alice",
    )
    assert bob.has_perm("interface.view_connection", northmoor) is holds
    (row,) = Grant.objects.all()
    assert row.is_in_force(on=today) is holds


def test_not_after_it_was_ended_nor_for_a_closed_account(
    alice: User, bob: User, northmoor: Organisation
) -> None:
    given = give(bob, northmoor, URP.SUPPORT, alice)
    assert again(bob).has_perm("interface.view_connection", northmoor)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert not again(bob).has_perm("interface.view_connection", northmoor)
    User.objects.filter(pk=bob.pk).update(is_active=True)
    end_grant(given, by=alice, reason="a test")
    assert not again(bob).has_perm("interface.view_connection", northmoor)


def test_one_query_a_request(
    alice: User, bob: User, northmoor: Organisation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for urp in (URP.SUPPORT, URP.AUDITOR, URP.HR_ADMINISTRATION):
        give(bob, northmoor, urp, alice)
    bob = again(bob)
    with django_assert_num_queries(1):
        for permission in ("people.view_person", "people.view_person", "auth.view_user"):
            bob.has_perm(permission, northmoor)
        bob.has_module_perms("people")
        holdings_of(bob).sight(Person)


def test_the_superuser_may_everything(alice: User, northmoor: Organisation) -> None:
    assert alice.has_perm("auth.view_user")
    assert alice.has_perm("people.change_organisation", northmoor)

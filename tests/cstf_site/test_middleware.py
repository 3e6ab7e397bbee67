"""Whose data a request may touch: Alice installs, Bob holds roles, Charlie none."""

from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from cstf_site.middleware import TenancyMiddleware, scope_of
from cstf_site.setup import load_setup
from people.models import NightlyRun, Organisation, Person
from people.tenancy import EVERYWHERE, OutOfScopeError, current_scope, within
from roles.actions import grant
from roles.urps import URP

pytestmark = pytest.mark.django_db
EXAMPLE = Path(__file__).parent.parent / "data" / "example-night" / "setup"


def scope_for(user: User | AnonymousUser | None) -> object:
    seen: list[object] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(current_scope())
        return HttpResponse()

    request = RequestFactory().get("/")
    if user is not None:
        request.user = user
    TenancyMiddleware(view)(request)
    return seen[0]


def test_only_an_active_superuser_sees_data() -> None:
    assert scope_for(User(is_superuser=True)) is EVERYWHERE
    assert scope_for(User(is_superuser=True, is_active=False)) == frozenset()
    assert scope_for(User(is_staff=True)) == frozenset()
    assert scope_for(AnonymousUser()) == frozenset()
    assert scope_for(None) == frozenset()


def test_the_scope_ends_with_the_request() -> None:
    before = current_scope()
    scope_for(User(is_superuser=True))
    assert current_scope() is before


@pytest.fixture
def charlie(client: Client) -> Client:
    """Called staff, given every permission there is outside grants, and no role."""
    load_setup(EXAMPLE, by="test")
    Person.objects.create(organisation=Organisation.objects.get(), person_id="CANARY-1")
    user = User.objects.create_user("charlie", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.all())
    client.force_login(user)
    return client


PAGES = [
    "people/person/",
    "people/organisation/",
    "interface/connection/",
    "interface/mapping/",
    "files/download/?table=mappings",
    "competencies/requirement/",
    "autocomplete/?app_label=interface&model_name=mapping&field_name=connection&term=",
    "",
]


@pytest.mark.parametrize("page", PAGES)
def test_without_a_role_nothing_is_found(charlie: Client, page: str) -> None:
    response = charlie.get(f"/admin/{page}", follow=True)
    assert response.status_code == 403
    text = response.content.decode()
    for canary in ("CANARY-1", "Northmoor", "MOODLE", "FIRE-2Y"):
        assert canary not in text


def test_of_each_model_the_organisations_whose_rows_of_it_may_be_seen() -> None:
    """Support here, auditor there: the people of there are seen, those of here are not."""
    alice = User.objects.create_superuser("alice")
    bob = User.objects.create_user("bob")
    here, there = (Organisation.objects.create(vpd=vpd, name=vpd) for vpd in ("911", "922"))
    for organisation, urp in ((here, URP.SUPPORT), (there, URP.AUDITOR)):
        Person.objects.create(organisation=organisation, person_id=f"of {organisation.vpd}")
        NightlyRun.objects.create(
            organisation=organisation,
            job="exchange",
            business_date="2026-11-03",
            state="done",
            started_at="2026-11-03T21:00Z",
        )
        grant(user=bob, organisation=organisation, urp=urp, reason="x", by=alice)
    request = RequestFactory().get("/")
    request.user = bob
    with scope_of(request):
        assert [one.person_id for one in Person.objects.all()] == ["of 922"]
        assert not Person.objects.filter(organisation=here).exists()
        assert not Person.objects.filter(organisation=here).update(person_id="changed")
        assert NightlyRun.objects.count() == 2
        assert set(Organisation.objects.in_scope()) == {here, there}
        with pytest.raises(OutOfScopeError), transaction.atomic():
            Person.objects.create(organisation=here, person_id="1")
        # A verb that serves an organisation says so, and is not bound by what its user may look at.
        with within(here):
            assert Person.objects.count() == 1

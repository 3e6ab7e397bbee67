"""Whose data a request may touch: Alice installs, Bob is staff with every permission, Charlie is nobody."""

from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from cstf_site.middleware import TenancyMiddleware
from cstf_site.setup import load_setup
from people.models import Person
from people.tenancy import EVERYWHERE, current_scope

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
def bob(client: Client) -> Client:
    """Staff, with every permission there is, and no organisation."""
    load_setup(EXAMPLE, by="test")
    person = Person.objects.create(organisation_id=_organisation(), person_id="CANARY-1")
    assert person.pk
    user = User.objects.create_user("bob", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.all())
    client.force_login(user)
    return client


def _organisation() -> int:
    from people.models import Organisation

    return Organisation.objects.get().pk


PAGES = [
    "people/person",
    "people/organisation",
    "interface/connection",
    "interface/mapping",
    "competencies/requirement",
]


@pytest.mark.parametrize("page", PAGES)
def test_staff_without_an_organisation_find_nothing(bob: Client, page: str) -> None:
    text = bob.get(f"/admin/{page}/").content.decode()
    for canary in ("CANARY-1", "Northmoor", "MOODLE", "FIRE-2Y"):
        assert canary not in text


@pytest.mark.parametrize("page", PAGES)
def test_nor_do_they_by_its_key(bob: Client, page: str) -> None:
    from django.apps import apps

    model = apps.get_model(page.replace("/", "."))
    key = model._default_manager.values_list("pk", flat=True).first() or 1
    # The admin says "doesn't exist" and goes back to its index.
    assert bob.get(f"/admin/{page}/{key}/change/").status_code == 302


def test_nor_by_download_or_autocomplete(bob: Client) -> None:
    text = bob.post("/admin/interface/mapping/export/", {"format": "0"}).content.decode()
    assert "FIRE-2Y" not in text
    query = "app_label=interface&model_name=mapping&field_name=connection&term="
    assert bob.get(f"/admin/autocomplete/?{query}").json()["results"] == []

"""A page of the console's own is nobody's without its permission, and the navigation shows what its user may see."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import clear_url_caches, path
from pytest_django import Settings

from cstf_site import urls
from cstf_site.console.groups import FIRST, OF_MODELS, Group
from cstf_site.console.navigation import sections
from cstf_site.console.page import PAGES, ConsoleView, Page, console_page
from cstf_site.console.site import ConsoleSite
from people.models import Organisation
from people.statement_time import seconds_allowed
from roles.actions import grant
from roles.urps import URP


def declare(**changes: object) -> Page:
    given = {
        "name": "night", "path": "night/", "title": "A night", "permission": "interface.view_inboundfile",
        "view": ConsoleView, **changes,
    }  # fmt: skip
    return Page(**given)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize("permission", ["", "view", "interface.view InboundFile"])
def test_a_page_without_a_permission_cannot_be_made(permission: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="declares no permission"):
        declare(permission=permission)


def test_a_page_with_parameters_is_not_in_the_navigation() -> None:
    with pytest.raises(ImproperlyConfigured, match="navigation cannot fill them"):
        declare(path="night/<int:connection>/", group=Group.TODAY)
    assert declare(path="night/<int:connection>/<str:code>/").parameters == ["connection", "code"]


def test_a_path_ends_with_a_slash() -> None:
    with pytest.raises(ImproperlyConfigured, match="slash"):
        declare(path="night")


@pytest.mark.django_db
def test_every_page_names_a_permission_that_there_is() -> None:
    known = {
        f"{permission.content_type.app_label}.{permission.codename}"
        for permission in Permission.objects.select_related("content_type")
    }
    assert {page.permission for page in PAGES.values()} <= known


def test_the_site_of_the_admin_is_the_console() -> None:
    assert isinstance(admin.site, ConsoleSite) or isinstance(admin.site._wrapped, ConsoleSite)  # type: ignore[attr-defined]  # lazy


# --- A page of a test's own ---------------------------------------------------------------------------


class TriedView(ConsoleView):
    template_name = "console/page.html"


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    console_page(
        name="tried", path="tried/", title="Tried out", permission="interface.view_inboundfile",
        group=Group.TODAY,
    )(TriedView)  # fmt: skip
    patterns = [
        path("admin/", admin.site.urls) if str(one.pattern) == "admin/" else one for one in urls.urlpatterns
    ]
    monkeypatch.setattr(urls, "urlpatterns", patterns)
    clear_url_caches()
    yield "/admin/tried/"
    del PAGES["tried"]
    monkeypatch.undo()
    clear_url_caches()


@pytest.fixture
def northmoor(db: None) -> Organisation:
    return Organisation.objects.create(vpd="901", name="Northmoor")


def somebody(name: str, organisation: Organisation, *urps: URP) -> User:
    root = User.objects.get_or_create(username="root", is_superuser=True)[0]
    user = User.objects.create_user(name)
    for urp in urps:
        grant(user=user, organisation=organisation, urp=urp, reason="a test", by=root)
    return user


def test_only_who_has_the_permission_opens_a_page_or_sees_it_named(
    tried: str, client: Client, northmoor: Organisation
) -> None:
    client.force_login(somebody("bob", northmoor, URP.ROLE_ADMINISTRATION))
    assert client.get(tried).status_code == 403
    assert "Tried out" not in client.get("/admin/").content.decode()
    client.force_login(somebody("carol", northmoor, URP.INTERFACE_ADMINISTRATION))
    page = client.get(tried).content.decode()
    assert "<h1>Tried out</h1>" in page
    assert f'<a href="{tried}" aria-current="page">Tried out</a>' in page


def test_who_holds_no_role_does_not_come_in(tried: str, client: Client, northmoor: Organisation) -> None:
    client.force_login(somebody("dave", northmoor))
    assert client.get(tried).status_code == 302


def test_what_a_page_asks_is_given_up_in_time_and_a_verb_that_commits_as_it_goes_is_not(
    tried: str, client: Client, northmoor: Organisation, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.CONSOLE_STATEMENT_SECONDS = 9
    for method in ("get", "post"):
        monkeypatch.setattr(
            TriedView, method, lambda view, request: HttpResponse(str(seconds_allowed())), raising=False
        )
    client.force_login(somebody("carol", northmoor, URP.INTERFACE_ADMINISTRATION))
    assert (client.get(tried).content, client.post(tried).content) == (b"9", b"9")
    monkeypatch.setattr(TriedView, "in_one_transaction", False)
    assert (client.get(tried).content, client.post(tried).content) == (b"9", b"0")


def test_a_name_is_declared_once(tried: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="already"):
        console_page(name="tried", path="x/", title="", permission="people.view_person")(TriedView)


# --- The navigation -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_navigation_holds_every_list_its_user_may_see_once() -> None:
    request = RequestFactory().get("/admin/people/person/")
    request.user = User.objects.create_superuser("alice")
    found = admin.site.each_context(request)["navigation"]
    titles = [section.title for section in found]
    assert titles == [group.value for group in Group if group.value in titles]
    entries = [entry for section in found for entry in section.entries]
    assert len({entry.url for entry in entries}) == len(entries)
    assert {entry.url for entry in entries} >= {
        model["admin_url"]
        for app in admin.site.get_app_list(request)
        for model in app["models"]
        if model["admin_url"]
    }
    assert [entry.title for entry in entries if entry.is_here] == ["Persons"]


def test_groups_without_anything_are_left_out() -> None:
    assert sections([], [], path="/admin/") == []


def test_models_are_named_as_they_are_called() -> None:
    from django.apps import apps

    known = {f"{model._meta.app_label}.{model._meta.model_name}" for model in apps.get_models()}
    assert {*FIRST, *OF_MODELS} <= known

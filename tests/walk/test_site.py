"""The walk around the models: the site's own addresses, the console's pages, and whether the walk forgets any."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse

from tests.walk.walker import (
    FORBIDDEN_OR_UNKNOWN,
    VIEWS,
    Walker,
    address,
    keys,
    names_in_console,
    pages,
    scoped_pages,
    walker,
)
from tests.walk.world import THEIRS, World, has_room, mark, models_with_pages, scoped_models

# Of the whole site; "(?P<url>.*)$" is what takes every other address.
SITE = {"index", "login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n"}
SITE |= {"view_on_site", "app_list", "(?P<url>.*)$", "<path:object_id>/", "auth_user_password_change"}


def test_every_free_text_of_every_scoped_model_is_a_canary(world: World) -> None:
    for model in scoped_models():
        row = world.theirs.row(model)
        texts = {
            one.name: str(getattr(row, one.name)) for one in model._meta.concrete_fields if has_room(one)
        }
        told = [name for name, text in texts.items() if mark(THEIRS) not in text.casefold()]
        assert not set(told) - {"record_type", "uploaded_by"}, model


def test_the_walk_would_see_a_leak(world: World) -> None:
    """The superuser, who may see all, meets canaries on the list of nearly everything."""
    alice = Walker(world, "superuser", "nothing is forbidden")
    found = {
        label
        for label in scoped_pages()
        if mark(THEIRS) in alice.get(address(pages()[label][0], "changelist")).content.decode().casefold()
    }
    shared = {"competencies.Subject", "competencies.SubjectLevel", "competencies.FrameworkVersion"}
    assert set(scoped_pages()) - found <= shared


def test_every_address_of_the_console_is_walked() -> None:
    known = SITE | {
        f"{model._meta.app_label}_{model._meta.model_name}_{view}"
        for model, _ in pages().values()
        for view in VIEWS
    }
    assert names_in_console() - known - set(own_pages()) == set()


def own_pages() -> list[str]:
    """Addresses of the console that are neither Django's nor a model's: each parameter is named like a model."""
    models = {
        f"{m._meta.app_label}_{m._meta.model_name}_{view}" for m, _ in pages().values() for view in VIEWS
    }
    return sorted(names_in_console() - SITE - models)


def parameters(name: str) -> list[str]:
    from django.urls import get_resolver

    resolver = get_resolver().namespace_dict["admin"][1]
    return list(resolver.reverse_dict.getlist(name)[0][0][0][1])


def test_the_console_s_own_pages(world: World, role: str) -> None:
    who = walker(world, role)
    by_name = models_with_pages()
    for name in own_pages():
        wanted = parameters(name)
        unknown = set(wanted) - by_name.keys()
        assert not unknown, (
            f"page {name}: call its parameters like the models whose keys they are ({unknown})"
        )
        for tenant in (world.ours, world.theirs):
            values = {one: keys(tenant, by_name[one]) for one in wanted}
            answer = who.get(reverse(f"admin:{name}", kwargs=values))
            if values and tenant is world.theirs:
                assert answer.status_code in FORBIDDEN_OR_UNKNOWN, name
            else:
                assert answer.status_code in {200, 302, 403, 404}, name


def test_the_site(world: World, role: str) -> None:
    who = walker(world, role)
    assert who.get(reverse("admin:index")).status_code == 200
    for app in {model._meta.app_label for model, _ in pages().values()}:
        try:
            where = reverse("admin:app_list", args=(app,))
        except NoReverseMatch:
            continue
        assert who.get(where).status_code in {200, 404}
    assert who.get("/admin/there/is/no/such/page/").status_code == 404
    assert who.get(reverse("admin:jsi18n")).status_code == 200


def test_the_superuser_s_pages(world: World, role: str) -> None:
    """Accounts and the queue are of no organisation: whoever installs sees them, and no role does."""
    who = walker(world, role)
    for label in set(pages()) - set(scoped_pages()):
        model, _ = pages()[label]
        for url in (address(model, "changelist"), address(model, "add"), address(model, "change", "1")):
            assert who.get(url).status_code == 403, url
            assert who.post(url, {}).status_code == 403, url

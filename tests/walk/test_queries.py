"""No page of the console asks the database once a row: where there is several times as much, each asks as often.

Every address is opened with one row of each model, and opened again when there are more: further organisations with a
row of everything, and further rows beside those of one. By somebody who holds everything, so that nothing is hidden.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from interface.by_hand.downloads import DOWNLOADS
from interface.models import Upload
from people.tenancy import everywhere
from tests.walk.growth import add_organisation, add_siblings, hold_everything
from tests.walk.test_site import own_pages, parameters
from tests.walk.walker import address, foreign_keys, keys, pages, scoped_pages
from tests.walk.world import OURS, World, mark, models_with_pages

# How often is asked does not depend on the database.
pytestmark = pytest.mark.once

SECOND, FURTHER = "933", ("944", "955", "966")
SIBLINGS: Final = 4
MOST: Final = 30
# Pages that ask more often where there is more, how often at most, and why.
MORE: Final = {
    "person": (60, "what each partner holds is compared anew, for so many of them as a page shows"),
    "people.AuditEvent list": (8, "where there is a second page, a large list finds its rows first"),
}
# What not everything that there is can be asked for: the rest must open, or the test would look at nothing.
CLOSED: Final = re.compile(r"\S+ (add|delete|choices of \S+)")


@pytest.fixture
def client(world: World) -> Client:
    """Of somebody who holds everything in two organisations, and whose upload lies there."""
    account = world.ours.row(User)
    assert isinstance(account, User)
    hold_everything(world, world.ours.organisation, to=account)
    with everywhere("the walk's own rows"):
        add_organisation(world, SECOND, to=account)
        Upload.objects.filter(pk=keys(world.ours, Upload)).update(table="persons")
    client = Client()
    client.force_login(account)
    return client


def test_no_page_asks_more_often_where_there_is_more(world: World, client: Client) -> None:
    addresses = dict(every_address(world, client))
    few = {what: count for what, url in addresses.items() if (count := asked(client, url))}
    assert not [what for what in addresses.keys() - few.keys() if not CLOSED.fullmatch(what)]
    grow(world)
    many = {what: asked(client, addresses[what]) for what in few}
    assert not {what: (few[what], many[what]) for what in many if many[what] > few[what] and what not in MORE}
    assert not {what: many[what] for what in many if many[what] > MORE.get(what, (MOST, ""))[0]}


def test_the_rows_of_a_file_cost_no_question_each(world: World, client: Client) -> None:
    """Every list as it is exported. What is asked for each organisation, which has an audit of its own, is left out."""
    urls = {label: f"{reverse('admin:export_list')}?list={label.lower()}" for label in scoped_pages()}
    few = {label: asked(client, url, post=True) for label, url in urls.items()}
    assert all(few.values())
    with everywhere("the walk's own rows"):
        add_siblings(world.ours, count=SIBLINGS)
    many = {label: asked(client, url, post=True) for label, url in urls.items()}
    more = {label: (few[label], many[label]) for label in many if many[label] > few[label]}
    assert not [label for label in more if f"{label} list" not in MORE], more
    assert max(many.values()) <= MOST


def test_it_would_be_seen(world: World, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list with a column that asks for each row."""
    page = pages()["interface.Mapping"][1]
    in_its_connection = lambda row: row.connection.mappings.count()  # noqa: E731  (a column, as an admin has them)
    monkeypatch.setattr(page, "list_display", (*page.list_display, in_its_connection))
    url = address(page.model, "changelist")
    before = asked(client, url)
    grow(world)
    assert asked(client, url) >= before + SIBLINGS


def grow(world: World) -> None:
    account = world.ours.row(User)
    assert isinstance(account, User)
    with everywhere("the walk's own rows"):
        for vpd in FURTHER:
            add_organisation(world, vpd, to=account)
        add_siblings(world.ours, count=SIBLINGS)


def asked(client: Client, url: str, *, post: bool = False) -> int:
    """How often; 0 of what this account cannot open. That a session is alive is noted by the clock, not by the page."""
    with CaptureQueriesContext(database) as queries:
        answer = client.post(url, {"kind": "csv"}) if post else client.get(url)
        b"".join(getattr(answer, "streaming_content", ()))
    if answer.status_code != 200:
        return 0
    return sum(not any(word in one["sql"] for word in ("SAVEPOINT", "login_session")) for one in queries)


# --- Which addresses ----------------------------------------------------------------------------------


def every_address(world: World, client: Client) -> Iterator[tuple[str, str]]:
    yield "home", reverse("admin:index")
    by_name = models_with_pages()
    for name in own_pages():
        values = {one: keys(world.ours, by_name[one]) for one in parameters(name)}
        yield name, reverse(f"admin:{name}", kwargs=values)
    for slug in DOWNLOADS:
        yield f"download:{slug}", f"{reverse('admin:download')}?table={slug}"
        yield (
            f"export:{slug}",
            f"{reverse('admin:export_list')}?list={DOWNLOADS[slug].listed.replace('_', '.')}",
        )
    for label in scoped_pages():
        yield from of_rows(world, label)
        yield from of_list(client, label)


def of_rows(world: World, label: str) -> Iterator[tuple[str, str]]:
    model, _ = pages()[label]
    for view in ("change", "history", "delete"):
        yield f"{label} {view}", address(model, view, keys(world.ours, model))
    yield f"{label} add", address(model, "add")
    where = {"app_label": model._meta.app_label, "model_name": model._meta.model_name}
    for name in foreign_keys(model):
        query = "&".join(f"{key}={value}" for key, value in {**where, "field_name": name}.items())
        yield f"{label} choices of {name}", f"{reverse('admin:autocomplete')}?{query}&term="


def of_list(client: Client, label: str) -> Iterator[tuple[str, str]]:
    """In the order of every column and with its facets; what a search finds; by a choice of each filter."""
    model, _ = pages()[label]
    everything = address(model, "changelist")
    changelist: Any = client.get(everything).context["cl"]
    columns = ".".join(map(str, range(1, len(changelist.list_display))))
    yield f"{label} list", f"{everything}?_facets=True&o={columns}"
    yield f"{label} search", f"{everything}?q={mark(OURS)}"
    for spec in changelist.filter_specs:
        for choice in list(spec.choices(changelist))[1:2]:
            yield f"{label} {choice['query_string']}", everything + str(choice["query_string"])

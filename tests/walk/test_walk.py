"""The walk: every page of the console on a model, as each role, looking for what belongs to another organisation.

Pages and accounts are found, not listed: a new page, model or URP joins by itself, and a view that the walk does not
know how to open fails a test by name (test_site.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.templatetags.admin_list import result_headers
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model
from django.test import RequestFactory
from django.urls import reverse
from django.utils.text import capfirst

from people.console_admin import EXPORT
from roles.holdings import holdings_of
from roles.urps import URP
from tests.walk.walker import (
    FORBIDDEN_OR_UNKNOWN,
    address,
    belongs_to_one,
    canaries,
    foreign_keys,
    keys,
    may,
    pages,
    scoped_pages,
    told,
    walker,
)
from tests.walk.world import THEIRS, World, form_of

# On PostgreSQL it goes with the first layer off: test_first_layer_off.py.
pytestmark = pytest.mark.once

NOWHERE = 10**12
by_page = pytest.mark.parametrize("label", scoped_pages())


@by_page
def test_lists(world: World, role: str, label: str) -> None:
    model, _ = pages()[label]
    there, who = keys(world.theirs, model), walker(world, role)
    everything = address(model, "changelist")
    answer = who.get(everything)
    if not may(world, role, model):
        assert answer.status_code == 403
        return
    assert answer.status_code == 200
    shown = answer.context["cl"].result_count
    assert shown >= 1
    for query in list_queries(model, world):
        answer = who.get(everything, **query)
        assert answer.status_code in {200, 302, 400}, query
        refuse_row(answer, there, model)
    for text in canaries(world, model)[:2]:
        refuse_row(who.client.get(everything, {"q": text}), there, model)


def refuse_row(answer: Any, key: int, model: type[Model]) -> None:
    """A list, where the answer is one, does not hold the row, whatever its page shows of it."""
    if answer.status_code == 200 and belongs_to_one(model):
        assert key not in {row.pk for row in answer.context["cl"].result_list}


def list_queries(model: type[Model], world: World) -> Iterator[dict[str, Any]]:
    """Look-ups that name what is theirs; filters, facets, pages, pop-ups."""
    theirs = world.theirs
    yield {
        "organisation": THEIRS,
        "connection": keys(theirs, _model("interface.Connection")),
        "_facets": "True",
    }
    yield from ({"organisation__vpd": THEIRS}, {"id__exact": keys(theirs, model)}, {"e": "1", "o": "1.-2"})
    yield from ({"_popup": "1", "_to_field": "id", "all": ""}, {"_popup": "1", "_to_field": "organisation"})
    for name in foreign_keys(model):
        related = model._meta.get_field(name).related_model
        assert isinstance(related, type)
        yield {f"{name}__id__exact": keys(theirs, related)}


def _model(label: str) -> type[Model]:
    return pages()[label][0]


@by_page
def test_a_row_of_theirs_answers_as_one_that_is_not_there(world: World, role: str, label: str) -> None:
    model, _ = pages()[label]
    if not belongs_to_one(model):
        return
    who, there = walker(world, role), keys(world.theirs, model)
    for view in ("change", "delete", "history"):
        guessed = [who.get(address(model, view, key)) for key in (there, NOWHERE)]
        sent = [
            who.post(address(model, view, key), {"post": "yes", **form_of(world.ours.row(model))})
            for key in (there, NOWHERE)
            if view != "history"
        ]
        for pair in (guessed, sent):
            assert all(one.status_code in FORBIDDEN_OR_UNKNOWN for one in pair), (view, pair)
            assert len({told(one) for one in pair}) <= 1, view
    where = address(model, "change", there)
    assert who.get(f"{where}?_to_field=organisation&_popup=1").status_code in {400, *FORBIDDEN_OR_UNKNOWN}
    by_type = reverse("admin:view_on_site", args=(_content_type(model), there))
    assert who.get(by_type).status_code == 404


def _content_type(model: type[Model]) -> int:
    from django.contrib.contenttypes.models import ContentType

    key: int = ContentType.objects.get_for_model(model).pk
    return key


@by_page
def test_rows_of_ours(world: World, role: str, label: str) -> None:
    """Ours open where the role sees them; what is on their pages is ours too."""
    model, _ = pages()[label]
    who, here = walker(world, role), keys(world.ours, model)
    wanted = {200} if may(world, role, model) else FORBIDDEN_OR_UNKNOWN
    for view in ("change", "history"):
        assert who.get(address(model, view, here)).status_code in wanted
    assert who.get(address(model, "delete", here)).status_code in {200, *FORBIDDEN_OR_UNKNOWN}
    add = who.get(address(model, "add"), _popup="1", _to_field="id")
    assert add.status_code == (200 if may(world, role, model, "add") and is_added(model) else 403)


@by_page
def test_no_form_takes_a_key_of_theirs(world: World, role: str, label: str) -> None:
    model, _ = pages()[label]
    who, here = walker(world, role), world.ours.row(model)
    before, own = model._base_manager.count(), form_of(here)
    for name in foreign_keys(model):
        related = model._meta.get_field(name).related_model
        assert isinstance(related, type)
        if not belongs_to_one(related):
            continue
        forged = {**own, name: keys(world.theirs, related)}
        for url in (address(model, "add"), address(model, "change", here.pk)):
            answer = who.post(url, forged)
            assert answer.status_code in {200, 403}, (url, name)
    assert model._base_manager.count() == before
    again = model._base_manager.get(pk=here.pk)
    assert form_of(again) == own


@by_page
def test_actions_take_no_forged_keys(world: World, role: str, label: str) -> None:
    model, page = pages()[label]
    who, there = walker(world, role), keys(world.theirs, model)
    for action in [*(page.actions or ()), "delete_selected"]:
        chosen = {"action": action, "_selected_action": [there], "post": "yes"}
        who.post(address(model, "changelist"), chosen)
        if belongs_to_one(model):  # all rows, of which none is theirs
            who.post(address(model, "changelist"), {**chosen, "select_across": "1"})
    who.get(address(model, "changelist"))  # what the actions have to say


@by_page
def test_choices_are_not_theirs(world: World, role: str, label: str) -> None:
    model, _ = pages()[label]
    who = walker(world, role)
    where = {"app_label": model._meta.app_label, "model_name": model._meta.model_name}
    for name in foreign_keys(model):
        for term in ("", "zq"):
            query = {**where, "field_name": name, "term": term}
            answer = who.get(reverse("admin:autocomplete"), **query, _to_field="organisation")
            assert answer.status_code in {200, 403, 404}


def test_exports(world: World, role: str) -> None:
    """Each list that the role may take away; of the auditor, who sees most, with what stands on its page."""
    who, url = walker(world, role), reverse("admin:export_list")
    if not holdings_of(world.accounts[role]).allow(EXPORT):
        assert who.get(url).status_code == who.post(f"{url}?list=people.person", {}).status_code == 403
        return
    for label in scoped_pages():
        model, _ = pages()[label]
        if not may(world, role, model):
            continue
        shown = who.get(address(model, "changelist")).context["cl"] if role == URP.AUDITOR.label else None
        of_it = f"{url}?list={label.lower()}"
        answer = who.post(of_it, {"kind": "csv"})
        headers, *rows = csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
        if shown is not None:
            assert (headers, len(rows)) == (headers_of(shown), shown.result_count), label
            forged = who.post(f"{of_it}&id__exact={keys(world.theirs, model)}", {"kind": "csv"})
            assert not (forged.streaming and belongs_to_one(model)), label
    hidden = next((one.lower() for one in scoped_pages() if not may(world, role, pages()[one][0])), "a.b")
    assert who.post(f"{url}?list={hidden}", {"kind": "csv"}).status_code == 404


def headers_of(changelist: ChangeList) -> list[str]:
    """As the page has them, without the boxes by which rows are chosen."""
    shown = [one for one in result_headers(changelist) if "action-checkbox" not in str(one["class_attrib"])]
    return [str(capfirst(str(one["text"]))) for one in shown]


def is_added(model: type[Model]) -> bool:
    request = RequestFactory().get("/")
    request.user = _Anybody()  # type: ignore[assignment]  # may everything
    return admin.site._registry[model].has_add_permission(request)


class _Anybody:
    def has_perm(self, *args: object) -> bool:
        return True

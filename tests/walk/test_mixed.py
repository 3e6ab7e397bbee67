"""The walk of those who hold something in both organisations: what they may there is not what they may here."""

from __future__ import annotations

import pytest
from django.urls import reverse

from people.console_admin import EXPORT
from people.privacy import Privacy
from roles.urps import PERMISSIONS, WITHOUT_PERSONAL_DATA
from tests.walk.walker import (
    FORBIDDEN_OR_UNKNOWN,
    Walker,
    address,
    belongs_to_one,
    foreign_keys,
    keys,
    pages,
    scoped_pages,
)
from tests.walk.world import MIXED, THEIRS, World, form_of, mark

WALKS_AS = list(MIXED)
by_page = pytest.mark.parametrize("label", scoped_pages())


@by_page
def test_what_is_held_there_is_not_mixed_with_what_is_held_here(
    world: World, role: str, label: str, request: pytest.FixtureRequest
) -> None:
    """Nothing of theirs changes; and what the role there does not show, the role here does not either."""
    model, page = pages()[label]
    there_urp = MIXED[role][1]
    hidden = [mark(THEIRS, Privacy.IDENTIFIER)] if there_urp in WITHOUT_PERSONAL_DATA else ["nothing is"]
    who, there = Walker(world, role, *hidden), keys(world.theirs, model)
    who.get(address(model, "changelist"))
    who.get(address(model, "history", there))
    shown = who.get(address(model, "change", there))
    assert shown.status_code in {200, 403, 404}
    if shown.status_code == 200 and belongs_to_one(model):
        assert b'name="_save"' not in shown.content
    sent = form_of(world.theirs.row(model))
    for view in ("change", "delete"):
        answer = who.client.post(address(model, view, there), {"post": "yes", **sent})
        assert answer.status_code in FORBIDDEN_OR_UNKNOWN or not belongs_to_one(model)
    for action in [*(page.actions or ()), "delete_selected"]:
        chosen = {"action": action, "_selected_action": [there], "post": "yes"}
        assert who.client.post(address(model, "changelist"), chosen).status_code < 500
    for name in foreign_keys(model):
        forged = {**form_of(world.ours.row(model)), name: sent[name]}
        assert who.client.post(address(model, "add"), forged).status_code in {200, 302, 403}


@pytest.mark.once
def test_of_who_may_only_look_there_no_row_is_taken_away(world: World) -> None:
    """The lists show both organisations; a file holds nothing of the one in which the role does not let it be taken."""
    role = next(name for name, (_, there) in MIXED.items() if EXPORT not in PERMISSIONS[there])
    who = Walker(world, role)
    for label in scoped_pages():
        answer = who.post(f"{reverse('admin:export_list')}?list={label.lower()}", {"kind": "csv"})
        assert answer.status_code in {200, 404}, label

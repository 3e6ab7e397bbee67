"""Somebody who walks the console and brings home what they got: every byte of every answer is looked through."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db.models import ForeignKey, Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from people.models import Organisation
from people.privacy import Privacy
from people.scoped_admin import ScopedAdmin
from roles.holdings import holdings_of
from roles.urps import PERMISSIONS, URP, WITHOUT_PERSONAL_DATA
from tests.walk.world import OURS, THEIRS, Tenant, World, has_room, mark, scoped_models

# URPs that give the same today walk as one; they part by themselves when one of them gets something of its own.
ROLES = [
    next(urp.label for urp in URP if PERMISSIONS[urp] == one) for one in dict.fromkeys(PERMISSIONS.values())
]
VIEWS = {"changelist", "add", "change", "delete", "history"}
_OF_THE_MOMENT = re.compile(rb'csrfmiddlewaretoken" value="[0-9A-Za-z]+"|data-left="[0-9]+"')
# Whether it is there or not, a row that one may not know of answers so.
FORBIDDEN_OR_UNKNOWN = {403, 404}


def pages() -> dict[str, tuple[type[Model], ModelAdmin[Any]]]:
    """Every page of the console on a model, by the model's label."""
    return {model._meta.label: (model, page) for model, page in admin.site._registry.items()}


def scoped_pages() -> list[str]:
    """Those of the console's own base: the others are the superuser's alone."""
    return [label for label, (_, page) in pages().items() if isinstance(page, ScopedAdmin)]


def names_in_console() -> set[str]:
    """The name of every address below the console's, as the resolver knows them."""
    found = next(
        one
        for one in get_resolver().url_patterns
        if isinstance(one, URLResolver) and one.namespace == "admin"
    )
    return set(_names(found))


def _names(resolver: URLResolver) -> Iterator[str]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from _names(one)
        elif isinstance(one, URLPattern):
            yield one.name or str(one.pattern)


def address(model: type[Model], view: str, *args: Any) -> str:
    """Of a view on a model."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


def foreign_keys(model: type[Model]) -> list[str]:
    """Fields that refer to other rows."""
    return [one.name for one in model._meta.fields if isinstance(one, ForeignKey)]


def told(answer: Any) -> tuple[int, bytes]:
    """What an answer says, but for the tokens and the time left in its frame, which are others each time."""
    return answer.status_code, _OF_THE_MOMENT.sub(b"", answer.content)


class Walker:
    """A client with one account, that never gets a byte that is not its account's to see."""

    def __init__(self, world: World, role: str, *forbidden: str) -> None:
        self.world = world
        # A copy: a test that ends in being logged out must not log out those after it.
        self.client = Client()
        self.client.cookies = copy.deepcopy(world.clients[role].cookies)
        self.forbidden = forbidden or (mark(world.theirs.vpd),)

    def get(self, url: str, **query: Any) -> Any:
        """Ask, and look through what came."""
        response = self.client.get(url, query)
        self.check(response, f"GET {url} {query}")
        return response

    def post(self, url: str, form: dict[str, Any], *, echoes: bool = False) -> Any:
        """Send, and look through what came; ``echoes``: the answer may repeat what was sent."""
        response = self.client.post(url, form)
        if not echoes:
            self.check(response, f"POST {url} {form}")
        return response

    def check(self, response: Any, what: str) -> None:
        """No canary that is not theirs to see, in the body or a header."""
        body = b"".join(response.streaming_content) if response.streaming else response.content
        if response.streaming:  # for whoever reads it after this
            response.streaming_content = [body]
        headers = " ".join(f"{name}: {unquote(value)}" for name, value in response.items())
        text = (body.decode("utf-8", "replace") + headers).casefold()
        for canary in self.forbidden:
            at = text.find(canary)
            assert at < 0, f"{what} ({response.status_code}) shows …{text[max(0, at - 80) : at + 60]}…"


def keys(tenant: Tenant, model: type[Model]) -> int:
    """Of the tenant's row."""
    key: int = tenant.row(model).pk
    return key


def walker(world: World, role: str) -> Walker:
    """Nobody gets what is theirs; whoever sees no personal data gets none of ours either."""
    personal = [mark(OURS, Privacy.IDENTIFIER)] if _urp(role) in WITHOUT_PERSONAL_DATA else []
    return Walker(world, role, mark(THEIRS), *personal)


def _urp(role: str) -> URP:
    return next(urp for urp in URP if urp.label == role)


def may(world: World, role: str, model: type[Model], verb: str = "view") -> bool:
    permission = f"{model._meta.app_label}.{verb}_{model._meta.model_name}"
    return holdings_of(world.accounts[role]).allow(permission)


def belongs_to_one(model: type[Model]) -> bool:
    return model is Organisation or model._meta.concrete_model in scoped_models()


def canaries(world: World, model: type[Model]) -> list[str]:
    row = world.theirs.row(model)
    texts = [str(getattr(row, one.name)) for one in model._meta.concrete_fields if has_room(one)]
    return [text for text in texts if mark(THEIRS) in text.casefold()]

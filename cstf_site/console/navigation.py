"""The navigation of one request: the pages and lists that its user may see, by what people do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cstf_site.console.groups import Group, group_of, order_of
from cstf_site.console.page import Page, address


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation."""

    title: str
    url: str
    group: Group
    order: int
    is_here: bool


@dataclass(frozen=True, slots=True)
class Section:
    """One group with what the user may see of it."""

    title: str
    entries: list[Entry]

    @property
    def slug(self) -> str:
        """For the ids of headings."""
        return "nav-" + "".join(letter for letter in self.title.lower() if letter.isalpha())


def sections(pages: Iterable[Page], apps: Iterable[dict[str, Any]], *, path: str) -> list[Section]:
    """Groups that have anything, in their order. ``apps`` is the admin's list of what the user may see."""
    entries = [*_of_pages(pages, path=path), *_of_models(apps, path=path)]
    entries.sort(key=lambda entry: (entry.order, entry.title))
    found = [Section(group.value, [one for one in entries if one.group is group]) for group in Group]
    return [section for section in found if section.entries]


def _of_pages(pages: Iterable[Page], *, path: str) -> Iterable[Entry]:
    for page in pages:
        if page.group is not None:
            url = address(page.name)
            yield Entry(page.title, url, page.group, page.order, is_here=path == url)


def _of_models(apps: Iterable[dict[str, Any]], *, path: str) -> Iterable[Entry]:
    for app in apps:
        for model in app["models"]:
            url = model["admin_url"]
            if url:
                label = f"{app['app_label']}.{model['object_name'].lower()}"
                here = path.startswith(url)
                yield Entry(model["name"], url, group_of(label), order_of(label), is_here=here)

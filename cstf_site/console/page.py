"""What a page of the console's own declares, and the view it is built on.

A page is declared once, with its view, in a module of ``cstf_site.console.pages``. The site makes its address, checks
its permission and lists it in the navigation; the tests that walk the console find it by themselves::

    @console_page(
        name="night", path="exchange/night/<int:connection>/", title="A night",
        permission="interface.view_inboundfile",
    )
    class NightView(ConsoleView):
        template_name = "console/night.html"

A parameter of the path is called like the model whose key it is: so a walk over every page knows what to put there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Final, TypeVar

from django.contrib.admin import site
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse
from django.views.generic import TemplateView

from cstf_site.console.groups import Group

View = TypeVar("View", bound="type[ConsoleView]")
_PERMISSION: Final = re.compile(r"[a-z_]+\.[a-z_]+\Z")
_PARAMETER: Final = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its address under the console's, its view, and the permission without which it is not opened.

    ``group`` puts it into the navigation, at ``order`` among the group's entries (the lists of models stand at 50 and
    after). A page with parameters has none: it is reached from others.
    """

    name: str
    path: str
    title: str
    permission: str
    view: type[ConsoleView]
    group: Group | None = None
    order: int = 20

    def __post_init__(self) -> None:
        if not _PERMISSION.match(self.permission):
            raise ImproperlyConfigured(f"Page {self.name!r} declares no permission: it would be anybody's.")
        if not self.path.endswith("/"):
            raise ImproperlyConfigured(f"The path of page {self.name!r} does not end with a slash.")
        if self.group is not None and self.parameters:
            raise ImproperlyConfigured(f"Page {self.name!r} has parameters: the navigation cannot fill them.")

    @property
    def parameters(self) -> list[str]:
        """Names of the path's parameters."""
        return _PARAMETER.findall(self.path)


PAGES: Final[dict[str, Page]] = {}


class ConsoleView(TemplateView):
    """A page's view. Give it a ``template_name`` that extends ``console/page.html``, and ``content()``.

    What it asks the database is scoped like everything else in a request: rows of other organisations are not there,
    so ``get_object_or_404`` answers 404 for them. The site has checked the page's permission before it runs; what a
    ``post()`` does beyond looking needs a check of its own.
    """

    page: ClassVar[Page]
    # No where a verb commits as it goes, file by file.
    in_one_transaction: ClassVar[bool] = True

    def title(self) -> str:
        """The heading."""
        return self.page.title

    def crumbs(self) -> list[tuple[str, str]]:
        """What lies between Home and this page: words and address."""
        return []

    def content(self) -> dict[str, Any]:
        """What the template shows."""
        return {}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The site's frame, the page's own, and the path to it."""
        return {
            **super().get_context_data(**kwargs),
            **site.each_context(self.request),
            "title": self.title(),
            "crumbs": self.crumbs(),
            "page": self.page,
            **self.content(),
        }


def console_page(
    *, name: str, path: str, title: str, permission: str, group: Group | None = None, order: int = 20
) -> Callable[[View], View]:
    """Declare a view as a page of the console. Without a permission this fails, and the console does not start."""

    def declare(view: View) -> View:
        if name in PAGES:
            raise ImproperlyConfigured(f"There is a page {name!r} already.")
        view.page = PAGES[name] = Page(name, path, title, permission, view, group, order)
        return view

    return declare


def address(name: str, **parameters: Any) -> str:
    """Where a page of the console is."""
    return reverse(f"admin:{name}", kwargs=parameters or None)

"""The console's site: the admin's, with the console's own pages and its navigation."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path

from cstf_site.console.navigation import sections
from cstf_site.console.page import PAGES, Page
from people.statement_time import at_most
from roles.site import GrantedSite


class ConsoleSite(GrantedSite):
    """``django.contrib.admin.site`` everywhere (see ``ConsoleConfig``)."""

    site_header = "CSTF interface"
    site_title = "CSTF interface"
    index_title = "Today"
    index_template = "console/home.html"
    empty_value_display = "–"
    # Ours is always there, grouped by what people do.
    enable_nav_sidebar = False

    def may_open(self, request: HttpRequest, page: Page) -> bool:
        """Whether the user may open one of the console's own pages."""
        return self.has_permission(request) and request.user.has_perm(page.permission)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """The console's own pages stand before the admin's, whose last pattern takes everything."""
        ours = [
            path(page.path, self.admin_view(self._guarded(page)), name=page.name) for page in PAGES.values()
        ]
        return [*ours, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Home: what needs this user today."""
        # Not before the models are there: this module is imported while they are registered.
        from cstf_site.console.home import home

        return super().index(request, {"home": home(request), "is_home": True, **(extra_context or {})})

    def _guarded(self, page: Page) -> Callable[..., HttpResponseBase]:
        view = page.view.as_view()

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not self.may_open(request, page):
                raise PermissionDenied
            with _time_for(request, page):
                return view(request, *args, **kwargs)

        return guarded if page.view.in_one_transaction else transaction.non_atomic_requests(guarded)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """With the navigation, of what this user may see."""
        context = super().each_context(request)
        allowed = [page for page in PAGES.values() if self.may_open(request, page)]
        apps = context["available_apps"] if context["has_permission"] else []
        return {**context, "navigation": sections(allowed, apps, path=request.path)}


def _time_for(request: HttpRequest, page: Page) -> AbstractContextManager[None]:
    """A verb that commits as it goes changes as many rows as there are: it is never given up half way."""
    is_long = request.method == "POST" and not page.view.in_one_transaction
    return at_most(0) if is_long else nullcontext()

"""What the pages about one connection, or one file, have in common: it is found, or the page does not exist."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final, TypeVar

from django.core.paginator import Page as Rows
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from cstf_site.console.page import ConsoleView
from interface.models import Connection, ExtractHold, InboundFile, OutboundHold

Row = TypeVar("Row", Connection, ExtractHold, InboundFile, OutboundHold)
PER_PAGE: Final = 25


class OfConnection(ConsoleView):
    """A page about the connection in its path. Where the permission is not held in its organisation: 404."""

    @cached_property
    def connection(self) -> Connection:
        """The one in the path."""
        connections = Connection.objects.select_related("organisation")
        found = get_object_or_404(connections, pk=self.kwargs["connection"])
        return _if_allowed(self.request, self.page.permission, found)


class OfInboundFile(ConsoleView):
    """A page about the inbound file in its path. Where the permission is not held in its organisation: 404."""

    @cached_property
    def file(self) -> InboundFile:
        """The one in the path."""
        files = InboundFile.objects.select_related("connection__organisation")
        found = get_object_or_404(files, pk=self.kwargs["inboundfile"])
        return _if_allowed(self.request, self.page.permission, found)


class OfOutboundHold(ConsoleView):
    """A page about the held file in its path. Where the permission is not held in its organisation: 404."""

    @cached_property
    def hold(self) -> OutboundHold:
        """The one in the path."""
        holds = OutboundHold.objects.select_related("connection__organisation")
        found = get_object_or_404(holds, pk=self.kwargs["outboundhold"])
        return _if_allowed(self.request, self.page.permission, found)


class OfExtractHold(ConsoleView):
    """A page about the held load in its path. Where the permission is not held in its organisation: 404."""

    @cached_property
    def hold(self) -> ExtractHold:
        """The one in the path."""
        holds = ExtractHold.objects.select_related("organisation")
        found = get_object_or_404(holds, pk=self.kwargs["extracthold"])
        return _if_allowed(self.request, self.page.permission, found)


def _if_allowed(request: HttpRequest, permission: str, row: Row) -> Row:
    if not request.user.has_perm(permission, row):
        raise Http404
    return row


def page_of(request: HttpRequest, rows: Any, *, name: str = "page") -> Rows[Any]:
    """The page of these rows that was asked for; the nearest where there is none of that number."""
    return Paginator(rows, PER_PAGE).get_page(request.GET.get(name))

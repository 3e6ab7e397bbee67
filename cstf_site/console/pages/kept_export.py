"""One's own export that is made in the background: how far it is, the file, or why there is none."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from cstf_site.console.exporting import make_soon
from cstf_site.console.listed import may_take
from cstf_site.console.page import ConsoleView, address, console_page
from cstf_site.console.pages.exports import as_file, list_address
from interface.by_hand import kept_exports, storage
from interface.by_hand.sheets.row import Kind
from interface.models import Export, ExportState
from people.console_admin import EXPORT

# So long a queue may take to begin; then somebody has to look at it.
_PATIENCE: Final = timedelta(minutes=10)


@console_page(name="export", path="lists/export/<int:export>/", title="An export", permission=EXPORT)
class KeptExportView(ConsoleView):
    """One's own export; another account's is not there."""

    template_name = "console/kept_export.html"
    # A look at how far it is must not wait for the one writer of a small database.
    in_one_transaction = False

    @cached_property
    def export(self) -> Export:
        """Which one. Where whatever made it is gone, it has failed."""
        mine = kept_exports.exports_of(self.request.user).filter(pk=self.kwargs["export"])
        kept_exports.end_stopped(mine)
        return get_object_or_404(mine)

    def title(self) -> str:
        return f"Export of {self.export.name}"

    def crumbs(self) -> list[tuple[str, str]]:
        return [("Exports", address("export_list"))]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]  # a file is no page
        """The page, or with ``?file=`` the file."""
        if "file" not in request.GET:
            return super().get(request, *args, **kwargs)
        if not self._is_theirs():
            raise PermissionDenied
        try:
            file = kept_exports.fetch(self.export)
        except kept_exports.ExportGoneError:
            raise Http404("The file is not there: it is not ready, or was cleared away.") from None
        return as_file(file, self.export.name, Kind(self.export.kind))

    def _is_theirs(self) -> bool:
        """Whether its user may take away today what stands in the file."""
        export = self.export
        organisations = {int(key) for key in export.taken} - {0}
        return may_take(self.request, export.listed, of=organisations, of_all=export.of_all)

    def content(self) -> dict[str, Any]:
        export = self.export
        progress, _ = storage.progress(export.token)
        is_awaited = export.state == ExportState.MAKING and export.begun_at is None
        return {
            "export": export,
            "progress": progress,
            "is_late": is_awaited and timezone.now() - export.asked_at > _PATIENCE,
            "is_theirs": export.state != ExportState.READY or self._is_theirs(),
            "is_there": kept_exports.file_of(export).exists(),
            "list_address": list_address(export.listed, export.narrowed),
            "hours": settings.UPLOAD_KEEP_HOURS,
        }

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Has one that failed made again, or discards one."""
        export, asked = self.export, request.POST.get("do")
        if asked == "again" and kept_exports.ask_again(export):
            make_soon(export)
        elif asked == "discard":
            kept_exports.discard(export)
            messages.success(request, "The export was discarded.")
            return redirect(address("export_list"))
        return redirect(address("export", export=export.pk))

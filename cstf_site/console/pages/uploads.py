"""Files by hand: which tables may be uploaded, with their templates, and one upload from its preview to its result."""

from __future__ import annotations

import io
from functools import cached_property
from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from cstf_site.console.groups import Group
from cstf_site.console.mass import shares
from cstf_site.console.page import ConsoleView, address, console_page
from interface.by_hand import actions, storage, tasks
from interface.by_hand.answers import confirmation_rows
from interface.by_hand.guard import asks_for_reason
from interface.by_hand.opening import limits
from interface.by_hand.quota import was_too_large
from interface.by_hand.sheets.limits import MEBIBYTE
from interface.by_hand.sheets.row import Kind
from interface.by_hand.sheets.writing import CONTENT_TYPES, csv_stream
from interface.by_hand.tables import TABLES, VIEW, Table, tables_for
from interface.by_hand.tally import ADDED, CHANGED, SHOWN, UNCHANGED, WRONG
from interface.by_hand.templates import write_template
from interface.by_hand.wrong_rows import PART
from interface.decision.codes import MEANING
from interface.models import Connection, InboundFile, Upload, UploadState
from interface.models.upload import UNDER_WAY
from people.audit.refusals import note_forged_choices, note_refusal
from people.models import Organisation

_RECENT: Final = 20
# After so many seconds without a sign of life somebody may start the work again.
_SILENT: Final = 120


class UploadForm(forms.Form):
    """For which organisation, and the file. Completions are for a connection, which says whose they are."""

    organisation: forms.ModelChoiceField[Organisation] = forms.ModelChoiceField(
        None,  # those that it may be for are said with the request
        empty_label=None,
        help_text="Rows that name another organisation's people or positions are refused.",
    )
    connection = forms.ModelChoiceField(
        Connection.objects.none(),
        empty_label=None,
        help_text="Its mapping resolves the course codes, its scope says for whom, and its LMS is told.",
    )
    file = forms.FileField(label="File", widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}))

    def __init__(
        self,
        table: Table,
        organisations: list[Organisation],
        *args: Any,
        too_large: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        theirs = [one.pk for one in organisations]
        if table.is_of_connection:
            del self.fields["organisation"]
            connections = Connection.objects.filter(organisation__in=theirs)
            self._offer("connection", connections.select_related("organisation"))
        else:
            del self.fields["connection"]
            self._offer("organisation", Organisation.objects.in_scope().filter(pk__in=theirs))
        most = limits()
        size = f"{most.size // MEBIBYTE:,} MB" if most.size >= MEBIBYTE else f"{most.size:,} bytes"
        self.fields["file"].help_text = f"CSV (UTF-8) or .xlsx, at most {most.rows:,} rows and {size}."
        if too_large:
            text = f"The file is larger than {size}: upload fewer rows at a time."
            self.fields["file"].error_messages["required"] = text

    def _offer(self, name: str, rows: QuerySet[Any]) -> None:
        choice = self.fields[name]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = rows


@console_page(
    name="files_by_hand", path="files/", title="Files by hand", permission=VIEW, group=Group.PEOPLE, order=60,
)  # fmt: skip
class FilesByHandView(ConsoleView):
    """The tables of which this user may upload something; with ``?table=`` the form for one of them."""

    template_name = "console/files_by_hand.html"
    in_one_transaction = False
    form: UploadForm | None = None

    @cached_property
    def offered(self) -> dict[str, tuple[Table, list[Organisation]]]:
        """By the table's name."""
        return {
            table.slug: (table, theirs)
            for table, theirs in tables_for(self.request.user, Organisation.objects.in_scope())
        }

    @cached_property
    def chosen(self) -> tuple[Table, list[Organisation]] | None:
        """The table that was asked for. One that the user may not upload is not there."""
        slug = self.request.GET.get("table")
        if slug is None:
            return None
        if slug not in self.offered:
            raise Http404("There is no such table, or it is not yours to upload.")
        return self.offered[slug]

    def title(self) -> str:
        return f"Upload {self.chosen[0].title.lower()}" if self.chosen else self.page.title

    def crumbs(self) -> list[tuple[str, str]]:
        return [(self.page.title, address("files_by_hand"))] if self.chosen else []

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]  # a download is no page
        """The page, or with ``?template=`` the chosen table's template."""
        wanted = request.GET.get("template")
        if wanted is None or self.chosen is None:
            return super().get(request, *args, **kwargs)
        if wanted not in list(Kind):
            raise Http404("Templates are CSV or XLSX.")
        table, kind = self.chosen[0], Kind(wanted)
        content = io.BytesIO()
        write_template(table, kind, content)
        return _download(io.BytesIO(content.getvalue()), f"{table.slug}.{kind}", kind)

    def content(self) -> dict[str, Any]:
        mine = Upload.objects.filter(user=self.request.user.pk).select_related("organisation")
        return {
            "offered": [table for table, _ in self.offered.values()],
            "table": self.chosen[0] if self.chosen else None,
            "form": self.form or (UploadForm(*self.chosen) if self.chosen else None),
            "recent": [(one, TABLES[one.table].title) for one in mine[:_RECENT] if one.table in TABLES],
            "hours": settings.UPLOAD_KEEP_HOURS,
        }

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """Takes the file in, checks it (a large one in the background), and shows the preview."""
        if self.chosen is None:
            return redirect(address("files_by_hand"))
        # Only when it has been read can it be told that it was too large.
        sent, files = request.POST, request.FILES
        self.form = UploadForm(*self.chosen, sent, files, too_large=was_too_large(request))
        if not self.form.is_valid():
            note_forged_choices(self.form)
            return self.get(request, **kwargs)
        given = self.form.cleaned_data
        connection = given.get("connection")
        upload = actions.receive(
            given["file"].chunks(),
            name=given["file"].name,
            table=self.chosen[0],
            organisation=connection.organisation if connection else given["organisation"],
            connection=connection,
            by=request.user,
        )
        tasks.check_soon(upload)
        return redirect(address("upload", upload=upload.pk))


class MassChangeForm(forms.Form):
    """What is asked of whoever changes or ends a large share of the people."""

    reason = forms.CharField(label="Why so many", max_length=200, help_text="It stands in the audit.")
    is_meant = forms.BooleanField(label="I have looked at what would change, and it is meant")


@console_page(name="upload", path="files/<int:upload>/", title="An upload", permission=VIEW)
class UploadView(ConsoleView):
    """One's own upload: what it would do or did, what is wrong, and what to do next."""

    template_name = "console/upload.html"
    in_one_transaction = False
    form: MassChangeForm | None = None

    @cached_property
    def upload(self) -> Upload:
        """Which one; another account's is not there."""
        mine = Upload.objects.filter(user=self.request.user.pk).select_related("organisation", "inbound_file")
        return get_object_or_404(mine, pk=self.kwargs["upload"])

    def title(self) -> str:
        return f"Upload of {TABLES[self.upload.table].title.lower()}"

    def crumbs(self) -> list[tuple[str, str]]:
        return [("Files by hand", address("files_by_hand"))]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]  # a download is no page
        """The page, or with ``?download=`` the rows that could not be taken or the confirmation."""
        match request.GET.get("download"):
            case None:
                return super().get(request, *args, **kwargs)
            case "confirmation" if self.upload.inbound_file is not None:
                return confirmation(self.upload.inbound_file)
        return self._wrong_rows()

    def _wrong_rows(self) -> FileResponse:
        upload = self.upload
        kind = Kind.XLSX if upload.file_name.casefold().endswith(".xlsx") else Kind.CSV
        try:
            file = storage.place(upload.token, PART).open("rb")
        except FileNotFoundError:
            raise Http404("The rows were cleared away.") from None
        return _download(file, f"{upload.table}-to-correct.{kind}", kind)

    def content(self) -> dict[str, Any]:
        upload = self.upload
        counts = [upload.counts.get(one, 0) for one in (ADDED, CHANGED, UNCHANGED, WRONG)]
        progress, silent = storage.progress(upload.token)
        return {
            "upload": upload,
            "table": TABLES[upload.table],
            "listed": reverse(f"admin:{TABLES[upload.table].listed}_changelist"),
            "tiles": _tiles(upload, counts),
            "to_apply": counts[0] + counts[1],
            "wrong": counts[3],
            "shown": SHOWN,
            "under_way": upload.state in UNDER_WAY,
            "progress": progress,
            **self._guard(),
            "codes": [
                (code, MEANING.get(code, ""), count) for code, count in upload.counts.get("codes", {}).items()
            ],
            "is_silent": upload.state in UNDER_WAY and (silent is None or silent > _SILENT),
        }

    def _guard(self) -> dict[str, Any]:
        """Where it touches so many people that it needs a reason: how many, and the form that asks for it."""
        upload = self.upload
        if upload.state != UploadState.CHECKED or not asks_for_reason(upload):
            return {}
        changed, ended = upload.people_changed, upload.people_ended
        table = shares(upload.population, changed=changed, gone=ended, is_gone="Ended")
        return {"shares": table, "form": self.form or MassChangeForm()}

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """Confirms what was shown, discards it, or starts again what stopped."""
        upload, asked = self.upload, request.POST.get("do")
        if asked == "confirm" and asks_for_reason(upload):
            self.form = MassChangeForm(request.POST)
            if not self.form.is_valid():
                return self.get(request, **kwargs)
        try:
            if asked == "confirm":
                self._confirm()
            elif asked == "again":
                actions.start_again(upload)
                tasks.check_soon(upload)
            elif asked == "discard":
                actions.discard(upload)
                messages.success(request, "The file was discarded. Nothing of it was applied.")
                return redirect(address("files_by_hand"))
        except actions.UploadNotAllowedError as refused:
            note_refusal("an upload that is not allowed any more")
            messages.error(request, str(refused))
        except (actions.UploadStaleError, actions.UploadNeedsReasonError) as refused:
            messages.error(request, str(refused))
        return redirect(address("upload", upload=upload.pk))

    def _confirm(self) -> None:
        """For a mass change, with the reason that was given."""
        upload, given = self.upload, self.form.cleaned_data if self.form else {}
        outcome = self.request.POST.get("outcome", "")
        actions.confirm(upload, outcome=outcome, by=self.request.user, reason=given.get("reason", ""))
        tasks.apply_soon(upload)


def confirmation(file: InboundFile) -> StreamingHttpResponse:
    """The answers to completions uploaded by hand, as a table."""
    return StreamingHttpResponse(
        csv_stream(confirmation_rows(file)),
        content_type=CONTENT_TYPES[Kind.CSV],
        headers={"Content-Disposition": f'attachment; filename="{file.name}.csv"'},
    )


def _download(file: Any, name: str, kind: Kind) -> FileResponse:
    return FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPES[kind])


def _tiles(upload: Upload, counts: list[int]) -> list[dict[str, Any]]:
    is_done = upload.state == UploadState.APPLIED
    names = ("added", "changed", "unchanged", "not taken") if is_done else (
        "to add", "to change", "unchanged", "wrong"
    )  # fmt: skip
    tones = ("good", "good", "calm", "bad" if counts[3] else "calm")
    notes = ("rows", "rows", "say what is stored", "stay behind, to be corrected" if counts[3] else "rows")
    return [
        {"shown": f"{count:,}", "name": name, "note": note, "tone": tone, "url": ""}
        for count, name, note, tone in zip(counts, names, notes, tones, strict=True)
    ]

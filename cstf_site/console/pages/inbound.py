"""What came in: one file with its answers by code, and what to do with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from cstf_site.console.home import list_of
from cstf_site.console.of_rows import InPath
from cstf_site.console.page import ConsoleView, address, console_page
from cstf_site.console.pages.uploads import confirmation
from cstf_site.console.reason import ReasonForm
from interface.decision.codes import MEANING
from interface.folders import Folders
from interface.inbound.actions import release_file, retry_quarantined
from interface.models import InboundFile, InboundKind, InboundRecord, InboundState, OutboundFile, Undo
from interface.questions.advice import advice_by_code
from interface.questions.rejected import next_name, still_rejected, to_correct
from people.audit.actions import record
from people.dates import london_today, written, written_at
from people.marks import Tone
from people.tenancy import within

LINES: Final = "interface.view_inboundrecord"
_HELD = (
    "A number before it is missing. Ask the LMS's supplier for the missing file. If it will never come, "
    "pass over the missing numbers here, having looked at what the file would do."
)
_PASSED_OVER = (
    "The missing numbers were passed over: it is taken in at the next exchange. There is nothing to do."
)
_REFUSED = "Nothing of it was applied. The supplier mends the file and sends it again under the same number."
_QUARANTINED = (
    "It failed too often and waits for a person. What was decided stays; when the cause is mended, "
    "have it tried again here, from where it stands."
)
# What each state means for whoever looks at it, and what they can do.
TODO: Final[dict[InboundState, tuple[Tone, str]]] = {
    InboundState.RECEIVED: ("note", "It is taken in at the next exchange. There is nothing to do."),
    InboundState.HELD: ("warn", _HELD),
    InboundState.ACCEPTED: ("note", "Its lines are being decided. There is nothing to do."),
    InboundState.APPLIED: ("note", "Its lines are decided; the confirmation goes out at the next exchange."),
    InboundState.ANSWERED: ("good", "Every line was taken in. There is nothing to do."),
    InboundState.REFUSED: ("bad", _REFUSED),
    InboundState.QUARANTINED: ("bad", _QUARANTINED),
}
_SOME_REJECTED = (
    "Some lines were rejected. What is wrong in the LMS is corrected there and sent again, or in the download of "
    "the rejected lines; what is wrong here (a mapping, a scope) is mended here and decided again."
)
_ALL_RIGHT: Final = (
    "What was rejected came right since, in a later file or decided again here. There is nothing to do."
)
WHY_PASSED_OVER: Final = "Why the missing numbers are passed over"
# So many rejected lines are looked at one by one while somebody waits: that takes PostgreSQL most of a second.
_LOOKED_AT: Final = 2_000
# Of what has been decided there is nothing left to look ahead at.
_DECIDED: Final = (InboundState.APPLIED, InboundState.ANSWERED)
_SOME_LEFT = "Some rows were rejected. Whoever uploaded them can download, correct and upload them again."


class Verb(NamedTuple):
    """What may be done to a file that waits: by which verb, under which words, and what is told when it is done."""

    run: Callable[..., None]
    words: str
    done: str
    wants_reason: bool


VERBS: Final[dict[str, Verb]] = {
    InboundState.HELD: Verb(
        release_file, "Pass over the missing numbers", "will be taken in at the next exchange", True
    ),
    InboundState.QUARANTINED: Verb(
        retry_quarantined,
        "Try it again from where it stands",
        "will be tried again at the next exchange",
        False,
    ),
}


@console_page(
    name="inbound_file", path="inbound/file/<int:inboundfile>/", title="An inbound file",
    permission="interface.view_inboundfile",
)  # fmt: skip
class InboundFileView(ConsoleView):
    """The file for whoever sees the exchange; its lines and their downloads for whoever may read lines."""

    template_name = "console/inbound_file.html"
    form: ReasonForm | None = None
    file = InPath(InboundFile, beside="connection__organisation")

    @cached_property
    def may_see_lines(self) -> bool:
        """Lines are personal data, and answers are made of them."""
        return self.request.user.has_perm(LINES, self.file)

    @property
    def is_by_hand(self) -> bool:
        """Nothing of it goes to the LMS or came from there; rows that were wrong came back with the upload."""
        return self.file.kind == InboundKind.BY_HAND

    def title(self) -> str:
        """Its name."""
        return self.file.name

    def crumbs(self) -> list[tuple[str, str]]:
        """By way of the list."""
        return [("Inbound files", reverse("admin:interface_inboundfile_changelist"))]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]  # a download is no page
        """The page, or with ``?download=`` one of the files that it offers."""
        wanted = request.GET.get("download")
        if wanted is None:
            return super().get(request, *args, **kwargs)
        if not self.may_see_lines:
            raise PermissionDenied
        if wanted == "confirmation" and self.is_by_hand:
            return confirmation(self.file)
        return self._rejected() if wanted == "rejected" else self._answer(wanted)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """What its state waits for: the gap before it passed over, or another try."""
        verb = VERBS.get(self.file.state)
        if verb is None or not self.may_release:
            raise PermissionDenied
        self.form = ReasonForm(request.POST, why=WHY_PASSED_OVER)
        if verb.wants_reason and not self.form.is_valid():
            return self.get(request, **kwargs)
        said = {"reason": self.form.cleaned_data["reason"]} if verb.wants_reason else {}
        try:
            with within(self.file.connection.organisation):
                verb.run(self.file, by=request.user.get_username(), **said)
        except ValueError as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, f"{self.file.name} {verb.done}.")
        return redirect(address("inbound_file", inboundfile=self.file.pk))

    @cached_property
    def may_release(self) -> bool:
        """Numbers passed over are never taken again."""
        return self.request.user.has_perm("interface.release_inboundfile", self.file)

    def _rejected(self) -> StreamingHttpResponse:
        name = next_name(self.file.connection, on=london_today())
        self._note_download("rejected lines", rows=still_rejected(self.file).count())
        content = to_correct(self.file, name=name, at=timezone.now())
        return StreamingHttpResponse(
            content,
            content_type="application/octet-stream",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def _answer(self, wanted: str) -> FileResponse:
        answers = OutboundFile.objects.filter(answers=self.file)
        answer = get_object_or_404(answers, pk=int(wanted) if wanted.isdecimal() else 0)
        try:
            content = (Folders.of(self.file.connection).archive_out / answer.name).open("rb")
        except FileNotFoundError:
            raise Http404(f"The archive does not hold {answer.name} any more.") from None
        self._note_download(answer.name, rows=answer.records)
        kind = "application/octet-stream"
        return FileResponse(content, as_attachment=True, filename=answer.name, content_type=kind)

    def _note_download(self, what: str, *, rows: int | None) -> None:
        """Lines taken home are an export, whichever page gave them."""
        with transaction.atomic():
            record(verb="exported", about=self.file, after={"what": what, "rows": rows})

    def content(self) -> dict[str, Any]:
        """State and what to do, answers by code, and what can be downloaded."""
        file = self.file
        tone, todo = todo_of(file, all_right=self.still_open == 0)
        return {
            "may_preview": file.state not in _DECIDED
            and self.request.user.has_perm("interface.preview_inboundfile", file),
            "may_undo": file.state == InboundState.ANSWERED
            and self.request.user.has_perm("interface.undo_inboundfile", file),
            "verb": VERBS.get(file.state) if self.may_release and not _is_let_through(file) else None,
            "form": self.form or ReasonForm(why=WHY_PASSED_OVER),
            "may_deliver": self.request.user.has_perm("interface.deliver_inboundfile", file),
            "undone": Undo.objects.filter(file=file).first(),
            "file": file,
            "is_let_through": _is_let_through(file),
            "facts": _facts(file),
            "tone": tone,
            "todo": todo,
            "advice": advice_by_code(file.organisation_id).get(file.code) if file.code else None,
            "meaning": MEANING.get(file.code, ""),
            "may_see_lines": self.may_see_lines,
            **self._rejected_since(),
            "codes": [self._code(code, count) for code, count in sorted(file.counts.items())],
            "answers": OutboundFile.objects.filter(answers=file).order_by("id"),
            "is_by_hand": self.is_by_hand,
            "next_name": next_name(file.connection, on=london_today()),
        }

    @property
    def may_take_rejected(self) -> bool:
        """Those of an upload by hand came back with it."""
        return self.may_see_lines and not self.is_by_hand

    @cached_property
    def still_open(self) -> int | None:
        """How many of the rejected lines have not come right since; None where nobody asks, or there are too many."""
        if not (self.may_take_rejected and _some_rejected(self.file)) or self.file.failed > _LOOKED_AT:
            return None
        return still_rejected(self.file).count()

    def _rejected_since(self) -> dict[str, Any]:
        still, filters = self.still_open, {"file__id__exact": str(self.file.pk), "since": "open"}
        return {
            "still_open": still,
            "came_right": self.file.failed - still if still is not None else 0,
            "open_url": list_of(InboundRecord, filters) if still else "",
            "any_rejected": self.may_take_rejected
            and (still_rejected(self.file).exists() if still is None else still > 0),
        }

    def _code(self, code: str, count: int) -> dict[str, Any]:
        filters = {"file__id__exact": str(self.file.pk), "code": code}
        url = list_of(InboundRecord, filters) if self.may_see_lines else ""
        return {"code": code, "meaning": MEANING.get(code, ""), "count": count, "url": url}


def todo_of(file: InboundFile, *, all_right: bool) -> tuple[Tone, str]:
    """What the file's state asks of whoever looks at it. ``all_right``: whatever was rejected came right since."""
    if all_right:
        return "good", _ALL_RIGHT
    if _some_rejected(file):
        return "warn", _SOME_LEFT if file.kind == InboundKind.BY_HAND else _SOME_REJECTED
    if _is_let_through(file):
        return "note", _PASSED_OVER
    return TODO[InboundState(file.state)]


def came_right(file: InboundFile) -> bool:
    """Whether all that was rejected came right since; no, where that is too much to look at."""
    return _some_rejected(file) and file.failed <= _LOOKED_AT and not still_rejected(file).exists()


def _is_let_through(file: InboundFile) -> bool:
    return file.state == InboundState.HELD and file.released_at is not None


def _some_rejected(file: InboundFile) -> bool:
    return file.state == InboundState.ANSWERED and file.failed > 0


def _facts(file: InboundFile) -> list[tuple[str, object]]:
    return [
        ("Connection", file.connection),
        ("Kind", file.get_kind_display()),
        *([("Uploaded", file.by_whom)] if file.by_whom else []),
        ("Number", file.number),
        ("Received", written_at(file.received_at)),
        ("Business date", written(file.business_date)),
        ("Answered", written_at(file.answered_at) if file.answered_at else ""),
        ("Records", f"{file.records:,}"),
        ("Taken in", f"{file.succeeded:,}, of which {file.warned:,} with a warning"),
        ("Rejected", f"{file.failed:,}"),
        ("Size", f"{file.size:,} bytes"),
        ("SHA-256", file.sha256),
    ]

"""One line of an inbound file beside its columns: its answer, what may mend it here, and having it decided again."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property

from cstf_site.console.home import list_of
from cstf_site.console.page import ConsoleView, address, console_page
from interface.decision.codes import MEANING, Code
from interface.formats import completions
from interface.models import Connection, InboundRecord, Mapping, OpenFailure, ReplayedRecord
from interface.questions.advice import advice_by_code
from interface.questions.rejected import BY_REPLAY, with_right_since
from interface.recovery.actions import ReplayRefusedError, replay
from interface.scope import why_not
from people.audit.watching import note_view
from people.dates import london_today
from people.marks import tone_of
from people.models import Person
from people.tenancy import within

# Where it is not clear who is meant, each of these columns leads to whom the record knows by it.
_WHO: Final = ("Person ID", "Employee Number", "Last Name")
_UNCLEAR: Final = (Code.PERSON_NOT_FOUND, Code.IDENTITY_DISAGREES)
_MAPPED_WRONG: Final = (Code.NOT_CSTF, Code.NOT_IN_FORCE)
_REPLAY: Final = "interface.replay_inboundrecord"
_AS_BEFORE: Final = (
    "It fails for the same reason as before: nothing was changed, and the LMS is told nothing new."
)


@console_page(
    name="inbound_record", path="inbound/record/<int:inboundrecord>/", title="An inbound record",
    permission="interface.view_inboundrecord",
)  # fmt: skip
class InboundRecordView(ConsoleView):
    """One line: as it came, its columns, its answer, who to turn to, and where what is wrong here is mended."""

    template_name = "console/inbound_record.html"
    in_one_transaction = False

    @cached_property
    def record(self) -> InboundRecord:
        """Which one; those of organisations out of sight are not there."""
        records = with_right_since(InboundRecord.objects.all())
        records = records.select_related("file__connection__organisation", "person")
        return get_object_or_404(records, pk=self.kwargs["inboundrecord"])

    @cached_property
    def connection(self) -> Connection:
        """Whose file it came in."""
        return self.record.file.connection

    def may(self, permission: str) -> bool:
        """Whether the user holds it where the line belongs."""
        return self.request.user.has_perm(permission, self.record)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Shown to somebody who only looks, a line about a person says so."""
        note_view(self.record, request.user)
        return super().get(request, *args, **kwargs)

    def title(self) -> str:
        """Its place in its file."""
        return f"Line {self.record.line_number:,}"

    def crumbs(self) -> list[tuple[str, str]]:
        """By way of its file, for whoever may see that."""
        file, words = self.record.file, "Inbound records"
        crumbs = [(words, reverse("admin:interface_inboundrecord_changelist"))]
        if self.may("interface.view_inboundfile"):
            crumbs.append((file.name, address("inbound_file", inboundfile=file.pk)))
        return crumbs

    def content(self) -> dict[str, Any]:
        """The line, its answer, and the answers that replays gave it."""
        record = self.record
        again = ReplayedRecord.objects.filter(file=record.file_id, line_number=record.line_number)
        return {
            "record": record,
            "tone": tone_of(record.code),
            "meaning": MEANING.get(record.code, ""),
            "advice": advice_by_code(record.organisation_id).get(record.code),
            "columns": self._columns(),
            # The first one is what the answer says already.
            "further_faults": list(completions.faults(record.raw))[1:],
            "person_url": address("person", person=record.person_id) if self._may_see_person else "",
            "again": [
                (one, MEANING.get(one.code, "")) for one in again.select_related("replay").order_by("pk")
            ],
            "scope": self._scope(),
            "ways": self._ways(),
            "right_in": self._right_in(),
            "waits": self._failures().exists(),
            "may_replay": self.may(_REPLAY),
        }

    def _right_in(self) -> str:
        """The later file; what a replay answered stands there already."""
        told = self.record.right_in  # type: ignore[attr-defined]  # by the page's annotation
        return told if told not in (None, BY_REPLAY) else ""

    @cached_property
    def _may_see_person(self) -> bool:
        return self.record.person_id is not None and self.may("people.view_person")

    def _failures(self) -> QuerySet[OpenFailure]:
        return OpenFailure.objects.filter(file=self.record.file_id, line_number=self.record.line_number)

    def _columns(self) -> list[dict[str, Any]]:
        record = self.record
        wrong = {fault.column for fault in completions.faults(record.raw)}
        leads = _WHO if record.code in _UNCLEAR and self.may("people.view_person") else ()
        return [
            {
                "place": place,
                "name": name or "not expected",
                "value": value,
                "is_wrong": name in wrong or not name,
                "url": list_of(Person, {"q": value}) if value and name in leads else "",
            }
            for place, (name, value) in enumerate(completions.columns(record.raw))
        ]

    def _scope(self) -> str:
        """Of somebody who was out of scope: by which rule they are today."""
        if self.record.code != Code.PERSON_OUT_OF_SCOPE or not self._may_see_person:
            return ""
        assert self.record.person is not None
        rule = why_not(self.record.person, self.connection, on=london_today())
        return rule or "Today the person is in scope."

    def _ways(self) -> list[tuple[str, str]]:
        """Where a mapping that failed is mended: words and address."""
        read = completions.read(self.record.raw)
        course = read.course_code if isinstance(read, completions.Completion) else ""
        ways: list[tuple[str, str]] = []
        if self.record.code == Code.NOT_MAPPED and course and self.may("interface.add_mapping"):
            asked = urlencode({"course": course, "version": getattr(read, "course_version", "")})
            url = address("map_course", connection=self.connection.pk)
            ways.append((f"Map {course}", f"{url}?{asked}"))
        if self.record.code in _MAPPED_WRONG and course and self.may("interface.view_mapping"):
            ways.append((f"The mapping of {course}", list_of(Mapping, {"q": course})))
        return ways

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Has the line decided again, as if it came today, and tells what became of it."""
        if not self.may(_REPLAY):
            raise PermissionDenied
        by, today = request.user.get_username(), london_today()
        try:
            with within(self.connection.organisation):
                made = replay(self.connection, failures=self._failures(), on=today, by=by)
        except (ReplayRefusedError, OSError) as refused:
            messages.error(request, str(refused))
        else:
            if made:
                messages.success(
                    request, "It was decided again. The LMS is told in a supplementary confirmation."
                )
            else:
                messages.warning(request, _AS_BEFORE)
        return redirect(address("inbound_record", inboundrecord=self.record.pk))

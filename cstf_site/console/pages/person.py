"""One person: who they are, what they hold, what every LMS was sent of it, and all that ever touched their record."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property

from competencies.models import CompetencyElement
from cstf_site.console.page import ConsoleView, address, console_page
from interface.models import Connection
from interface.questions import timeline as times
from interface.questions.sent import RecordSent, Verdict, sent_or_why_not
from people.audit.watching import note_view
from people.dates import LONDON, london_today, written, written_at
from people.marks import Tone, tone_of
from people.models import AssignmentVersion, Person, PersonVersion
from people.models.assignment import AssignmentType
from people.tenancy import within

MOST_EVENTS: Final = 200
# What each partner holds is compared anew: so many of them on a page, which is all of them nearly everywhere.
PARTNERS: Final = 3
# What the page says of each verdict, and how it looks.
VERDICTS: Final[dict[Verdict, tuple[str, Tone]]] = {
    Verdict.SENT: ("Yes", "good"),
    Verdict.TOLD: ("Yes, the LMS told us", "good"),
    Verdict.WAITING: ("Not yet", "note"),
    Verdict.LEAVING: ("To be deleted there", "warn"),
    Verdict.NOT_SENT: ("No", "calm"),
}
TONES: Final[dict[times.Kind, Tone]] = {times.Kind.OUTBOUND: "note", times.Kind.UNDO: "warn"}
# Of these only the day is known.
DAYS: Final = (times.Kind.RECORD, times.Kind.ASSIGNMENT)


@console_page(name="person", path="person/<int:person>/", title="A person", permission="people.view_person")
class PersonView(ConsoleView):
    """People of organisations in which the user may not see people are not there."""

    template_name = "console/person.html"

    @cached_property
    def person(self) -> Person:
        """Whom the page is about."""
        return get_object_or_404(Person.objects.select_related("organisation"), pk=self.kwargs["person"])

    @cached_property
    def today(self) -> date:
        """London's."""
        return london_today()

    @cached_property
    def version(self) -> PersonVersion | None:
        """What the record says of them today, else what it said, or will say, last."""
        return self.person.version(on=self.today) or self.person.versions.order_by("effective_start").last()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Shown to somebody who only looks, a person's record says so."""
        note_view(self.person, request.user)
        return super().get(request, *args, **kwargs)

    def title(self) -> str:
        """Their name."""
        version = self.version
        return f"{version.first_name} {version.last_name}".strip() if version else str(self.person)

    def crumbs(self) -> list[tuple[str, str]]:
        """By way of the list of people."""
        return [("Persons", reverse("admin:people_person_changelist"))]

    def content(self) -> dict[str, Any]:
        """Every part of the page; what was sent, and what came, each for who may know of it."""
        versions = AssignmentVersion.objects.in_effect(on=self.today).filter(assignment__person=self.person)
        rows = list(versions.select_related("assignment", "position", "unit"))
        may_see_sent = self.request.user.has_perm("interface.view_sentpicture", self.person)
        return {
            "person": self.person,
            "facts": _facts(self.version) if self.version else [],
            "assignments": [one for one in rows if one.assignment_type == AssignmentType.EMPLOYEE],
            "applications": [one for one in rows if one.assignment_type == AssignmentType.APPLICANT],
            "elements": self._elements(),
            "may_see_files": self.request.user.has_perm("interface.view_inboundfile", self.person),
            "may_see_sent": may_see_sent,
            **(self._partners() if may_see_sent else {}),
            "events": [_event(one) for one in times.timeline(self.person, most=MOST_EVENTS)],
            "most_events": MOST_EVENTS,
            "today": self.today,
        }

    def _elements(self) -> list[dict[str, Any]]:
        """What they hold; of what was uploaded by hand whoever sees it is told by whom."""
        held = CompetencyElement.objects.held().filter(person=self.person).select_related("competence")
        elements, uploads = list(held), {}
        if any(one.is_by_hand for one in elements):
            with within(self.person.organisation):
                uploads = times.uploads_of(self.person)
        return [
            {"element": one, "upload": uploads.get(one.element_id) if one.is_by_hand else None}
            for one in elements
        ]

    def _partners(self) -> dict[str, Any]:
        """Whoever may know what was sent is told by which LMS's file, whether or not they may see files themselves."""
        with within(self.person.organisation):
            connections = Connection.objects.filter(organisation=self.person.organisation_id)
            connections = connections.select_related("organisation").order_by("code")
            partners = Paginator(list(connections), PARTNERS).get_page(self.request.GET.get("page"))
            return {
                "partners": partners,
                "connections": [self._partner(connection) for connection in partners],
            }

    def _partner(self, connection: Connection) -> dict[str, Any]:
        """One LMS: in a sentence, and record by record."""
        records = sent_or_why_not(self.person, connection, on=self.today)
        return {
            "connection": connection,
            "lms": connection.lms_name or str(connection),
            "verdict": in_a_sentence(records),
            "again": next((one.again for one in records if one.again), ""),
            "records": [self._sent(one) for one in records],
        }

    def _sent(self, one: RecordSent) -> dict[str, Any]:
        words, tone = VERDICTS[one.verdict]
        return {"record": one, "words": words, "tone": tone, "url": self._file_of(one)}

    def _file_of(self, one: RecordSent) -> str:
        """Where the file that carried a record is shown, to whoever may see it."""
        if one.sent_in and self.request.user.has_perm("interface.view_outboundfile", self.person):
            return reverse("admin:interface_outboundfile_change", args=[one.sent_in])
        if one.told_in and self.request.user.has_perm("interface.view_inboundfile", self.person):
            return address("inbound_file", inboundfile=one.told_in)
        return ""


class Sentence(NamedTuple):
    """What all records of a person together say: in a word, in how many parts, and how it looks."""

    words: str
    parts: list[str]
    tone: Tone


def in_a_sentence(records: list[RecordSent]) -> Sentence:
    """Whether the LMS has the person as they are today, and what is missing for which reason."""
    has = sum(one.verdict in (Verdict.SENT, Verdict.TOLD) for one in records)
    if has == len(records):
        return Sentence(f"Yes, all {has} records as they are today", [], "good")
    others = Counter((one.verdict, one.because) for one in records if one.verdict in _MISSING)
    parts = [f"{count} {_MISSING[verdict]}: {because}" for (verdict, because), count in others.items()]
    verdicts = {verdict for verdict, _ in others}
    tone: Tone = "warn" if Verdict.LEAVING in verdicts else "note"
    if has:
        return Sentence(f"In part, {has} of {len(records)} records as they are today", parts, tone)
    if verdicts == {Verdict.NOT_SENT}:
        return Sentence("No", [because for _, because in others], "calm")
    return Sentence("Not as they are today", parts, tone)


_MISSING: Final[dict[Verdict, str]] = {
    Verdict.WAITING: "not yet",
    Verdict.LEAVING: "to be deleted there",
    Verdict.NOT_SENT: "not sent",
}


def _facts(version: PersonVersion) -> list[tuple[str, object]]:
    """What is not filled is left out, but for that by which people are told apart."""
    found = [
        *((words, getattr(version, name)) for words, name in _NAMES),
        ("Person type", version.person_type or version.get_system_person_type_display()),
        *((words, _day(getattr(version, name))) for words, name in _DAYS),
    ]
    return [(words, value) for words, value in found if value or words in _ALWAYS]


_ALWAYS: Final = ("Employee number", "NI number", "NHS Unique ID", "Date of birth")


_NAMES: Final = (
    ("Title", "title"),
    ("Last name", "last_name"),
    ("First name", "first_name"),
    ("Middle names", "middle_names"),
    ("Preferred name", "preferred_name"),
    ("Previous last name", "previous_last_name"),
    ("Employee number", "employee_number"),
    ("NI number", "ni_number"),
    ("NHS Unique ID", "nhs_unique_id"),
    ("Office e-mail", "office_email"),
)
_DAYS: Final = (
    ("Date of birth", "date_of_birth"),
    ("Hired", "hired_on"),
    ("In the NHS since", "nhs_started_on"),
    ("Employment ends", "terminated_on"),
    ("This holds from", "effective_start"),
    ("This holds until", "effective_end"),
)


def _day(value: date | None) -> str:
    return written(value) if value else ""


def _event(one: times.Event) -> dict[str, Any]:
    where = f"{one.file}, line {one.line:,}" if one.line is not None else one.file
    held = f"element {', '.join(one.element_ids)}" if one.element_ids else ""
    again = "decided again" if one.kind is times.Kind.REPLAY else ""
    # Hundreds of them: the template's own way of writing dates takes ten times as long.
    at = one.at.date() if one.kind in DAYS else one.at.astimezone(LONDON)
    return {
        "at": at,
        "when": written_at(at) if isinstance(at, datetime) else written(at),
        "title": f"{one.code} {one.what}".strip(),
        "text": " · ".join(filter(None, (where, one.by_whom, held, again))),
        "tone": TONES.get(one.kind) or tone_of(one.code),
        "url": address("inbound_record", inboundrecord=one.record) if one.record is not None else "",
    }

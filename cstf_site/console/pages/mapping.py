"""Mapping: courses that came and are mapped to nothing, mapping one, and having what failed for it decided again."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from competencies.models import Competence
from cstf_site.console.groups import Group
from cstf_site.console.in_background import asked_at, back_to
from cstf_site.console.map_form import MapForm, described
from cstf_site.console.of_rows import PER_PAGE, InPath, page_of
from cstf_site.console.page import ConsoleView, address, console_page
from interface.actions import MappingRefusedError, map_course
from interface.background import LARGE, REPLAY, ask_for_replay, latest, progress_of
from interface.models import Connection, Replay
from interface.questions import mapping as questions
from interface.recovery.actions import ReplayRefusedError, replay
from interface.recovery.supplement import supplement_of
from people.audit.refusals import note_forged_choices
from people.dates import london_today
from people.tenancy import within

OVERVIEW: Final = "Courses and competences"


@console_page(
    name="mapping", path="mapping/", title=OVERVIEW, permission="interface.view_openfailure",
    group=Group.MAPPING,
)  # fmt: skip
class MappingView(ConsoleView):
    """Which connections have courses that wait."""

    template_name = "console/mapping.html"

    def content(self) -> dict[str, Any]:
        rows = page_of(self.request, Connection.objects.select_related("organisation"))
        waiting = questions.failures_by_connection(list(rows))
        return {"rows": rows, "connections": [(one, *waiting.get(one.pk, (0, 0))) for one in rows]}


class OfMapping(ConsoleView):
    """A page under the connection's mapping."""

    connection = InPath(Connection, beside="organisation")

    def crumbs(self) -> list[tuple[str, str]]:
        here = address("connection_mapping", connection=self.connection.pk)
        return [(OVERVIEW, address("mapping")), (f"Courses of {self.connection}", here)]

    def may(self, permission: str) -> bool:
        """Whether the user may do this for the connection's organisation."""
        return self.request.user.has_perm(permission, self.connection)


@console_page(
    name="connection_mapping", path="mapping/<int:connection>/", title="Courses",
    permission="interface.view_openfailure",
)  # fmt: skip
class ConnectionMappingView(OfMapping):
    """Courses of one connection: not mapped, mapped since they failed, and what the mapping does not cover."""

    template_name = "console/connection_mapping.html"

    def title(self) -> str:
        return f"Courses of {self.connection}"

    def crumbs(self) -> list[tuple[str, str]]:
        return super().crumbs()[:1]

    def content(self) -> dict[str, Any]:
        today, connection = london_today(), self.connection
        rows = page_of(self.request, questions.courses_failing(connection, mapped=False))
        courses = questions.unmapped_courses(
            connection, offset=max(rows.start_index() - 1, 0), limit=PER_PAGE
        )
        keys = {one.key for course in courses for one in course.suggested}
        near = Competence.objects.filter(pk__in=keys).select_related("subject_level__subject").in_bulk()
        return {
            "connection": connection,
            "today": today,
            "rows": rows,
            "courses": [
                (course, [described(near[one.key]) for one in course.suggested], self._query(course))
                for course in courses
            ],
            "replayable": questions.courses_failing(connection, mapped=True).count(),
            "may_map": self.may("interface.add_mapping"),
            "may_replay": self.may("interface.replay_inboundrecord"),
            "unserved": [
                described(one)
                for one in questions.unserved_competences(connection, on=today).select_related(
                    "subject_level__subject"
                )
            ],
            "ended": list(
                questions.not_in_force(connection.mappings.all(), on=today).select_related("competence")
            ),
        }

    @staticmethod
    def _query(course: questions.UnmappedCourse) -> str:
        return urlencode({"course": course.course_code, "version": course.course_version})


# --- Mapping one course -------------------------------------------------------------------------------


@console_page(
    name="map_course", path="mapping/<int:connection>/course/", title="Map a course",
    permission="interface.add_mapping",
)  # fmt: skip
class MapCourseView(OfMapping):
    """A form for one course, filled with the course that it was opened for."""

    template_name = "console/map_course.html"
    form: MapForm | None = None

    def content(self) -> dict[str, Any]:
        asked = self.request.GET
        course, version = asked.get("course", ""), asked.get("version", "")
        initial = {"course": course, "version": version}
        form = self.form or MapForm(initial=initial, course=f"{course} {version}")
        return {"connection": self.connection, "form": form}

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Maps it, and offers what failed for it to be decided again."""
        given = request.POST
        self.form = MapForm(given, course=f"{given.get('course', '')} {given.get('version', '')}")
        note_forged_choices(self.form)
        if not (self.form.is_valid() and self._mapped(self.form)):
            return self.get(request, **kwargs)
        page = "replay_course" if self._failed(self.form) else "connection_mapping"
        return redirect(address(page, connection=self.connection.pk))

    def _mapped(self, form: MapForm) -> bool:
        given = form.cleaned_data
        try:
            with within(self.connection.organisation):
                made = map_course(
                    self.connection,
                    course_code=given["course"],
                    course_version=given["version"],
                    competences=given["competences"],
                    direction=given["direction"],
                    expiry=given["expiry"],
                    by=self.request.user.get_username(),
                )
        except MappingRefusedError as refused:
            form.add_error(None, str(refused))
            return False
        count = f"{len(made)} competence{'s' if len(made) != 1 else ''}"
        messages.success(self.request, f"{given['course']} now gives {count}.")
        return True

    def _failed(self, form: MapForm) -> bool:
        may = self.may("interface.replay_inboundrecord")
        course, version = form.cleaned_data["course"], form.cleaned_data["version"] or None
        return may and questions.failures_of_course(self.connection, course, version).exists()


# --- Replay -------------------------------------------------------------------------------------------


@console_page(
    name="replay_course", path="mapping/<int:connection>/replay/", title="Decide again",
    permission="interface.replay_inboundrecord",
)  # fmt: skip
class ReplayView(OfMapping):
    """Courses that are mapped by now, and whose records failed before: each can be decided again."""

    template_name = "console/replay_course.html"
    in_one_transaction = False

    def content(self) -> dict[str, Any]:
        rows = page_of(self.request, questions.courses_failing(self.connection, mapped=True))
        why_not = self.connection.why_not_sending(on=london_today())
        return {"connection": self.connection, "rows": rows, "why_not": why_not, **self._in_background()}

    def _in_background(self) -> dict[str, Any]:
        """What the queue is doing, or did last."""
        connection = self.connection
        run = latest(REPLAY, subject=connection.code, organisation=connection.organisation_id)
        content = progress_of(run, asked_at=asked_at(self.request))
        if run is not None and content["is_done"]:
            with within(connection.organisation):
                made = Replay.objects.filter(pk__in=run.summary["replays"]).select_related("file")
                content["outcome"] = outcome_of(run.summary["what"], list(made.order_by("pk")))
        return content

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Has one course's failed records decided again: now, and tells what became of them; many by the queue."""
        course, version = request.POST.get("course", ""), request.POST.get("version", "")
        by, here = (
            request.user.get_username(),
            redirect(address("replay_course", connection=self.connection.pk)),
        )
        try:
            with within(self.connection.organisation):
                failures = questions.failures_of_course(self.connection, course, version)
                if failures.count() > LARGE:
                    ask_for_replay(self.connection, course=course, version=version, on=london_today(), by=by)
                    return back_to(here.url)
                made = replay(self.connection, failures=failures, on=london_today(), by=by)
                text = outcome_of(course, made)
        except (ReplayRefusedError, OSError) as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, text) if made else messages.warning(request, text)
        return here


def outcome_of(course: str, made: list[Replay]) -> SafeString:
    """What a replay gave, file by file, each with a link to its supplement."""
    if not made:
        return format_html("{}: no record got another answer than before.", course)
    files = format_html_join(
        " ",
        '<a href="{}">{}</a>: {}.',
        (
            (
                reverse("admin:interface_outboundfile_change", args=[file.pk]),
                file.name,
                ", ".join(f"{code} {count:,}" for code, count in one.counts.items()),
            )
            for one in made
            if (file := supplement_of(one)) is not None
        ),
    )
    return format_html("{} was decided again. Answered in {}", course, files)

"""A run of a nightly job: what it came to, as an operator reads it, and what to do about what waits or failed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.conf import settings
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html_join
from django.utils.text import capfirst

from cstf_site.console.figures import WORDS
from cstf_site.console.home import RUN_TONES, list_of, night_address
from cstf_site.console.of_rows import InPath
from cstf_site.console.page import ConsoleView, address, console_page
from cstf_site.console.pages.inbound import LINES, came_right, todo_of
from interface.decision.codes import MEANING
from interface.inbound_admin import FILE_TONES, state_chip
from interface.models import Connection, InboundFile, InboundRecord, InboundState, OutboundFile, OutboundHold
from interface.models.inbound import TAKES_NUMBER
from interface.nightly import JOB
from interface.questions.nights import KINDS
from people.dates import written, written_at
from people.marks import Tone, chip, code
from people.models import NightlyRun
from people.models.run import RunState
from people.runs import end_dead_runs

# What in an error says what to do about it; the first that fits.
REMEDIES: Final = (
    ("No space left", "Make room for EXCHANGE_ROOT. The partner has seen nothing of the file."),
    ("PermissionError", "Give the user under whom the worker runs the right to read and write In, Out and Archive."),
    ("is not the file that was rendered", "A file in Archive/out was changed or removed: restore it from a backup."),
    ("AuditBrokenError", "It is evidence: leave it as it is, keep a dump, and find out who had access."),
    ("ended without a word", "Look at the host: memory, a restart, or TASK_TIMEOUT_SECONDS."),
)  # fmt: skip
ELSE: Final = "The log has the whole error. Mend the cause, or report it with this page's text."
AGAIN: Final = (
    "Nothing is half done: the exchange, started again, goes on where it stood, under the same numbers."
)
TROUBLES: Final = (
    "Mend the rights of the file, or of In: the user under whom the worker runs must be able to read its files and to "
    "remove them. Then exchange again."
)


@console_page(
    name="run", path="exchange/run/<int:nightlyrun>/", title="A nightly run", permission="people.view_nightlyrun"
)  # fmt: skip
class RunView(ConsoleView):
    """Of an exchange its files and lines; of every other job what it wrote down of itself."""

    template_name = "console/run.html"
    run = InPath(NightlyRun, beside="organisation")

    def title(self) -> str:
        run = self.run
        subject = self.connection or run.subject
        return f"{capfirst(run.job)} {subject}, {written(run.business_date)}".replace(" ,", ",")

    def crumbs(self) -> list[tuple[str, str]]:
        return [("Nightly runs", reverse("admin:people_nightlyrun_changelist"))]

    @cached_property
    def connection(self) -> Connection | None:
        """Whose exchange it was, where one may see it."""
        if self.run.job != JOB:
            return None
        theirs = Connection.objects.select_related("organisation")
        return theirs.filter(organisation=self.run.organisation_id, code=self.run.subject).first()

    def content(self) -> dict[str, Any]:
        run = self.run
        if run.state == RunState.RUNNING:
            # One whose worker is gone is shown as what it is.
            end_dead_runs()
            run.refresh_from_db()
        exchange = self._exchange(self.connection) if self.connection else {}
        return {
            "run": run,
            "tone": RUN_TONES.get(run.state, "calm"),
            "facts": _facts(run),
            "done_since": _done_since(run),
            "remedies": _remedies(run) if run.state == RunState.FAILED else [],
            "told": [] if self.connection else list(in_words(run.summary)),
            **exchange,
        }

    def _exchange(self, connection: Connection) -> dict[str, Any]:
        summary, may = self.run.summary, self.request.user.has_perm
        came = self._files_in(connection)
        counts = sum((Counter(one["answers"]) for one in came), Counter[str]())
        return {
            "connection": connection,
            "night": night_address(self.run.business_date, connection),
            "may_exchange": may("interface.exchange_connection", connection),
            "files_in": came,
            "files_out": _files_out(connection, summary.get("out", [])),
            "outcomes": list(_outcomes(counts)) if counts else [],
            "held": summary.get("held", ""),
            "holds": _open_holds(connection),
            "troubles": summary.get("troubles", []),
            "what_to_do_in_in": TROUBLES,
            "waiting": [one for one in came if one["tone"] in ("warn", "bad")],
        }

    def _files_in(self, connection: Connection) -> list[dict[str, Any]]:
        """As the run left them, with their state of today and what that asks for."""
        told = self.run.summary.get("in", [])
        found: dict[str, list[InboundFile]] = defaultdict(list)
        names = [one["name"] for one in told]
        files = InboundFile.objects.filter(connection=connection, name__in=names)
        for file in files.select_related("connection__organisation", "undo"):
            found[file.name].append(file)
        return [self._file_in(one, found[one["name"]]) for one in told]

    def _file_in(self, told: Mapping[str, Any], files: list[InboundFile]) -> dict[str, Any]:
        answers = told["answers"]
        row = {
            **told,
            "records": sum(answers.values()),
            "kinds": [_counted(answers, kind) for kind in KINDS],
            "chip": chip(InboundState(told["state"]).label, FILE_TONES.get(told["state"], "note")),
            "url": "",
            "tone": "calm",
        }
        if len(files) != 1:  # sent twice under one name: the list has them all
            return row | {"url": list_of(InboundFile, {"q": told["name"]}) if files else ""}
        (file,) = files
        tone, todo = self._todo(file)
        return row | {
            "chip": state_chip(file),
            "url": address("inbound_file", inboundfile=file.pk),
            "tone": tone,
            "todo": todo,
            "meaning": MEANING.get(file.code, ""),
            "rejected_url": self._rejected(file),
        }

    def _rejected(self, file: InboundFile) -> str:
        filters = {"file__id__exact": str(file.pk), "code": "rejected"}
        return list_of(InboundRecord, filters) if self.request.user.has_perm(LINES, file) else ""

    def _todo(self, file: InboundFile) -> tuple[Tone, str]:
        if hasattr(file, "undo"):
            return "note", "It was undone."
        if file.state == InboundState.REFUSED and _has_come_since(file):
            return "good", "Another file has been taken under its number since."
        may_see_lines = self.request.user.has_perm(LINES, file)
        return todo_of(file, all_right=may_see_lines and came_right(file))


def _has_come_since(refused: InboundFile) -> bool:
    """Whether the number under which it was refused is taken by now."""
    others = InboundFile.objects.filter(connection=refused.connection_id, number=refused.number)
    return others.filter(kind=refused.kind, state__in=TAKES_NUMBER).exists()


def _facts(run: NightlyRun) -> list[tuple[str, object]]:
    return [
        ("Organisation", run.organisation),
        ("Business date", written(run.business_date)),
        ("Attempts", run.attempts),
        ("First started", written_at(run.started_at)),
        ("Ended", written_at(run.finished_at) if run.finished_at else ""),
        ("Done by", run.worker),
    ]


def _done_since(run: NightlyRun) -> NightlyRun | None:
    """Of a run that failed, the first of the same that was done after it: what was left went with that."""
    if run.state != RunState.FAILED or run.finished_at is None:
        return None
    same = NightlyRun.objects.filter(organisation=run.organisation_id, job=run.job, subject=run.subject)
    return same.filter(state=RunState.DONE, finished_at__gt=run.finished_at).order_by("finished_at").first()


def _remedies(run: NightlyRun) -> list[str]:
    """What to do about its error."""
    found = [next((do for sign, do in REMEDIES if sign in run.error), ELSE)]
    if run.attempts >= settings.RUN_MAX_ATTEMPTS:
        found.append(
            f"The queue has given up after {run.attempts} attempts: it waits for a person to start it."
        )
    return [*found, AGAIN] if run.job == JOB else found


def _counted(answers: Mapping[str, int], kind: str) -> int:
    return sum(count for one, count in answers.items() if one.startswith(kind))


def _outcomes(counts: Mapping[str, int]) -> Iterator[tuple[str, int, str]]:
    """Lines by outcome, each with its codes."""
    for kind, words in zip(KINDS, WORDS, strict=True):
        codes = [
            (code(one, MEANING.get(one, "")), f"{n:,}") for one, n in sorted(counts.items()) if one[0] == kind
        ]
        yield (
            words,
            _counted(counts, kind),
            format_html_join(" ", '<span class="nowrap">{} {}</span>', codes) or "–",
        )


def _files_out(connection: Connection, told: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    names = [one["name"] for one in told]
    files = {one.name: one for one in OutboundFile.objects.filter(connection=connection, name__in=names)}
    return [{**one, "file": files.get(one["name"])} for one in told]


def _open_holds(connection: Connection) -> str:
    """Where what is held back today waits for a person; empty where nothing does."""
    holds = OutboundHold.objects.filter(connection=connection, settled_at__isnull=True)
    filters = {"settled_at__isempty": "1", "connection": str(connection.pk)}
    return list_of(OutboundHold, filters) if holds.exists() else ""


def in_words(summary: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a job wrote down of itself: names as people write them, counts with their commas."""
    for name, value in summary.items():
        yield capfirst(name.replace("_", " ")), _in_words(value)


def _in_words(value: Any) -> str:
    if isinstance(value, Mapping):
        by_kind = any(isinstance(one, Mapping) for one in value.values())
        told = [f"{name}{':' if by_kind else ''} {_in_words(one)}" for name, one in value.items()]
        return ("; " if by_kind else ", ").join(told)
    if isinstance(value, list):
        return ", ".join(map(_in_words, value))
    return f"{value:,}" if isinstance(value, int) else str(value)

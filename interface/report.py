"""What an exchange did, as an operator reads it in the morning: files, answers by code, what waits and why.

Plain values go in (the nightly run fills them), a table or JSON comes out. Names and messages of a partner's
files are shown as text only: no terminal code or markup in them has any effect.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from interface.decision.codes import MEANING
from interface.models import OutboundKind

PLAIN_WIDTH: Final = 118

# What a state means for the reader, in what colour.
STATES: Final[dict[str, tuple[str, str]]] = {
    "answered": ("answered", "green"),
    "applied": ("decided, not yet answered", "yellow"),
    "accepted": ("accepted, not yet decided", "yellow"),
    "received": ("received, not yet judged", "yellow"),
    "held": ("held", "yellow"),
    "refused": ("refused", "red"),
    "quarantined": ("set aside", "red"),
    "done": ("done", "green"),
    "skipped": ("not done", "yellow"),
    "failed": ("failed", "red"),
}
GUIDE: Final = (
    "What to do about each: docs/operator-guide.md. Every line with its answer: console, Inbound files."
)
CODE_STYLES: Final = {"I": "green", "W": "yellow", "E": "red", "F": "red"}


@dataclass(frozen=True, slots=True)
class FileIn:
    """One file that the partner sent. ``counts`` is records by code; ``answer`` where the answer lies."""

    name: str
    state: str
    code: str = ""
    message: str = ""
    records: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    answer: str = ""

    def counted(self, kinds: str) -> int:
        """Records whose code begins with one of these letters."""
        return sum(count for code, count in self.counts.items() if code[:1] in kinds)


@dataclass(frozen=True, slots=True)
class FileOut:
    """One file for the partner. ``counts``: lines by record type; ``warnings``: what was made plainer."""

    name: str
    kind: str
    records: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    path: str = ""
    warnings: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """One connection's night. ``held``: why its outbound file waits; ``error``: why the run failed.

    ``troubles``: files in In that somebody has to mend there; ``waiting``: what was set aside in nights before.
    """

    connection: str
    business_date: date
    state: str
    inbound: Sequence[FileIn] = ()
    outbound: Sequence[FileOut] = ()
    held: str | None = None
    error: str | None = None
    troubles: Sequence[str] = ()
    waiting: Sequence[str] = ()

    @property
    def left_undone(self) -> list[str]:
        """What was asked for and not done, a sentence a cause; refused and held files were dealt with."""
        set_aside = [
            f"{file.name} was set aside. {file.message}"
            for file in self.inbound
            if file.state == "quarantined"
        ]
        return [*([self.error] if self.error else []), *set_aside, *self.troubles]


def console_for(stream: Any) -> Console:
    """A console on a text stream: as wide as the terminal, or plain and of a fixed width in a pipe."""
    if stream.isatty():
        return Console(file=stream, highlight=False)
    return Console(file=stream, highlight=False, width=PLAIN_WIDTH, no_color=True, force_terminal=False)


def as_json(reports: Iterable[ConnectionReport]) -> str:
    """The whole summary as one JSON object."""
    return json.dumps({"connections": [asdict(report) for report in reports]}, default=str)


def show(reports: Iterable[ConnectionReport], console: Console) -> None:
    """Print what every connection's night came to."""
    all_reports = list(reports)
    for report in all_reports:
        _show_connection(report, console)
    if not all_reports:
        console.print("No connection to exchange with: connections come from load_setup or the console.")


def _show_connection(report: ConnectionReport, console: Console) -> None:
    words, colour = STATES.get(report.state, (report.state, "yellow"))
    heading = Text.assemble(
        (plain(report.connection), "bold"), f"  {report.business_date:%a %d %b %Y}  ", (words, colour)
    )
    console.rule(heading, align="left", style="dim")
    if report.state == "done" and not (report.inbound or report.outbound or report.held):
        console.print(
            Padding(Text("No file came, and there was nothing to send."), (0, 0, 1, 2), expand=False)
        )
    for part in (_inbound(report.inbound), _codes(report.inbound), _outbound(report.outbound)):
        if part is not None:
            console.print(Padding(part, (0, 0, 0, 2), expand=False))
    for note in _notes(report):
        console.print(Padding(note, (0, 0, 1, 2), expand=False))


def _table(title: str, *columns: str) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1),
    )
    for column in columns:
        number = column[:1] == "#"
        table.add_column(column.lstrip("#"), justify="right" if number else "left", no_wrap=number)
    return table


def _inbound(files: Sequence[FileIn]) -> Table | None:
    if not files:
        return None
    table = _table("From the LMS", "file", "state", "#records", "#ok", "#warned", "#failed")
    for file in files:
        words, colour = STATES.get(file.state, (file.state, "yellow"))
        state = f"{words} {file.code}".strip()
        numbers = [_number(file.counted(kinds)) for kinds in ("I", "W", "E")]
        table.add_row(_name(file.name), Text(state, style=colour), _number(file.records), *numbers)
    return table


def _codes(files: Sequence[FileIn]) -> Table | None:
    counts: dict[str, int] = {}
    for file in files:
        for code, count in file.counts.items():
            counts[code] = counts.get(code, 0) + count
    if not counts:
        return None
    table = _table("Answers by code", "code", "#records", "meaning")
    for code in sorted(counts, key=lambda code: ("IWE".find(code[:1]), code)):
        style = CODE_STYLES.get(code[:1], "")
        table.add_row(Text(code, style=style), _number(counts[code]), Text(MEANING.get(code, "")))
    return table


def _outbound(files: Sequence[FileOut]) -> Table | None:
    if not files:
        return None
    table = _table("For the LMS, in Out", "file", "what it is", "#lines", "of which")
    for file in files:
        of_which = "  ".join(f"{kind} {count:,}" for kind, count in file.counts.items() if count)
        table.add_row(_name(file.name), Text(_kind(file.kind)), _number(file.records), Text(of_which))
    return table


def _kind(kind: str) -> str:
    return str(OutboundKind(kind).label) if kind in OutboundKind.values else kind


def _notes(report: ConnectionReport) -> Iterable[Text]:
    for file in report.inbound:
        if file.code:
            words, colour = STATES.get(file.state, (file.state, "yellow"))
            yield _note(f"{file.name} is {words} ({file.code}). {file.message}", colour)
    for sent in report.outbound:
        if sent.warnings:
            what = ", ".join(f"{count:,} {kind}" for kind, count in sent.warnings.items())
            yield _note(f"{sent.name}: values made fit for the encoding: {what}.", "yellow")
    yield from (_note(sentence, "yellow") for sentence in report.waiting)
    if report.held:
        yield _note(f"Held back: {report.held}", "yellow")
    for cause in report.left_undone:
        failed = "Failed: " if report.state == "failed" and cause == report.error else ""
        yield _note(failed + cause, "red")
    if any(file.code or file.counted("WE") for file in report.inbound) or report.left_undone:
        yield Text(GUIDE, style="dim")
    if answers := _places(report):
        yield Text("Where they lie:\n" + "\n".join(f"  {plain(path)}" for path in answers), style="dim")


def _places(report: ConnectionReport) -> list[str]:
    paths = {sent.path for sent in report.outbound} | {file.answer for file in report.inbound}
    return sorted(paths - {""})


def _note(sentence: str, colour: str) -> Text:
    return Text(plain(sentence), style=colour)


def _name(name: str) -> Text:
    return Text(plain(name), overflow="fold")


def _number(count: int) -> Text:
    return Text(f"{count:,}" if count else "–", style="" if count else "dim")


def plain(text: str) -> str:
    """A partner's text without anything that a terminal would obey."""
    return "".join(character if character.isprintable() else "�" for character in text)

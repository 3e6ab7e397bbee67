"""A Learning Management System: reads its Out folder, keeps a picture of the record, writes into In.

It knows what the wire format says and what the other end answered, nothing else, and complains of every
file that breaks the format: a gap or a change in what was sent, a record out of order, an answer too many.
"""

import calendar
import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from tests.simulation import wire
from tests.simulation.picture import UNKNOWN, Picture, Row
from tests.simulation.wire import WireFile, claim


@dataclass
class Completion:
    """What this LMS knows of a completion of its own, by its reference."""

    reference: str
    person: str
    course: str
    on: date
    expires: date | None
    level: str
    method: str
    updated: datetime
    line: str = ""  # as last sent
    withdrawn: bool = False
    held: tuple[str, ...] = ()  # element ids, as last answered
    code: str = ""
    answered_in: int = 0


@dataclass(frozen=True)
class Entry:
    """A line to send: LUA or LUD of a completion as it stands now, or (no verb) one that changes nothing."""

    verb: str
    completion: Completion | None
    line: str
    codes: frozenset[str] = frozenset()  # that may answer it; none: no answer at all


@dataclass
class Sent:
    """A file of ours, kept until it is answered, and after: it may be sent again."""

    name: str
    number: int
    text: bytes
    lines: list[str]
    this_run: str
    codes: dict[int, frozenset[str]]
    follows: int  # the last file we had read
    completions: dict[int, tuple[str, Completion]] = field(default_factory=dict)  # by line number, as sent
    answer: bytes | None = None


def last_day(on: date, frequency: str, units: str) -> date | None:
    """Valid through: the day before the anniversary; that of 29 February may be 28 February."""
    if not frequency:
        return None
    months = int(frequency) * (12 if units == "Year" else 1)
    year, month = on.year + (on.month - 1 + months) // 12, (on.month - 1 + months) % 12 + 1
    return date(year, month, min(on.day, calendar.monthrange(year, month)[1])) - timedelta(days=1)


class Lms:
    """One LMS of one organisation."""

    def __init__(self, folder: Path, vpd: str, courses: dict[str, list[str]], own_dates: set[str]) -> None:
        self.inbox, self.outbox, self.vpd = folder / "In", folder / "Out", vpd
        self.courses = courses  # as agreed: course code → competence names
        self.own_dates = own_dates  # as agreed: courses whose expiry date we set
        self.picture = Picture()
        self.next_number = 1
        self.sent: dict[str, Sent] = {}
        self.seen: dict[str, str] = {}  # every file read, by name → sha256
        self.outbound_last = 0
        self.last_run = wire.NO_RUN
        self.waiting: dict[int, tuple[str, bytes]] = {}  # behind a gap
        self.completions: dict[str, Completion] = {}
        self.refusals: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()
        # Elements answered W201: the number of the file that must have carried them, and how we held them.
        self.awaited: dict[tuple[str, ...], tuple[int, list[Row | None]]] = {}
        self.complaints: list[str] = []
        self.tonight = 0
        # How we hold what we told ourselves, or nothing for what we withdrew, and when that was answered.
        self.own: dict[str, tuple[Row | None, str]] = {}

    # --- What comes in -------------------------------------------------------------------------------

    def collect(self) -> list[str]:
        """Read and take away what lies in Out, in the order in which it was made. The names read."""
        names = sorted(path.name for path in self.outbox.iterdir())
        claim(not [name for name in names if not name.endswith(".DAT")], f"half a file in Out: {names}")
        self.tonight = max(
            (int(name.split("_")[5][:8]) for name in names if name.startswith("GO_")), default=0
        )
        files = [(name, (self.outbox / name).read_bytes()) for name in names]
        for name, data in sorted(files, key=lambda file: (wire.read(*file).created, file[0])):
            (self.outbox / name).unlink()
            self._once(name, data)
            if name.startswith("GI_"):
                self._answer(name, data)
            else:
                self._outbound(name, data)
        return names

    def _once(self, name: str, data: bytes) -> None:
        digest = hashlib.sha256(data).hexdigest()
        claim(self.seen.setdefault(name, digest) == digest, f"{name} has changed since it was published")

    def _outbound(self, name: str, data: bytes) -> None:
        found = wire.OUT_NAME.fullmatch(name)
        claim(found and found[1] == self.vpd, f"not an outbound file's name: {name}")
        assert found is not None
        number = int(found[5])
        if number <= self.outbound_last:
            return  # published again: seen to hold the same bytes
        if found[3] == "GOF":
            self.waiting = {kept: file for kept, file in self.waiting.items() if kept > number}
            self._apply(number, wire.read(name, data), full=True)
        else:
            claim(self.outbound_last, f"the first file is not a full one: {name}")
            self.waiting[number] = (name, data)
        while (following := self.outbound_last + 1) in self.waiting:
            self._apply(following, wire.read(*self.waiting.pop(following)), full=False)

    @property
    def missing(self) -> list[int]:
        """Numbers of outbound files that have not come, though later ones have."""
        return [
            number
            for number in range(self.outbound_last + 1, max(self.waiting, default=0))
            if number not in self.waiting
        ]

    def _apply(self, number: int, file: WireFile, *, full: bool) -> None:
        claim(file.vpd == self.vpd, f"{file.name} is of VPD {file.vpd}")
        if not full:
            chained = file.previous_run == self.last_run
            claim(chained, f"{file.name}: previous run {file.previous_run}, not {self.last_run}")
        claim(file.this_run >= self.last_run, f"{file.name}: runs go backwards")
        self.picture.apply(file, full=full, in_the_dark=bool(self.unanswered))
        for key, (own, answered) in self.own.items():
            if answered > file.created:  # a file that came late: what we were told since still holds
                self._put(key, own)
        self.outbound_last, self.last_run = number, file.this_run
        self._settle_awaited(number)

    def _settle_awaited(self, number: int) -> None:
        for keys in [keys for keys, (due, _) in self.awaited.items() if due <= number]:
            _, before = self.awaited.pop(keys)
            if [self.picture.elements.get(key) for key in keys] == before:
                self.complaints.append(f"{keys} were answered W201, and by file {number} none was carried")

    # --- Answers -------------------------------------------------------------------------------------

    def _answer(self, name: str, data: bytes) -> None:
        found = wire.ANSWER_NAME.fullmatch(name)
        claim(found and found[1] == self.vpd, f"not an answer's name: {name}")
        assert found is not None
        file = wire.read(name, data)
        claim(file.rows and file.rows[0][0] == "LFC" and len(file.rows[0]) == 9, f"{name}: no LFC first")
        lfc = file.rows[0]
        if found[3] == "LCR":
            claim(len(file.rows) == 1 and lfc[2] == "REFUSED" and lfc[3].startswith("F"), f"{name}: {lfc}")
            self.refusals[lfc[3]] += 1
            return
        sent = self.sent.get(lfc[1])
        claim(sent, f"{name} answers {lfc[1]}, which we did not send")
        assert sent is not None
        claim(name == sent.name.replace("_LCU_", "_LCC_"), f"{name} answers {sent.name}")
        claim(lfc[2] == "ACCEPTED", f"{name}: {lfc}")
        if sent.answer is None:
            sent.answer = data
            self._check_answers(file, sent)
            self._learn(file, sent)
        claim(sent.answer == data, f"{name} answers otherwise than before")

    def _check_answers(self, file: WireFile, sent: Sent) -> None:
        answers = file.rows[1:]
        claim(all(cells[0] == "LUC" and len(cells) == 9 for cells in answers), f"{file.name}: a LUC is amiss")
        lines = [(at, line.split("~")) for at, line in enumerate(sent.lines, start=2) if line.strip()]
        told = [(int(cells[1]), cells[2]) for cells in answers]
        wanted = [(at, cells[1] if cells[0] in {"LUA", "LUD"} else "") for at, cells in lines]
        claim(told == wanted, f"{file.name} answers {told}, not {wanted}")
        statuses = Counter(cells[3] for cells in answers)
        warned = sum(1 for cells in answers if cells[4] == "WARNING")
        counts = [str(number) for number in (len(answers), statuses["SUCCESS"], warned, statuses["FAIL"])]
        claim(file.rows[0][5:] == counts, f"{file.name}: {file.rows[0]}, and we count {counts}")
        claim(
            (file.previous_run, file.this_run) == (wire.NO_RUN, sent.this_run),
            f"{file.name}: other run timestamps",
        )

    def _learn(self, file: WireFile, sent: Sent) -> None:
        self.answering = file.created
        for cells in file.rows[1:]:
            self.codes[cells[5]] += 1
            allowed = sent.codes[int(cells[1])]
            if cells[5] not in allowed:
                line = sent.lines[int(cells[1]) - 2]
                self.complaints.append(f"{file.name} answers {line!r} with {cells}, not {sorted(allowed)}")
            if int(cells[1]) not in sent.completions:
                continue
            verb, told = sent.completions[int(cells[1])]
            known = self.completions[told.reference]
            if sent.number < known.answered_in:
                continue
            known.answered_in = sent.number
            ids = tuple(cells[8].split("|")) if cells[8] else ()
            known.code = cells[5]
            if verb == "LUD":
                self._forget(known)
            elif cells[5] in {"I100", "I101", "W200", "W201"}:
                claim(ids, f"{file.name}: {cells} names no element")
                self._forget(known, but=ids)
                known.held = ids
                self._hold(told, ids, cells[5], late=self.outbound_last > sent.follows)

    def _forget(self, known: Completion, but: tuple[str, ...] = ()) -> None:
        for key in known.held:
            if key not in but:
                self.own[key] = (None, self.answering)
                self._put(key, None)
        known.held = but

    def _put(self, key: str, row: Row | None) -> None:
        if row is None:
            self.picture.elements.pop(key, None)
        elif key not in self.picture.deleted and row[1] in self.picture.persons:
            self.picture.elements[key] = row

    def _hold(self, told: Completion, ids: tuple[str, ...], code: str, *, late: bool) -> None:
        """Our own completion, as far as we can know how it is held."""
        for key in ids:
            self.own[key] = (self._row(told, key, code, late=late), self.answering)
            self._put(key, self.own[key][0])
        if code == "W201" and self.tonight and not late:
            self.awaited[ids] = (self.tonight, [self.picture.elements.get(key) for key in ids])

    def _row(self, told: Completion, key: str, code: str, *, late: bool) -> Row:
        names = self.courses[told.course]
        ends = {self._ends(told, name) for name in names}
        ends_on = wire.ymd(ends.pop()) if len(ends) == 1 else UNKNOWN
        if code == "W201":
            # The answer may be older than the file which carried the date that rules.
            ends_on = UNKNOWN if late else wire.ymd(told.expires)
        elif code == "W200" and told.expires is not None and ends_on != wire.ymd(told.expires):
            ends_on = UNKNOWN
        cells = ["CMA", told.person, key, *[UNKNOWN] * 24]
        cells[5] = names[0] if len(names) == 1 else UNKNOWN
        cells[6], cells[7], cells[8] = wire.ymd(told.on), ends_on, told.level or UNKNOWN
        cells[11] = told.method
        return wire.content(cells)

    def _ends(self, told: Completion, name: str) -> date | None:
        if told.course in self.own_dates and told.expires is not None:
            return told.expires
        for cells in self.picture.competences.values():
            if cells[2] == name:
                return last_day(told.on, cells[10], cells[11])
        raise wire.WireError(f"we hold {name}, and nobody sent its CDA")

    # --- What goes out -------------------------------------------------------------------------------

    def compose(self, day: date, entries: list[Entry]) -> Sent:
        """The next file."""
        name = wire.completions_name(self.vpd, day, self.next_number)
        lines = [entry.line for entry in entries]
        this_run = wire.ts(datetime.combine(day, datetime.min.time()) + timedelta(hours=20))
        text = wire.envelope(name, self.vpd, lines, this_run=this_run).encode("iso-8859-1")
        codes = {at: entry.codes for at, entry in enumerate(entries, start=2)}
        sent = Sent(name, self.next_number, text, lines, this_run, codes, self.outbound_last)
        for at, entry in enumerate(entries, start=2):
            if entry.completion is not None:
                if entry.verb == "LUA":
                    entry.completion.line = entry.line
                sent.completions[at] = (entry.verb, replace(entry.completion))
        self.sent[name] = sent
        self.next_number += 1
        return sent

    def deliver(self, sent: Sent, cut: int = 0) -> None:
        """Lay the file into In, cut short by some bytes where the line broke down."""
        (self.inbox / sent.name).write_bytes(sent.text[: len(sent.text) - cut])

    def ask_for_full_file(self, day: date, number: int) -> None:
        """Lay a re-seed request into In."""
        name = wire.completions_name(self.vpd, day, number, kind="GDR")
        stamp = wire.ts(datetime.combine(day, datetime.min.time()) + timedelta(hours=20, seconds=number))
        (self.inbox / name).write_bytes(f"HDR~{name}~{stamp}\n".encode())

    @property
    def unanswered(self) -> list[Sent]:
        """What we sent and have no answer to, in number order."""
        return sorted(
            (sent for sent in self.sent.values() if sent.answer is None), key=lambda sent: sent.number
        )

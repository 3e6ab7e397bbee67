"""What happens in the LMS on one day: people learn; records are repeated, amended, late, withdrawn."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random

from tests.simulation import wire
from tests.simulation.lms import Completion, Entry, Lms
from tests.simulation.picture import APPLICANT, EMPLOYEE

HELD = {"I100", "I101", "W200", "W201"}
# Somebody may have left, or been deleted, before we were told.
GONE = {"E310", "E312"}
LEVELS = ["", "1 - Attended", "2 - Passed"]
METHODS = ["", "e-learning", "Classroom"]


class Classroom:
    """One LMS's learners and its bad habits."""

    def __init__(self, lms: Lms, rng: Random) -> None:
        self.lms, self.rng, self.count = lms, rng, 0

    def day(self, day: date) -> list[Entry]:
        """The entries of the day's file. No completion is touched twice in one file, but to repeat its line."""
        habits: dict[Callable[[date], list[Entry]], int] = {
            self._learns: 8,
            self._repeats: 3,
            self._amends: 3,
            self._is_late: 2,
            self._withdraws: 2,
            self._books_twice: 1,
            self._adds_again: 2,
            self._blunders: 2,
        }
        chosen = self.rng.choices(list(habits), list(habits.values()), k=self.rng.randint(0, 9))
        self.busy: set[str] = {
            completion.reference
            for sent in self.lms.unanswered
            for _, completion in sent.completions.values()
        }
        entries = [entry for habit in chosen for entry in habit(day)]
        if entries and self.rng.random() < 0.2:
            entries.append(Entry("", None, " "))  # a blank line: no record, but it has its number
        return entries

    def _line(self, completion: Completion, **other: str) -> str:
        person = self.lms.picture.persons[completion.person]
        key = (
            {"number": person[4]} if person[4] and self.rng.random() < 0.7 else {"person": completion.person}
        )
        last = person[6]
        values = {
            "last": last.upper() if self.rng.random() < 0.2 else last,
            "born": person[13],
            "course": completion.course,
            "on": wire.ymd(completion.on),
            "expires": wire.ymd(completion.expires),
            "level": completion.level,
            "method": completion.method,
            "updated": wire.ts(completion.updated),
        }
        return wire.lua(completion.reference, **{**key, **values, **other})

    def _stamp(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, 8) + timedelta(seconds=self.rng.randrange(36000))

    def _known(self, *, held: bool) -> Completion | None:
        fitting = [
            completion
            for completion in self.lms.completions.values()
            if completion.reference not in self.busy
            and completion.person in self.lms.picture.persons
            and (bool(completion.held) and completion.code in HELD if held else completion.withdrawn)
        ]
        if not fitting:
            return None
        chosen = self.rng.choice(fitting)
        self.busy.add(chosen.reference)
        return chosen

    def _learns(self, day: date) -> list[Entry]:
        learners = [
            person for person, state in self.lms.picture.accounts.items() if state in {APPLICANT, EMPLOYEE}
        ]
        if not learners:
            return []
        self.count += 1
        on = day - timedelta(days=self.rng.randint(0, 40))
        completion = Completion(
            f"C{self.count:05}", self.rng.choice(learners), self.rng.choice(sorted(self.lms.courses)), on,
            self._expiry(on), self.rng.choice(LEVELS), self.rng.choice(METHODS), self._stamp(day),
        )  # fmt: skip
        self.lms.completions[completion.reference] = completion
        self.busy.add(completion.reference)
        entry = Entry(
            "LUA", completion, self._line(completion), frozenset({"I100", "W200", "W201", "W202", *GONE})
        )
        if self.rng.random() < 0.1:
            again = frozenset({"I102", "W202", *GONE})
            return [entry, Entry("", None, entry.line, again)]
        return [entry]

    def _expiry(self, on: date) -> date | None:
        years = self.rng.choice([0, 0, 1, 2, 3])
        return on + timedelta(days=365 * years - self.rng.randint(0, 2)) if years else None

    def _repeats(self, day: date) -> list[Entry]:
        known = self._known(held=True)
        if known is None:
            return []
        # Every column but Last Update as it was: another spelling of the name would be other content.
        stamp = self._stamp(day) if self.rng.random() < 0.3 else known.updated
        line = known.line.rpartition("~")[0] + f"~{wire.ts(stamp)}"
        return [Entry("", None, line, frozenset({"I102", *GONE}))]

    def _amends(self, day: date) -> list[Entry]:
        known = self._known(held=True)
        if known is None or self._stamp(day) <= known.updated:
            return []
        known.level = self.rng.choice([level for level in LEVELS if level != known.level])
        known.expires = self._expiry(known.on)
        known.updated = datetime(day.year, day.month, day.day, 19)
        return [Entry("LUA", known, self._line(known), frozenset({"I101", "W200", "W201", *GONE}))]

    def _is_late(self, day: date) -> list[Entry]:
        known = self._known(held=True)
        if known is None or known.code in {"W202"}:
            return []
        stale = wire.ts(known.updated - timedelta(days=self.rng.randint(1, 9)))
        line = self._line(known, level="9 - Superseded", updated=stale)
        return [Entry("", None, line, frozenset({"W203", *GONE}))]

    def _withdraws(self, day: date) -> list[Entry]:
        if self.rng.random() < 0.2:
            return [Entry("", None, wire.lud(f"NEVER-{self.rng.randrange(10**6)}"), frozenset({"W204"}))]
        known = self._known(held=True)
        if known is None:
            return []
        known.withdrawn = True
        return [Entry("LUD", known, wire.lud(known.reference), frozenset({"I103"}))]

    def _books_twice(self, day: date) -> list[Entry]:
        """The same course of the same day under another reference."""
        known = self._known(held=True)
        if known is None:
            return []
        self.count += 1
        return [
            Entry(
                "",
                None,
                self._line(known).replace(known.reference, f"T{self.count:05}"),
                frozenset({"W202", *GONE}),
            )
        ]

    def _adds_again(self, day: date) -> list[Entry]:
        known = self._known(held=False)
        if known is None:
            return []
        newer = datetime(day.year, day.month, day.day, 19)
        if newer <= known.updated:
            return []
        known.withdrawn, known.updated, known.level = False, newer, "3 - Again"
        return [Entry("LUA", known, self._line(known), frozenset({"I100", "W200", "W201", "W202", *GONE}))]

    def _blunders(self, day: date) -> list[Entry]:
        learners = sorted(self.lms.picture.accounts)
        if not learners:
            return []
        completion = Completion(
            f"BAD-{self.rng.randrange(10**6)}", self.rng.choice(learners), sorted(self.lms.courses)[0], day,
            None, "", "", self._stamp(day),
        )  # fmt: skip
        wrong: dict[str, dict[str, str]] = {
            "E301": {"last": ""},
            "E302": {"on": "20261332"},
            "E311": {"born": "19010101"},
            "E320": {"course": "COOKING"},
            "E330": {"on": wire.ymd(day + timedelta(days=9))},
            "E331": {"expires": wire.ymd(day)},
        }
        code = self.rng.choice([*wrong, "E300"])
        line = "LUX~what" if code == "E300" else self._line(completion, **wrong[code])
        return [Entry("", None, line, frozenset({code} if code < "E310" else {code, *GONE}))]

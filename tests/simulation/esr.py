"""A small staff record that lives: people apply, join, marry, move, renew, leave. It writes GO extracts."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random

from tests.simulation import wire

OFFERS = ["Offered Post Conditional", "Offered Post Unconditional", "Offer Accepted"]
EARLY = ["Active Application", "Interview"]
LAST_NAMES = [
    "Achebe",
    "O'Brien",
    "Fernández-Hale",
    "Whitlock",
    "Müller",
    "Ní Dhúill",
    "Lászky",
    "Smythe",
    "Ångström",
]
FIRST_NAMES = ["Ngozi", "Inés", "Tomasz", "Aoife", "Jo", "Zoë", "Priya", "Sam", "André"]
POSITIONS = {"7001": "Staff Nurse", "7002": "Specialty Registrar", "7003": "Porter", "7004": "Pharmacist"}


@dataclass(frozen=True)
class Version:
    """A person with their one job, as the record says from one day on."""

    start: date
    last: str
    kind: str  # EMP, APL, EX_EMP, EX_APL
    status: str
    position: str
    number: str = ""
    previous: str = ""
    hired: date | None = None
    left: date | None = None
    end: date | None = None


@dataclass
class Human:
    """One person of the record."""

    person: str
    assignment: str
    first: str
    born: date
    versions: list[Version]
    deleted: bool = False

    def on(self, day: date) -> Version | None:
        """The version in force."""
        fitting = [one for one in self.versions if one.start <= day and (one.end is None or one.end >= day)]
        return fitting[-1] if fitting else None

    def change(self, day: date, **values: object) -> None:
        """From this day on otherwise; what was known of later days falls."""
        earlier = [one for one in self.versions if one.start < day]
        last = self.on(day) or self.versions[-1]
        self.versions = [
            replace(one, end=min(one.end or day, day - timedelta(days=1))) for one in earlier
        ] + [replace(last, start=day, end=None, **values)]  # type: ignore[arg-type]  # names of its fields


@dataclass
class Holding:
    """A competence held, as the record says (not the LMS)."""

    element: str
    person: str
    competence: str
    name: str
    since: date
    until: date | None


@dataclass
class StaffRecord:
    """One organisation's record and its extracts."""

    vpd: str
    rng: Random
    competences: dict[str, str]  # national ones, id → name
    people: dict[str, Human] = field(default_factory=dict)
    holdings: dict[str, Holding] = field(default_factory=dict)
    were_in_scope: set[str] = field(default_factory=set)
    number: int = 311
    next_id: int = 40000

    def begin(self, day: date, count: int) -> None:
        """The staff that is there on the first day."""
        for _ in range(count):
            self._joins(day - timedelta(days=self.rng.randint(30, 2000)))
        for _ in range(count // 5):
            self._applies(day - timedelta(days=3))
        for _ in range(count):
            self._renews(day)

    def live(self, day: date) -> None:
        """What a day brings. Changes are in the next extract."""
        events: dict[Callable[[date], None], int] = {
            self._joins: 2,
            self._applies: 3,
            self._decides: 6,
            self._leaves: 2,
            self._marries: 2,
            self._moves: 2,
            self._renews: 5,
            self._forgets: 1,
            self._is_deleted: 1,
        }
        chosen = self.rng.choices(list(events), list(events.values()), k=self.rng.randint(0, 5))
        self.touched: set[str] = set()
        self.deletes: list[str] = []
        self.changed_holdings: set[str] = set()
        for event in chosen:
            event(day)

    # --- Events --------------------------------------------------------------------------------------

    def _new(self, version: Version) -> None:
        self.next_id += 1
        key = str(self.next_id)
        born = date(1960, 1, 1) + timedelta(days=self.rng.randrange(15000))
        human = Human(key, f"7{key}", self.rng.choice(FIRST_NAMES), born, [version])
        self.people[key] = human
        self._touch(human)

    def _touch(self, human: Human) -> None:
        self.touched = {*getattr(self, "touched", ()), human.person}

    def _joins(self, day: date) -> None:
        start = day + timedelta(days=self.rng.choice([0, 0, 3]))
        number = f"251{self.next_id:05}"
        position = self.rng.choice(sorted(POSITIONS))
        self._new(Version(start, self._name(), "EMP", "Active Assignment", position, number, hired=start))

    def _applies(self, day: date) -> None:
        status = self.rng.choice([*EARLY, OFFERS[0], OFFERS[0]])
        self._new(Version(day, self._name(), "APL", status, self.rng.choice(sorted(POSITIONS))))

    def _name(self) -> str:
        return self.rng.choice(LAST_NAMES)

    def _some(self, day: date, *kinds: str) -> Human | None:
        fitting = [
            human
            for human in self.people.values()
            if not human.deleted
            and human.versions[-1].start < day
            and (version := human.on(day)) is not None
            and version.kind in kinds
        ]
        return self.rng.choice(fitting) if fitting else None

    def _decides(self, day: date) -> None:
        human = self._some(day, "APL")
        if human is None:
            return
        status = human.versions[-1].status
        self._touch(human)
        if self.rng.random() < 0.1:
            human.change(day, status="Withdrawn")
        elif status == OFFERS[-1]:
            number = f"252{human.person}"
            human.change(day, kind="EMP", status="Active Assignment", number=number, hired=day)
        else:
            human.change(day, status=OFFERS[OFFERS.index(status) + 1] if status in OFFERS else OFFERS[0])

    def _leaves(self, day: date) -> None:
        human = self._some(day, "EMP")
        if human is None:
            return
        last_day = day + timedelta(days=self.rng.choice([0, 0, 5]))
        human.change(last_day + timedelta(days=1), kind="EX_EMP", left=last_day)
        self._touch(human)

    def _marries(self, day: date) -> None:
        human = self._some(day, "EMP", "APL")
        if human is not None:
            human.change(day, last=f"{self._name()}-{self._name()}", previous=human.versions[-1].last)
            self._touch(human)

    def _moves(self, day: date) -> None:
        human = self._some(day, "EMP")
        if human is not None:
            human.change(day, position=self.rng.choice(sorted(POSITIONS)))
            self._touch(human)

    def _renews(self, day: date) -> None:
        human = self._some(day, "EMP")
        if human is None:
            return
        competence = self.rng.choice([*sorted(self.competences), "LOCAL"])
        self.next_id += 1
        since = day - timedelta(days=self.rng.randint(0, 300))
        name = self.competences.get(competence, f"{self.vpd}|LOCAL|Coffee Machine|")
        until = since + timedelta(days=729)
        holding = Holding(f"10{self.next_id}", human.person, competence, name, since, until)
        self.holdings[holding.element] = holding
        self.changed_holdings = {*getattr(self, "changed_holdings", ()), holding.element}

    def _forgets(self, day: date) -> None:
        if not self.holdings:
            return
        holding = self.holdings[self.rng.choice(sorted(self.holdings))]
        if self.rng.random() < 0.5 and not self.people[holding.person].deleted:
            holding.until = holding.since + timedelta(days=364)
            self.changed_holdings.add(holding.element)
        elif holding.element not in self.changed_holdings:
            del self.holdings[holding.element]
            self.deletes.append(f"CMD~{holding.element}")

    def _is_deleted(self, day: date) -> None:
        human = self._some(day, "EMP", "APL")
        if human is None or self.rng.random() < 0.7:
            return
        human.deleted = True
        self.touched.discard(human.person)
        for key in [key for key, holding in self.holdings.items() if holding.person == human.person]:
            del self.holdings[key]
            self.changed_holdings.discard(key)
            self.deletes.append(f"CMD~{key}")
        self.deletes += [f"ASD~{human.assignment}", f"PRD~{human.person}"]

    # --- Extracts ------------------------------------------------------------------------------------

    def extract(self, day: date, *, full: bool) -> tuple[str, bytes]:
        """The file of the night: everything, or what a day brought."""
        name = f"GO_{self.vpd}_GDW_{'GOF' if full else 'GOC'}_{wire.ymd(day)}_{self.number:08}.DAT"
        self.number += 1
        lines: list[str] = []
        for human in self.people.values():
            if not human.deleted and (full or human.person in self.touched):
                lines += self._rows(human, day)
        for holding in self.holdings.values():
            if full or holding.element in self.changed_holdings:
                lines.append(self._held(holding, day))
        lines += [] if full else self.deletes
        midnight = datetime.combine(day, datetime.min.time())
        text = wire.envelope(
            name,
            self.vpd,
            lines,
            this_run=wire.ts(midnight),
            previous_run=wire.ts(midnight - timedelta(days=1)),
        )
        return name, text.encode("iso-8859-1")

    def _rows(self, human: Human, day: date) -> list[str]:
        rows = []
        for one in human.versions:
            spelt = {"EMP": "Employee", "APL": "Applicant", "EX_EMP": "Ex-employee"}[one.kind]
            rows.append(
                wire.row(
                    "PRA", c1=human.person, c2=one.start, c3=one.end, c4=one.number, c5="Mx", c6=one.last,
                    c7=human.first, c11=one.previous, c12="F", c13=human.born, c14="QQ123456C", c16=one.hired,
                    c17=one.left, c22="A", c33=one.kind, c34=spelt, c35=f"p{human.person}@example.org",
                    c38=day, c39="No",
                )
            )  # fmt: skip
            ended = one.kind == "EX_EMP"
            status = "TERM_ASSIGN" if ended else "ACTIVE_ASSIGN" if one.kind == "EMP" else "OFFER"
            rows.append(
                wire.row(
                    "ASA", c1=human.person, c2=human.assignment, c3=one.start, c4=one.end,
                    c5=human.versions[0].start, c6="A" if one.kind == "APL" else "E", c7=one.number, c8=status,
                    c9="Terminate Assignment" if ended else one.status, c11=f"{self.vpd} Monthly", c21="Yes",
                    c28=one.position, c29=f"{self.vpd}|{POSITIONS[one.position]}|001|",
                    c34=f"Group|{POSITIONS[one.position]}|", c44=f"{wire.ymd(day)} 090000", c48=one.left,
                )
            )  # fmt: skip
        return rows

    def _held(self, holding: Holding, day: date) -> str:
        known = holding.competence if holding.competence != "LOCAL" else "4455667"
        return wire.row(
            "CMA", c1=holding.person, c2=holding.element, c3="PERSONAL", c4="ACHIEVED", c5=holding.name,
            c6=holding.since, c7=holding.until, c8="1 - Attended",
            c9=self.vpd if holding.competence == "LOCAL" else "", c13=known, c22=f"{wire.ymd(day)} 070336",
        )  # fmt: skip

    # --- What is true --------------------------------------------------------------------------------

    def in_scope(self, day: date) -> dict[str, str]:
        """Employees and applicants with an offer, by Person ID, with their last names."""
        found = {}
        for human in self.people.values():
            version = human.on(day)
            if human.deleted or version is None:
                continue
            if version.kind == "EMP" or (version.kind == "APL" and version.status in OFFERS):
                found[human.person] = version.last
        self.were_in_scope |= found.keys()
        return found

    def leavers(self, day: date) -> dict[str, int]:
        """Those of the people who were in scope and have left, with the days since."""
        return {
            human.person: (day - version.left).days
            for human in self.people.values()
            if not human.deleted and human.person in self.were_in_scope
            if (version := human.on(day)) is not None and version.left is not None and version.left < day
        }

"""Sixty nights of a trust and its LMS, with what goes wrong on the way; at the end both hold the same.

Each night: the staff record writes an extract, the LMS a file, the product runs; then the LMS reads what it got.
Files are lost, cut, repeated and late in both directions. Everything is drawn from a seed.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from random import Random

import pytest
import time_machine
from django.core.management import call_command
from pytest_django import Settings

from interface.models import InboundFile, InboundState, OutboundFile, OutboundKind
from interface.publishing import publish
from tests.simulation.esr import StaffRecord
from tests.simulation.learning import Classroom
from tests.simulation.lms import Lms, Sent
from tests.simulation.picture import Picture, agree

VPD = "277"
FIRST = date(2026, 1, 12)
NIGHTS = 60
RETENTION = 20
COMPETENCES = {
    "900001": ("NHS|CSTF|NHS Conflict Resolution (England) - 3 Years|", "Conflict Resolution", "", "3"),
    "900004": ("NHS|CSTF|Fire Safety - 2 Years|", "Fire Safety", "", "2"),
    "900021": ("NHS|CSTF|Safeguarding Adults - Level 1 - 3 Years|", "Safeguarding Adults", "1", "3"),
    "900022": ("NHS|CSTF|Safeguarding Adults - Level 2 - 3 Years|", "Safeguarding Adults", "2", "3"),
    "900030": ("NHS|CSTF|Preventing Radicalisation - Basic Prevent Awareness|", "", "", ""),
}
COURSES = {
    "FIRE": ["900004"],
    "CONFLICT": ["900001"],
    "ADULTS": ["900021", "900022"],
    "MIXED": ["900004", "900001"],
    "OWN-DATE": ["900022"],
}
OWN_DATES = {"OWN-DATE"}


def lay_setup(folder: Path) -> None:
    folder.mkdir()
    (folder / "organisations.csv").write_text(
        "vpd,ods_code,name,region,cstf_aligned_on,auto_iat\n277,RXX,Northmoor,North,2020-06-01,no\n"
    )
    rows = [
        f',{key},"{name}",{subject},{level},,{years},{"Year" if years else ""},,'
        for key, (name, subject, level, years) in COMPETENCES.items()
        if subject
    ]
    (folder / "competences.csv").write_text(
        "vpd,competence_id,name,subject,level,variant,renewal_frequency,renewal_units,date_from,date_to\n"
        + "\n".join(rows)
        + "\n"
    )
    (folder / "connections.csv").write_text(
        "vpd,code,lms_name,supplier,sub_type,encoding,restriction,restriction_values,transport,"
        "send_ni_number,live_on\n"
        "277,TOTARA,Totara,Kite,CST,iso-8859-1,all,,folder,no,2026-01-05\n"
    )
    (folder / "mappings.csv").write_text(
        "vpd,connection,course_code,course_version,competence_name,expiry\n"
        + "".join(
            f"277,TOTARA,{course},,{COMPETENCES[key][0]},{'lms' if course in OWN_DATES else 'renewal'}\n"
            for course, keys in COURSES.items()
            for key in keys
        )
    )


class Nights:
    """The product between a staff record and an LMS, and the bad line between them."""

    def __init__(self, root: Path, work: Path, seed: int) -> None:
        self.rng, self.work = Random(seed), work
        self.day = FIRST
        national = {key: name for key, (name, subject, _, _) in COMPETENCES.items() if subject}
        self.esr = StaffRecord(VPD, Random(seed + 1), national)
        folder = root / VPD / "TOTARA"
        (folder / "In").mkdir(parents=True, exist_ok=True)
        (folder / "Out").mkdir(parents=True, exist_ok=True)
        names = {course: [COMPETENCES[key][0] for key in keys] for course, keys in COURSES.items()}
        self.lms = Lms(folder, VPD, names, OWN_DATES)
        self.classroom = Classroom(self.lms, Random(seed + 2))
        self.late: list[Sent] = []  # on its way; comes tomorrow
        self.lost: list[str] = []  # from Out, and not mended yet
        self.asked = 0
        self.happened: set[str] = set()
        self.expected_refusals = 0

    def load(self, *, full: bool) -> None:
        name, data = self.esr.extract(self.day, full=full)
        path = self.work / name
        path.write_bytes(data)
        call_command("read_go", str(path), stdout=StringIO())
        if self.rng.random() < 0.1:
            call_command("read_go", str(path), stdout=StringIO())

    def exchange(self) -> None:
        call_command("exchange", "--vpd", VPD, "--date", self.day.isoformat(), stdout=StringIO())

    def night(self, *, calm: bool = False) -> None:
        with time_machine.travel(self.evening):
            self._night(calm=calm)
        self.day += timedelta(days=1)

    @property
    def evening(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, 21, 30, tzinfo=UTC)

    def _night(self, *, calm: bool) -> None:
        self.esr.live(self.day)
        if self.rng.random() < 0.1:
            self.load(full=True)  # which deletes nothing: the changes come after it as ever
        self.load(full=False)
        self.lms_sends(calm=calm)
        self.exchange()
        if not calm and self.rng.random() < 0.1:
            self.exchange()  # the same night again
        self.lose(calm=calm)
        self.lms.collect()
        self.mend(calm=calm)
        truth = self.esr.in_scope(self.day)
        if self.lms.outbound_last and not self.lms.waiting and not self.lost:
            self.compare_with_the_record(truth)

    # --- The line to In ------------------------------------------------------------------------------

    def lms_sends(self, *, calm: bool) -> None:
        for sent in [*self.late, *self.lms.unanswered]:
            self.lms.deliver(sent)  # not answered: the answer was lost, or the file
        self.late.clear()
        entries = self.classroom.day(self.day) if self.lms.outbound_last else []
        if not entries and self.rng.random() < 0.5:
            return
        sent = self.lms.compose(self.day, entries)
        fate = "well" if calm else self.rng.choices(["well", "cut", "late", "again"], [14, 2, 2, 2])[0]
        self.happened.add(f"in {fate}")
        if fate == "cut":
            self.lms.deliver(sent, cut=self.rng.randint(2, len(sent.text) - 1))
            self.expected_refusals += 1
        elif fate == "late":
            self.late.append(sent)
            if entries := self.classroom.day(self.day):
                self.lms.deliver(self.lms.compose(self.day, entries))  # held behind the gap
        else:
            self.lms.deliver(sent)
        if fate == "again":
            self.lms.deliver(self.rng.choice(list(self.lms.sent.values())))

    # --- The line from Out ---------------------------------------------------------------------------

    def lose(self, *, calm: bool) -> None:
        if calm:
            return
        for path in sorted(self.lms.outbox.iterdir()):
            if self.rng.random() < 0.08 and "_LCR_" not in path.name:
                self.happened.add(f"lost {path.name[:2]}")
                path.unlink()
                if path.name.startswith("GO_"):
                    self.lost.append(path.name)

    def mend(self, *, calm: bool) -> None:
        """What is missing comes again: published once more, in a full file that somebody asks for, or not yet."""
        self.lost = [name for name in self.lost if int(name.split("_")[5][:8]) > self.lms.outbound_last]
        if not self.lost:
            return
        way = "publish" if calm else self.rng.choice(["publish", "reseed", "full file", "nothing"])
        self.happened.add(f"mended by {way}")
        if way == "publish":
            for name in self.lost:
                publish(OutboundFile.objects.get(name=name))
            self.lms.collect()
            assert not self.lms.waiting
            self.lost.clear()
        elif way == "reseed":
            self.asked += 1
            self.lms.ask_for_full_file(self.day, self.asked)
        elif way == "full file":
            call_command("full_file", "--vpd", VPD, stdout=StringIO())

    # --- Comparing -----------------------------------------------------------------------------------

    def compare_with_the_record(self, truth: dict[str, str]) -> None:
        """The staff record's own truth: who is in scope and what they are called."""
        picture = self.lms.picture
        names = {key: row[6] for key, row in picture.persons.items()}
        leavers = self.esr.leavers(self.day)
        assert {key: names.get(key) for key in truth} == truth
        others = names.keys() - truth.keys()
        assert others <= leavers.keys(), f"{self.day}: held, and neither in scope nor leavers"
        kept = {key for key, days in leavers.items() if days < RETENTION}
        assert kept <= names.keys(), f"{self.day}: leavers that are gone too early"
        assert not {key for key in others if leavers[key] > RETENTION + 1}, (
            f"{self.day}: leavers kept too long"
        )
        assert all(picture.persons[key][33] == "EX_EMP" and picture.persons[key][17] for key in others)
        told = {key: holding for key, holding in self.esr.holdings.items() if holding.person in names}
        national = {key for key, holding in told.items() if holding.competence != "LOCAL"}
        assert national <= picture.elements.keys()
        assert {key for key in picture.elements if not key.startswith("9000000")} == national

    def compare_with_a_full_file(self) -> None:
        """What the LMS knows is what a fresh full file says, where it can know."""
        self.day -= timedelta(days=1)  # of the last night once more
        with time_machine.travel(self.evening):
            call_command("full_file", "--vpd", VPD, stdout=StringIO())
        (path,) = self.lms.outbox.iterdir()
        fresh = Picture()
        before = self.lms.picture
        self.lms.picture = fresh
        self.lms.collect()
        assert path.name in self.lms.seen
        for table in ("competences", "persons", "assignments", "elements"):
            ours, theirs = getattr(before, table), getattr(fresh, table)
            assert ours.keys() == theirs.keys(), table
            differing = [(ours[key], theirs[key]) for key in ours if not agree(ours[key], theirs[key])]
            assert not differing, table


@pytest.fixture
def nights(
    exchange_root: Path, tmp_path: Path, settings: Settings, committed_db: None
) -> Callable[[int], Nights]:
    # Forty people: two who leave on one day would be a mass accident.
    settings.GUARD_CHANGED_SHARE = settings.GUARD_DELETED_SHARE = 1.0
    settings.LEAVER_RETENTION_DAYS = RETENTION
    setup, work = tmp_path / "setup", tmp_path / "work"
    lay_setup(setup)
    work.mkdir()
    call_command("load_setup", str(setup), stdout=StringIO())
    return lambda seed: Nights(exchange_root, work, seed)


@pytest.mark.parametrize("seed", [1, pytest.param(3, marks=pytest.mark.once)])
def test_after_sixty_nights_the_lms_holds_what_we_hold(seed: int, nights: Callable[[int], Nights]) -> None:
    world = nights(seed)
    world.esr.begin(world.day, 35)
    world.load(full=True)
    for _ in range(NIGHTS):
        world.night()
    for _ in range(4):  # the line is good again: all that waits arrives
        world.night(calm=True)
    lms = world.lms
    assert not lms.complaints
    assert not lms.unanswered
    assert not lms.awaited
    assert not InboundFile.objects.exclude(state__in=[InboundState.ANSWERED, InboundState.REFUSED]).exists()
    assert sum(lms.refusals.values()) >= world.expected_refusals
    numbers = OutboundFile.objects.filter(kind__in=[OutboundKind.FULL, OutboundKind.CHANGES])
    in_order = numbers.order_by("number").values_list("number", flat=True)
    assert list(in_order) == list(range(1, lms.outbound_last + 1))
    world.compare_with_a_full_file()
    # The seeds are chosen so that everything happened that is meant to.
    assert {"I100", "I101", "I102", "I103", "W201", "W202", "W203", "W204"} <= lms.codes.keys()
    assert {"in cut", "in late", "in again", "lost GO", "lost GI"} <= world.happened

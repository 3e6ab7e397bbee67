"""What most lines come to, found without reading them column by column: the very outcomes that ``decide`` gives.

A line is three parts that a file repeats over and over (person, learning, detail), a reference and a version. A part
that ``decide`` has let through once is known from then on, with all that follows from it. A line of known parts is
settled here where it is one of the two that make up nearly every file: held with the same content, or new. Of every
other line nothing is said, and ``decide`` has it.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import date, datetime
from typing import NamedTuple, TypeVar

from competencies.acceptance import AcceptancePolicy
from interface.decision import checks
from interface.decision.codes import Code
from interface.decision.decide import date_to, new_id, said
from interface.decision.digests import Part, part_digest
from interface.decision.facts import Facts, Place
from interface.decision.identity import folded
from interface.decision.outcome import NOTHING, Changes, Held, Outcome, RecordRejectedError
from interface.formats.completions import REFERENCE_LENGTH, Completion
from interface.formats.moments import read_timestamp
from interface.formats.text import SEPARATOR

# Parts of one kind that are kept: the people of a large trust, some thousand courses and days.
KEPT = 100_000

Key = TypeVar("Key")
Known = TypeVar("Known")


class Who(NamedTuple):
    """A person's columns that name somebody in scope. ``agrees``: so does the last name."""

    person: int
    born: date
    agrees: bool
    digest: int


class What(NamedTuple):
    """Columns of learning that are accepted: the competences they give, each with its last day of validity."""

    completed_on: date
    expires_on: date | None
    gives: tuple[tuple[int, date | None], ...]
    digest: int


class Detail(NamedTuple):
    """Proficiency level and certification method, as they are held."""

    proficiency_level: str
    certification_method: str
    digest: int


class Parts(NamedTuple):
    """A line of which every part is known."""

    reference: str
    who: Who
    what: What
    detail: Detail
    last_update: datetime
    digest: int


class Version(NamedTuple):
    """What is held under a reference, where it is nothing but live elements."""

    element_ids: tuple[str, ...]
    digest: int
    last_update: datetime


class Quick:
    """Learns from the completions of one file, under its facts and its policy, and settles the lines that follow."""

    def __init__(self, policy: AcceptancePolicy, contradicted: Container[str]) -> None:
        self._policy = policy
        self._contradicted = contradicted
        self._who: dict[str, Who] = {}
        self._what: dict[str, What] = {}
        self._details: dict[str, Detail] = {}
        self._moments: dict[str, datetime] = {}

    def learn(self, cells: Sequence[str], record: Completion, facts: Facts) -> None:
        """Know the parts of this line, which was read as this record, if nothing speaks against them."""
        try:
            person = checks.person_of(record, facts)
            targets = checks.targets_of(record, facts, self._policy, person)
            checks.check_dates(record, person, on=facts.on)
        except RecordRejectedError:
            return
        assert person.date_of_birth is not None
        _, _, *columns, stamp = cells
        who, what, detail = (SEPARATOR.join(part) for part in (columns[:4], columns[4:10], columns[10:]))
        agrees = folded(record.last_name) in person.names
        gives = tuple((one.competence.pk, date_to(record, one)) for one in targets)
        _keep(
            self._who,
            who,
            Who(person.pk, person.date_of_birth, agrees, part_digest(Part.PERSON, columns[:4])),
        )
        _keep(
            self._what,
            what,
            What(record.completed_on, record.expires_on, gives, part_digest(Part.LEARNING, columns[4:10])),
        )
        _keep(
            self._details,
            detail,
            Detail(
                record.proficiency_level, record.certification_method, part_digest(Part.DETAIL, columns[10:])
            ),
        )
        _keep(self._moments, stamp, record.last_update)

    def parts(self, cells: Sequence[str]) -> Parts | None:
        """The line's parts where all are known and agree, and E303 does not hold of it. ``cells`` are its columns."""
        _, reference, p1, p2, p3, p4, l1, l2, l3, l4, l5, l6, d1, d2, stamp = cells
        who = self._who.get(f"{p1}~{p2}~{p3}~{p4}")
        what = self._what.get(f"{l1}~{l2}~{l3}~{l4}~{l5}~{l6}")
        detail = self._details.get(f"{d1}~{d2}")
        moment = self._moments.get(stamp) or self._moment(stamp)
        if who is None or what is None or detail is None or moment is None:
            return None
        if what.completed_on < who.born or reference in self._contradicted:
            return None
        return Parts(reference, who, what, detail, moment, who.digest ^ what.digest ^ detail.digest)

    def _moment(self, stamp: str) -> datetime | None:
        moment = read_timestamp(stamp)
        if moment is not None:
            _keep(self._moments, stamp, moment)
        return moment


def unchanged(parts: Parts, held: Version) -> Outcome | None:
    """I102, where the reference is held with this very content."""
    if parts.digest != held.digest:
        return None
    ids = held.element_ids
    changes = Changes(advanced=ids) if parts.last_update > held.last_update else NOTHING
    return Outcome(
        Code.UNCHANGED, "Unchanged.", parts.who.person, ids, changes, parts.digest, parts.last_update
    )


def places_of(parts: Parts) -> list[Place]:
    """Where the line's elements would be held."""
    what, person = parts.what, parts.who.person
    return [(person, competence, what.completed_on) for competence, _ in what.gives]


def added(parts: Parts, facts: Facts) -> Outcome | None:
    """I100, W200 or W201 of a reference that nothing is known of, where none of its places is taken."""
    reference, (person, _, agrees, _), what, _, last_update, digest = parts
    if not (len(reference) <= REFERENCE_LENGTH and reference.isprintable() and reference.strip()):
        return None
    day, holdings = what.completed_on, facts.holdings
    for competence, _ in what.gives:
        if holdings.get((person, competence, day)):
            return None
    held = tuple(
        [
            Held(new_id(facts), person, competence, day, ends, what.expires_on)
            for competence, ends in what.gives
        ]
    )
    code, message = said("Added", held, name_agrees=agrees, otherwise=Code.ADDED)
    return Outcome(
        code, message, person, tuple([one.element_id for one in held]), Changes(held), digest, last_update
    )


def _keep(known: dict[Key, Known], key: Key, value: Known) -> None:
    if len(known) >= KEPT:
        known.clear()
    known[key] = value

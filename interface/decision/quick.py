"""What most lines come to, found without reading them column by column: the very outcomes that ``decide`` gives.

A line is three parts that a file repeats over and over (person, learning, detail), a reference and a version. A part
that ``decide`` has let through once is known from then on, with all that follows from it. A line of known parts is
settled here where it is one of the two that make up nearly every file: held with the same content, or new. Of every
other line nothing is said, and ``decide`` has it.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple, TypeVar

from competencies.acceptance import AcceptancePolicy
from interface.decision import checks
from interface.decision.codes import Code
from interface.decision.decide import date_to, said
from interface.decision.digests import Part, part_digest
from interface.decision.facts import Facts, PersonFacts, Place
from interface.decision.identity import folded
from interface.decision.outcome import Held, RecordRejectedError
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
    person_id: str
    born: date
    agrees: bool
    digest: int


class What(NamedTuple):
    """Columns of learning that are accepted: the competences they give, each with its last day of validity.

    ``added`` is the answer where they are added for a person whose name agrees.
    """

    completed_on: date
    expires_on: date | None
    gives: tuple[tuple[int, date | None], ...]
    added: tuple[str, str]
    digest: int


class Detail(NamedTuple):
    """Proficiency level and certification method, as they are held."""

    proficiency_level: str
    certification_method: str
    digest: int


class Moment(NamedTuple):
    """A Last Update, and the same in whole seconds of Unix time."""

    at: datetime
    seconds: int


# What is known of a line, and the digest of its content, which ``digests.content_digest`` gives as well. A plain tuple,
# for there is one for every line of a file.
Parts = tuple[Who, What, Detail, Moment, int]


class Quick:
    """Learns from the completions of one file, under its facts and its policy, and settles the lines that follow."""

    def __init__(self, policy: AcceptancePolicy, contradicted: Container[str]) -> None:
        self._policy = policy
        self._contradicted = contradicted
        self._who: dict[str, Who] = {}
        self._what: dict[str, What] = {}
        self._details: dict[str, Detail] = {}
        self._moments: dict[str, Moment] = {}

    def learn(self, cells: Sequence[str], record: Completion, facts: Facts) -> None:
        """Know the parts of this line, which was read as this record, if nothing speaks against them."""
        try:
            person = checks.person_of(record, facts)
            targets = checks.targets_of(record, facts, self._policy, person)
            checks.check_dates(record, person, on=facts.on)
        except RecordRejectedError:
            return
        _, _, *columns, _ = cells
        who, what, detail = (SEPARATOR.join(part) for part in (columns[:4], columns[4:10], columns[10:]))
        if who not in self._who:
            _keep(self._who, who, _who(record, person, columns[:4]))
        if what not in self._what:
            gives = tuple([(one.competence.pk, date_to(record, one)) for one in targets])
            _keep(self._what, what, _what(record, gives, columns[4:10]))
        if detail not in self._details:
            digest = part_digest(Part.DETAIL, columns[10:])
            known = Detail(record.proficiency_level, record.certification_method, digest)
            _keep(self._details, detail, known)

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
        return who, what, detail, moment, who[4] ^ what[4] ^ detail[2]

    def _moment(self, stamp: str) -> Moment | None:
        at = read_timestamp(stamp)
        if at is None:
            return None
        moment = Moment(at, int(at.astimezone(UTC).timestamp()))
        _keep(self._moments, stamp, moment)
        return moment


def _who(record: Completion, person: PersonFacts, columns: Sequence[str]) -> Who:
    assert person.date_of_birth is not None, "it agrees with the record's"
    agrees = folded(record.last_name) in person.names
    return Who(person.pk, person.person_id, person.date_of_birth, agrees, part_digest(Part.PERSON, columns))


def _what(record: Completion, gives: tuple[tuple[int, date | None], ...], columns: Sequence[str]) -> What:
    day, expires_on = record.completed_on, record.expires_on
    held = [Held("", 0, competence, day, ends, expires_on) for competence, ends in gives]
    code, message = said("Added", held, name_agrees=True, otherwise=Code.ADDED)
    return What(day, expires_on, gives, (code.value, message), part_digest(Part.LEARNING, columns))


# The answer where a person's last name differs, whatever else there is to say (wire format §5: W200 before W201).
_OTHER_NAME_CODE, _OTHER_NAME = said("Added", (), name_agrees=False, otherwise=Code.ADDED)
OTHER_NAME = (_OTHER_NAME_CODE.value, _OTHER_NAME)


def answer_of(parts: Parts) -> tuple[str, str]:
    """Code and message where what the line gives is added."""
    who, what, *_ = parts
    return what.added if who.agrees else OTHER_NAME


def places_of(parts: Parts) -> list[Place]:
    """Where the line's elements would be held."""
    who, what, *_ = parts
    return [(who.person, competence, what.completed_on) for competence, _ in what.gives]


def is_sound(reference: str) -> bool:
    """Whether there is nothing to say against it as a Source Reference: those of known parts are not read again."""
    return len(reference) <= REFERENCE_LENGTH and reference.isprintable() and reference.strip() != ""


def _keep(known: dict[Key, Known], key: Key, value: Known) -> None:
    if len(known) >= KEPT:
        known.clear()
    known[key] = value

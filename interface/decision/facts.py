"""What a decision needs to know, as plain values: the shell loads them, ``decide`` reads, tests write them down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple


class PersonFacts(NamedTuple):
    """One person on the business date. ``out_of_scope`` is the reason, empty where the person is in scope.

    ``names`` are all last names they go by, folded.
    """

    pk: int
    person_id: str
    employee_number: str
    date_of_birth: date | None
    names: frozenset[str]
    out_of_scope: str


class CompetenceFacts(NamedTuple):
    """One competence definition; empty dates are unbounded, no frequency means no expiry."""

    pk: int
    competence_id: str
    name: str
    is_cstf: bool
    date_from: date | None
    date_to: date | None
    renewal_frequency: int | None
    renewal_units: str

    def in_force(self, *, on: date) -> bool:
        """Whether it may be achieved on this date."""
        return (self.date_from is None or self.date_from <= on) and (
            self.date_to is None or on <= self.date_to
        )


class Target(NamedTuple):
    """A competence that a record gives, and whether the LMS's own expiry date rules for it."""

    competence: CompetenceFacts
    lms_expiry: bool


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The competences that an organisation may use and its connection's mapping.

    ``by_name`` is keyed by ``name_key``. ``courses`` is keyed by course code and version, the version empty where a
    mapping row names none.
    """

    by_id: Mapping[str, CompetenceFacts]
    by_name: Mapping[str, CompetenceFacts]
    courses: Mapping[tuple[str, str], Sequence[Target]]


def name_key(name: str) -> str:
    """Competence names are equal but for case, spacing and a trailing pipe."""
    return " ".join(name.casefold().split()).rstrip("| ")


class HeldElement(NamedTuple):
    """One live element of a reference."""

    element_id: str
    person: int
    competence: int
    date_from: date | None


class ReferenceState(NamedTuple):
    """What is held under one source reference: no elements means withdrawn, its last version remembered."""

    elements: tuple[HeldElement, ...]
    digest: int
    last_update: datetime


# A person, a competence and the date it was achieved: where a record's element would be held.
Place = tuple[int, int, date]
HoldingKey = tuple[int, int, date | None]


@dataclass(slots=True)
class Facts:
    """Everything around one batch of records. It is also the working state: each outcome is noted in it, so that the
    next line of the batch sees what the line before did.

    ``persons_by_number`` lists everybody who has that Employee Number. ``references`` holds the state of the batch's
    source references, ``holdings`` the live elements at (person, competence, date) with the reference of this
    connection that made each, or "". ``contradicted`` are the references that the file uses with different content.
    """

    on: date
    catalogue: Catalogue
    persons_by_id: Mapping[str, PersonFacts]
    persons_by_number: Mapping[str, Sequence[PersonFacts]]
    references: dict[str, ReferenceState] = field(default_factory=dict)
    holdings: dict[HoldingKey, dict[str, str]] = field(default_factory=dict)
    next_element_id: int = 1

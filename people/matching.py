"""IAT's matching: who at the releasing organisation may be the person whom another organisation has asked about.

What came with the request (NI number, date of birth, last name) is compared with the persons of one organisation, and
the candidates are for that side alone: the scope in force must be the releasing organisation and nothing more. The
organisation that asks is told the decision, never who resembles whom (domain §5). On PostgreSQL the comparison is a
function of the server under a role of its own, which refuses every other scope by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from django.db import connection

from people.models import Organisation, PersonVersion
from people.tenancy import OutOfScopeError, current_scope


class Wanted(NamedTuple):
    """Who is looked for, as the request has it. NI number may be missing, and a missing one matches nobody."""

    ni_number: str
    date_of_birth: date | None
    last_name: str


class Candidate(NamedTuple):
    """A person (primary key) of the releasing organisation, and in what they agree with who is looked for."""

    person: int
    ni_number_agrees: bool
    date_of_birth_agrees: bool
    last_name_agrees: bool

    @property
    def is_exact(self) -> bool:
        """All three agree: what an automated transfer needs (domain §5)."""
        return self.ni_number_agrees and self.date_of_birth_agrees and self.last_name_agrees


def match_candidates(releasing: Organisation, wanted: Wanted, *, on: date) -> list[Candidate]:
    """Persons with the same NI number, or with the same date of birth and last name, as they were last by ``on``.

    Leavers are among them: a transfer is mostly about one. Persons whom the staff record deleted are not. Letter case
    and spaces do not count. Raises OutOfScopeError unless the scope is ``releasing`` alone.
    """
    if current_scope() != frozenset({releasing.pk}):
        raise OutOfScopeError(f"candidates of {releasing} are shown within {releasing} alone")
    if connection.vendor == "postgresql":
        return _by_function(releasing, wanted, on)
    agreeing = (_compared(version, wanted) for version in _latest(releasing, on))
    return [
        one for one in agreeing if one.ni_number_agrees or (one.date_of_birth_agrees and one.last_name_agrees)
    ]


def _by_function(releasing: Organisation, wanted: Wanted, on: date) -> list[Candidate]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM cstf_match_candidates(%s, %s, %s, %s, %s)", [releasing.pk, on, *wanted])
        return [Candidate._make(row) for row in cursor.fetchall()]


def _latest(releasing: Organisation, on: date) -> Iterator[PersonVersion]:
    """Each present person's last version that began by ``on``."""
    versions = PersonVersion.objects.filter(
        organisation=releasing, person__removed_at__isnull=True, effective_start__lte=on
    )
    columns = versions.only("person_id", "ni_number", "date_of_birth", "last_name", "effective_start")
    latest = {version.person_id: version for version in columns.order_by("person_id", "effective_start")}
    yield from latest.values()


def _compared(version: PersonVersion, wanted: Wanted) -> Candidate:
    return Candidate(
        version.person_id,
        _plain_number(wanted.ni_number) in {_plain_number(version.ni_number)} - {""},
        wanted.date_of_birth is not None and version.date_of_birth == wanted.date_of_birth,
        _plain_name(version.last_name) == _plain_name(wanted.last_name),
    )


def _plain_number(number: str) -> str:
    return number.replace(" ", "").lower()


def _plain_name(name: str) -> str:
    return name.strip(" ").lower()

"""The competence definitions that one organisation may use, found by ID and by name while a file is loaded.

A name decides before an ID wherever both are there, because the IDs of a seed catalogue may be invented: an ID that
means something else by accident must never turn one competence into another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from competencies.models import Competence
from competencies.naming import parse, subject_level_of
from interface.decision.facts import name_key
from people.models import Organisation

FIELDS = (
    "competence_id",
    "name",
    "description",
    "subject_level_id",
    "version",
    "renewal_frequency",
    "renewal_units",
    "date_from",
    "date_to",
)


class Content(NamedTuple):
    """What a definition says, in the order of FIELDS."""

    competence_id: str
    name: str
    description: str
    subject_level: int | None
    version: str
    renewal_frequency: int | None
    renewal_units: str
    date_from: date | None
    date_to: date | None


@dataclass(slots=True, eq=False)
class Definition:
    """One definition as it will be stored; ``pk`` is None while it is not."""

    pk: int | None
    is_national: bool
    content: Content
    last_update: datetime | None
    differs: bool = False
    before: tuple[object, ...] | None = None

    def note_before(self) -> None:
        """What is stored, last update first: once, before anything is put in its place."""
        if self.before is None and self.pk is not None:
            self.before = (self.last_update, *self.content)

    def is_called(self, name: str) -> bool:
        """Whether this is its name, but for case, spacing and a trailing pipe; no name is no other name."""
        return not name or name_key(name) == name_key(self.content.name)


class Definitions:
    """All of them: the national ones and the organisation's own."""

    def __init__(self, organisation: Organisation) -> None:
        self._organisation = organisation
        self._by_id: dict[tuple[bool, str], Definition] = {}
        self._by_name: dict[tuple[bool, str], Definition] = {}
        # Letter by letter: two may be called the same but for case, spacing or a pipe.
        self._spelt: dict[tuple[bool, str], Definition] = {}
        self.reload()

    def reload(self) -> None:
        """As the database has them."""
        self._by_id.clear()
        self._by_name.clear()
        self._spelt.clear()
        rows = Competence.objects.usable_by(self._organisation).order_by("pk")
        for pk, organisation, last_update, *content in rows.values_list(
            "pk", "organisation_id", "last_update", *FIELDS
        ):
            self.add(Definition(pk, organisation is None, Content(*content), last_update))

    def __iter__(self) -> Iterator[Definition]:
        return iter(self._by_id.values())

    def by_id(self, competence_id: str, *, national: bool) -> Definition | None:
        """With this ID."""
        return self._by_id.get((national, competence_id))

    def by_name(self, name: str, *, national: bool) -> Definition | None:
        """With this name, or else with one that differs in case, spacing or a trailing pipe alone."""
        return self._spelt.get((national, name)) or self._by_name.get((national, name_key(name)))

    def add(self, one: Definition) -> None:
        """Find it from now on by what it says."""
        self._by_id[one.is_national, one.content.competence_id] = one
        self._by_name[one.is_national, name_key(one.content.name)] = one
        self._spelt[one.is_national, one.content.name] = one

    def replace(self, one: Definition, content: Content) -> None:
        """It says this instead from now on."""
        self._forget(one)
        one.note_before()
        one.content, one.differs = content, True
        self.add(one)

    def _forget(self, one: Definition) -> None:
        """It is found no more; another that is called the same is."""
        del self._by_id[one.is_national, one.content.competence_id]
        del self._spelt[one.is_national, one.content.name]
        key = (one.is_national, name_key(one.content.name))
        del self._by_name[key]
        for other in self:
            if (other.is_national, name_key(other.content.name)) == key:
                self._by_name[key] = other

    def meant_by(self, competence_id: str, name: str) -> Definition | str:
        """The definition that an element's line means, or why it is not known which."""
        having_id = [found for own in (False, True) if (found := self._by_id.get((own, competence_id)))]
        named = self.by_name(name, national=False) or self.by_name(name, national=True) if name else None
        if named is not None:
            if having_id and named not in having_id:
                return "means another competence than the Competency Name"
            return named
        if not having_id:
            return "is not known, nor is the Competency Name" if competence_id and name else "is not known"
        if name and not may_rename(having_id[0].content.name, name):
            return "means another competence than the Competency Name"
        return having_id[0]


def may_rename(old: str, new: str) -> bool:
    """Whether the two can be names of one competence: of the same owner, and of the same subject-level."""
    before, after = subject_level_of(old), subject_level_of(new)
    same_level = (before and before[:3]) == (after and after[:3])
    return same_level and parse(old).prefix.casefold() == parse(new).prefix.casefold()

"""What the projection needs of thousands of persons in one statement: a few texts a person, and their fingerprint.

Rows and columns come put together by the database, dates and timestamps as its own text: fetching value by value and
making Python dates of them costs more than all the rest, and what is written is text again. The fingerprint is of the
same moment as the texts, so that whoever is compared by it alone is compared with what was sent. Nothing here decides
anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Replace

from competencies.models import Competence, CompetencyElement
from interface.formats.text import SEPARATOR
from interface.outbound.digests import ELEMENT_VALUES, STAND_IN, digest_of
from interface.outbound.dossier import AssignmentFacts, Dossier, PersonFacts, taken_apart
from people.bulk import among
from people.gathering import PARTED_BY, Fingerprint, gathered, in_any_order
from people.models import AssignmentVersion, Person, PersonVersion
from people.models.person import PersonQuerySet

# Competence's key, its ID, name, description, from, to, renewal frequency, renewal units, last update.
DefinitionFacts = tuple[int, str, str, str, str | None, str | None, int | None, str, str | None]

_MOMENTS = {"date_from", "date_to", "last_update"}
_ELSEWHERE: dict[str, str | Combinable] = {
    "assignment_id": "assignment__assignment_id",
    "unit_id": "unit__unit_id",
    "position_id": "position__position_id",
    "position_name": "position__name",
    "is_primary": Case(When(is_primary=True, then=Value("Yes")), default=Value("No")),
}
_ELEMENT = (
    "element_id",
    "competence_id",
    "date_from",
    "date_to",
    "proficiency_level",
    "certification_method",
)


@dataclass(frozen=True)
class Reading:
    """Reads for one connection, on one business date."""

    on: date
    vpd: str
    # Whatever else a picture is made of, that is nobody's own.
    common: str

    def fingerprints(self, people: PersonQuerySet) -> Iterator[tuple[int, str, int]]:
        """Of these people primary key, Person ID and fingerprint, and nothing else."""
        rows = people.order_by().values_list("pk", "person_id", *self._prints())
        for person, person_id, *prints in rows.iterator(chunk_size=5000):
            yield person, person_id, self._fingerprint(person_id, prints)

    def dossiers(self, persons: Collection[int]) -> dict[int, Dossier]:
        """Of each of these persons all that the picture is made of."""
        found = dict(self._dossiers(persons, careful=False))
        if odd := [person for person, dossier in found.items() if dossier is None]:
            found |= self._dossiers(odd, careful=True)
        return {person: dossier for person, dossier in found.items() if dossier is not None}

    def _dossiers(self, persons: Collection[int], *, careful: bool) -> Iterator[tuple[int, Dossier | None]]:
        people = Person.objects.filter(among("id", persons)).order_by()
        read = (*self._texts(careful=careful), *self._prints())
        for person, person_id, *texts_and_prints in people.values_list("pk", "person_id", *read):
            texts, prints = texts_and_prints[:3], texts_and_prints[3:]
            yield person, taken_apart(person_id, self._fingerprint(person_id, prints), texts)

    def _fingerprint(self, person_id: str, prints: Collection[str | None]) -> int:
        return digest_of("\n".join((self.common, person_id, *map(in_any_order, prints))))

    def _texts(self, *, careful: bool) -> tuple[Subquery, ...]:
        """Of versions, assignments and elements; where ``careful``, values are kept from parting what is gathered."""
        days = (Replace(Cast(day, CharField()), Value("-"), Value("")) for day in ("date_from", "date_to"))
        element, level, method = _kept_apart(
            "element_id", "proficiency_level", "certification_method", careful=careful
        )
        held = (element, "competence_id", *days, level, Value(self.vpd), method, "last_update")
        template = PARTED_BY.join(("%s", "%s", ELEMENT_VALUES, "%s"))
        return (
            _one(self._versions(), _row(PersonFacts._fields, careful=careful)),
            _one(self._assignments(), _row(AssignmentFacts._fields, careful=careful)),
            _one(self._elements(), gathered(template, *held)),
        )

    def _prints(self) -> tuple[Subquery, ...]:
        """Of every row that the texts have, all but Last Update, and where it stands on the business date."""
        over = Q(effective_end__lt=self.on)
        version = (*_columns(PersonFacts._fields[:-1]), over, Q(terminated_on__lt=self.on))
        job = (*_columns(AssignmentFacts._fields[:-1]), over, Q(ended_on__lt=self.on))
        return (
            _one(self._versions(), Fingerprint(*version)),
            _one(self._assignments(), Fingerprint(*job)),
            _one(self._elements(), Fingerprint(*_ELEMENT)),
        )

    def _versions(self) -> QuerySet[Any, Any]:
        return PersonVersion.objects.filter(person=OuterRef("pk"), effective_start__lte=self.on)

    def _assignments(self) -> QuerySet[Any, Any]:
        return AssignmentVersion.objects.filter(
            assignment__person=OuterRef("pk"),
            assignment__removed_at__isnull=True,
            effective_start__lte=self.on,
        )

    def _elements(self) -> QuerySet[Any, Any]:
        return CompetencyElement.objects.held().filter(person=OuterRef("pk"))


def _one(rows: QuerySet[Any, Any], value: Combinable) -> Subquery:
    """The one value that is made of all these rows."""
    return Subquery(rows.order_by().annotate(one=value).values("one"))


def _columns(fields: Collection[str]) -> list[str | Combinable]:
    return [_ELSEWHERE.get(field, field) for field in fields]


def _row(fields: Collection[str], *, careful: bool) -> Combinable:
    return gathered(PARTED_BY.join(["%s"] * len(fields)), *_kept_apart(*_columns(fields), careful=careful))


def _kept_apart(*values: str | Combinable, careful: bool) -> list[str | Combinable]:
    """The values; where ``careful``, without what parts rows and columns, as texts."""
    if not careful:
        return list(values)
    kept: list[str | Combinable] = []
    for value in values:
        text: Combinable = Cast(value, CharField())
        for parting in (PARTED_BY, SEPARATOR):
            text = Replace(text, Value(parting), Value(STAND_IN))
        kept.append(text)
    return kept


def definition_facts(competences: Q) -> list[DefinitionFacts]:
    """CSTF competences that meet a condition, by Competence ID."""
    fields = (
        "pk",
        "competence_id",
        "name",
        "description",
        "date_from",
        "date_to",
        "renewal_frequency",
        "renewal_units",
        "last_update",
    )
    columns = [Cast(field, CharField()) if field in _MOMENTS else F(field) for field in fields]
    rows = Competence.objects.cstf().filter(competences).order_by().values_list(*columns)
    return sorted(rows, key=_by_competence_id)


def _by_competence_id(facts: DefinitionFacts) -> tuple[int, str]:
    return len(facts[1]), facts[1]

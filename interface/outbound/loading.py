"""What the projection needs of thousands of persons in one statement: a few texts a person, and their fingerprint.

Rows and columns come put together by the database, dates and timestamps as its own text: fetching value by value and
making Python dates of them costs more than all the rest, and what is written is text again. The fingerprint is of the
same moment as the texts, so that whoever is compared by it alone is compared with what was sent. Nothing here decides
anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Replace

from competencies.models import Competence, CompetencyElement
from interface.formats.text import SEPARATOR
from interface.outbound.digests import ELEMENT_VALUES, STAND_IN
from interface.outbound.dossier import AssignmentFacts, PersonFacts
from people.bulk import among
from people.gathering import PARTED_BY, Fingerprint, gathered
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
_OF_ELEMENTS = Fingerprint(
    "element_id", "competence_id", "date_from", "date_to", "proficiency_level", "certification_method"
)

_NOTHING = Cast(Value(""), CharField())

# Primary key, Person ID, and gathered: versions, assignments, elements.
Texts = tuple[int, str, str, str, str]


@dataclass(frozen=True)
class Reading:
    """Reads for one connection, on one business date."""

    on: date
    vpd: str
    with_ni_number: bool

    def fingerprints(self, people: PersonQuerySet) -> Iterator[tuple[int, str, tuple[str, str, str]]]:
        """Of these people primary key, Person ID and the three parts of their fingerprint, and nothing else."""
        read = (
            _one(self._versions(), self._of_versions()),
            _one(self._assignments(), self._of_assignments()),
            _one(self._elements(), _OF_ELEMENTS),
        )
        rows = people.order_by().values_list("pk", "person_id", *read)
        for person, person_id, versions, assignments, elements in rows.iterator(chunk_size=5000):
            yield person, person_id, (versions or "", assignments or "", elements or "")

    def texts(self, persons: Collection[int], *, careful: bool = False) -> list[Texts]:
        """Of each of these persons all that the picture is made of, for ``dossier.taken_apart``.

        Where ``careful``, values are kept from parting what is gathered.
        """
        reading = self._reading(careful=True) if careful else self._plainly
        return list(reading.filter(among("id", persons)))

    @cached_property
    def _plainly(self) -> QuerySet[Any, Texts]:
        """Made once: to make it costs as much as to read a hundred people."""
        return self._reading(careful=False)

    def _reading(self, *, careful: bool) -> QuerySet[Any, Texts]:
        return Person.objects.order_by().values_list("pk", "person_id", *self._gathered(careful=careful))

    def _gathered(self, *, careful: bool) -> tuple[Subquery, ...]:
        days = (Replace(Cast(day, CharField()), Value("-"), Value("")) for day in ("date_from", "date_to"))
        element, level, method = _kept_apart(
            "element_id", "proficiency_level", "certification_method", careful=careful
        )
        held = (element, "competence_id", *days, level, Value(self.vpd), method, "last_update")
        template = PARTED_BY.join(("%s", "%s", ELEMENT_VALUES, "%s"))
        version = _row(self._of_versions(), self._version_columns(), careful=careful)
        assignment = _row(self._of_assignments(), _columns(AssignmentFacts._fields), careful=careful)
        return (
            _one(self._versions(), version),
            _one(self._assignments(), assignment),
            _one(self._elements(), gathered(_OF_ELEMENTS, template, *held)),
        )

    def _version_columns(self) -> list[str | Combinable]:
        """What is not sent is not read."""
        left_out = () if self.with_ni_number else ("ni_number",)
        return [_NOTHING if field in left_out else field for field in PersonFacts._fields]

    # The fingerprints are of all that is read but Last Update, and of where it stands on the business date.

    def _of_versions(self) -> Fingerprint:
        over = (Q(effective_end__lt=self.on), Q(terminated_on__lt=self.on))
        return Fingerprint(*self._version_columns()[:-1], *over)

    def _of_assignments(self) -> Fingerprint:
        over = (Q(effective_end__lt=self.on), Q(ended_on__lt=self.on))
        return Fingerprint(*_columns(AssignmentFacts._fields[:-1]), *over)

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


def _row(fingerprint: Fingerprint, columns: Sequence[str | Combinable], *, careful: bool) -> Combinable:
    template = PARTED_BY.join(["%s"] * len(columns))
    return gathered(fingerprint, template, *_kept_apart(*columns, careful=careful))


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

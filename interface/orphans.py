"""The nightly orphan check: references that the database does not hold itself must still lead somewhere.

A foreign-key check costs about 5 µs a row on PostgreSQL, so the volume tables have one composite key and their other
references none (promises, "known ways to fail"). Every night each of those is looked up instead, as a set.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef

from competencies.models import CompetencyElement
from interface.models import InboundFile, OutboundFile, SentPicture
from interface.outbound.packing import unpack
from people.constraints import CompositeForeignKey
from people.models import Organisation

APPS = ("people", "competencies", "interface")


class Orphans(NamedTuple):
    """Rows of ``model`` whose ``field`` leads nowhere, the first of them by key."""

    model: str
    field: str
    rows: int
    first: int

    def __str__(self) -> str:
        """For the run's report."""
        return f"{self.rows} rows of {self.model} have a {self.field} that does not exist, the first is {self.first}"


def unguarded() -> Iterator[tuple[type[models.Model], models.ForeignKey[models.Model, models.Model]]]:
    """Every foreign key that neither the database nor a composite key holds."""
    for app in APPS:
        for model in apps.get_app_config(app).get_models():
            if model._meta.proxy:
                continue
            guarded = {
                field
                for constraint in model._meta.constraints
                if isinstance(constraint, CompositeForeignKey)
                for field in constraint.fields
            }
            for field in model._meta.concrete_fields:
                if (
                    isinstance(field, models.ForeignKey)
                    and not field.db_constraint  # type: ignore[attr-defined]  # not in the stubs
                    and field.name not in guarded
                ):
                    yield model, field


def find_orphans(organisation: Organisation) -> list[Orphans]:
    """What leads nowhere among this organisation's rows."""
    found = []
    for model, field in unguarded():
        target = field.remote_field.model
        lost = (
            model._default_manager.filter(organisation=organisation, **{f"{field.name}__isnull": False})
            .exclude(Exists(target._default_manager.filter(pk=OuterRef(field.attname))))
            .order_by("pk")
        )
        keys = list(lost.values_list("pk", flat=True)[:1])
        if keys:
            found.append(Orphans(model._meta.label, field.name, lost.count(), keys[0]))
    return [*found, *_among_packed_records(organisation), *_among_marks(organisation)]


def _among_packed_records(organisation: Organisation) -> Iterator[Orphans]:
    """The files that the sent ledger's records name, ours and, as negatives, the partners'."""
    known = set(OutboundFile.objects.filter(organisation=organisation).values_list("pk", flat=True))
    known |= {
        -pk for pk in InboundFile.objects.filter(organisation=organisation).values_list("pk", flat=True)
    }
    rows = SentPicture.objects.filter(organisation=organisation).order_by("pk").values_list("pk", "records")
    lost = [
        pk
        for pk, records in rows.iterator(chunk_size=1000)
        if not known.issuperset(entry.file for entry in unpack(records).values())
    ]
    if lost:
        yield Orphans(SentPicture._meta.label, "file of its records", len(lost), lost[0])


def _among_marks(organisation: Organisation) -> Iterator[Orphans]:
    """The inbound files that elements say they were told in."""
    marked = CompetencyElement.objects.filter(organisation=organisation, told_in__isnull=False)
    lost = marked.exclude(Exists(InboundFile.objects.filter(pk=OuterRef("told_in")))).order_by("pk")
    keys = list(lost.values_list("pk", flat=True)[:1])
    if keys:
        yield Orphans(CompetencyElement._meta.label, "told_in", lost.count(), keys[0])

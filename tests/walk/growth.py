"""More of everything: further organisations with a row of each model, and further rows beside those of one.

Between them every relation grows: rows that refer to as many different rows, and rows that all refer to one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import models

from people.models import AuditEvent, Organisation
from roles.actions import grant
from roles.urps import URP
from tests.walk.world import OF_ACCOUNTS, Model, Tenant, World, build_tenant, scoped_models

# A chain of events takes no row but by its verb; an organisation has one counter.
SINGLE = {AuditEvent._meta.label, "competencies.ElementCounter"}


def add_organisation(world: World, vpd: str, *, to: User) -> None:
    """A further organisation with a row of everything, in which this account holds every URP too."""
    hold_everything(world, build_tenant(vpd).organisation, to=to)


def hold_everything(world: World, organisation: Organisation, *, to: User) -> None:
    """The account holds every URP there."""
    for urp in URP:
        grant(user=to, organisation=organisation, urp=urp, reason="walk", by=world.accounts["superuser"])


def add_siblings(of: Tenant, *, count: int) -> None:
    """So many further rows of every model in the organisation, beside the one that is there."""
    made: dict[Model, list[models.Model]] = {}
    for model in in_order([*scoped_models(), *OF_ACCOUNTS]):
        if model._meta.label not in SINGLE and not model._meta.proxy:
            made[model] = [_sibling(of, model, made, place) for place in range(1, count + 1)]


def in_order(wanted: list[Model]) -> list[Model]:
    """Each after those that it refers to."""
    ordered: list[Model] = []

    def put(model: Model) -> None:
        if model in wanted and model not in ordered:
            for one in model._meta.concrete_fields:
                if isinstance(one, models.ForeignKey) and one.related_model is not model:
                    put(one.related_model)
            ordered.append(model)

    for model in wanted:
        put(model)
    return ordered


def _sibling(of: Tenant, model: Model, made: dict[Model, list[models.Model]], place: int) -> models.Model:
    """A copy that is told apart by what the model's unique constraints name, and refers to the same rows otherwise."""
    row = model._base_manager.get(pk=of.row(model).pk)
    row.pk = None
    for constrained in _unique(model):
        if not any(_varied(row, name, place) for name in constrained):
            _refer_to_a_sibling(row, constrained, made, place)
    row.save(force_insert=True)
    return row


def _unique(model: Model) -> Iterator[list[str]]:
    for one in model._meta.concrete_fields:
        if one.unique and not one.primary_key:
            yield [one.name]
    for constraint in model._meta.constraints:
        # The key that others refer to is told apart by itself.
        if isinstance(constraint, models.UniqueConstraint) and "id" not in constraint.fields:
            yield [*constraint.fields]


def _varied(row: models.Model, name: str, place: int) -> bool:
    one = row._meta.get_field(name)
    assert isinstance(one, models.Field)
    value: Any = getattr(row, one.attname)
    if isinstance(one, models.ForeignKey) or one.choices or value is None:
        return False
    if isinstance(one, models.CharField):
        setattr(row, name, f"{value[: (one.max_length or 99) - 1]}{place}")
    elif isinstance(one, models.DateField):
        # Backwards: what begins earlier still ends after it.
        setattr(row, name, value - timedelta(days=place))
    elif isinstance(one, models.IntegerField):
        setattr(row, name, value + place)
    else:
        return False
    return True


def _refer_to_a_sibling(
    row: models.Model, names: list[str], made: dict[Model, list[models.Model]], place: int
) -> None:
    for name in reversed(names):
        related = row._meta.get_field(name).related_model
        if related in made:
            setattr(row, name, made[related][place - 1])
            return

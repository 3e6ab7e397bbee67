"""The switch that the walk is repeated with does what it says, and no more."""

import pytest
from django.db import connection

from people.models import Organisation, Person
from people.tenancy import ScopeMissingError, current_scope, within
from tests.walk.layers import first_layer_off
from tests.walk.world import World


def test_nothing_is_narrowed_while_it_is_off(world: World) -> None:
    with within(world.ours.organisation):
        assert Person.objects.count() == 1
        with first_layer_off():
            # On PostgreSQL row-level security holds beneath; SQLite has the first layer alone.
            assert Person.objects.count() == (1 if connection.vendor == "postgresql" else 2)
            assert Organisation.objects.in_scope().count() == Organisation.objects.count()
            assert current_scope() == frozenset({world.ours.organisation.pk})
        assert Person.objects.count() == 1


@pytest.mark.scoped
def test_it_is_on_by_itself() -> None:
    with pytest.raises(ScopeMissingError):
        Person.objects.count()

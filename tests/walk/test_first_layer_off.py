"""The walk once more with the first layer switched off: on PostgreSQL row-level security alone keeps what is theirs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from roles.urps import PERMISSIONS
from tests.walk.layers import first_layer_off
from tests.walk.test_walk import *  # noqa: F403  (the same tests, under the fixture below)
from tests.walk.walker import ROLES
from tests.walk.world import World

pytestmark = pytest.mark.requires("postgresql")

# The database knows scopes and no roles: whoever may nothing that another may not as well walks with the first layer.
_ALLOWED = {urp.label: permissions for urp, permissions in PERMISSIONS.items()}
WALKS_AS = [one for one in ROLES if not any(_ALLOWED[one] < other for other in _ALLOWED.values())]


@pytest.fixture(autouse=True)
def without_the_first_layer(world: World) -> Iterator[None]:
    with first_layer_off():
        yield

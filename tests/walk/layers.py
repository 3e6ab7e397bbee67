"""Switches layers of tenancy off, so that the walk can show that those underneath hold by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from people import tenancy


@contextmanager
def first_layer_off() -> Iterator[None]:
    """Inside, scoped querysets narrow nothing and refuse no write: as if nobody had written people/tenancy.py.

    The scope itself is still entered, so that a layer underneath can be told of it (``current_scope()``).
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tenancy, "_scope_for", lambda model: tenancy.EVERYWHERE)
        yield

"""Every page of the console, opened as somebody who may: accessible, whole at 320 pixels, by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import pytest

from tests.e2e.console.conftest import Visit

if TYPE_CHECKING:
    from tests.e2e.console.addresses import Address  # not before Django has its settings

pytestmark = [pytest.mark.requires("chromium"), pytest.mark.once]


def looked_over(visit: Visit, addresses: Iterable[Address], *, dark: Callable[[Address], bool]) -> list[str]:
    """What is wrong with these pages, the frame around them left out: it is the same everywhere."""
    found: list[str] = []
    for address in addresses:
        visitor = visit(address.account)
        status = visitor.open(address.url)
        faults = visitor.faults(dark=dark(address))
        found += [f"{address.name} ({address.account}) {address.url}: {status}"] if status != 200 else []
        found += [f"{address.name} ({address.account}): {one}" for one in faults]
    return found


def test_home_and_the_frame_around_every_page(visit: Visit) -> None:
    for name in ("interface", "roles"):  # who sees most, and who has next to nothing to look at
        visitor = visit(name)
        visitor.open("/admin/")
        assert not visitor.faults(part="body")


def test_the_consoles_own_pages(visit: Visit) -> None:
    from tests.e2e.console.addresses import own_pages

    faults = looked_over(visit, own_pages(), dark=lambda address: True)
    assert not faults, "\n".join(faults)


def test_the_pages_of_models(visit: Visit) -> None:
    """In the dark one of each kind: they are of the same parts."""
    from tests.e2e.console.addresses import admin_pages

    kinds: set[str] = set()

    def is_first(address: Address) -> bool:
        kind = address.name.rpartition("_")[2]
        is_new = kind not in kinds
        kinds.add(kind)
        return is_new

    faults = looked_over(visit, admin_pages(), dark=is_first)
    assert not faults, "\n".join(faults)

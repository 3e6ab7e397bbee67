"""What pages on the guard against mass accidents (promises P12) show alike: whom something touches, and the shares."""

from __future__ import annotations

from typing import Any

from django.conf import settings


def shares(population: int, *, changed: int, gone: int, is_gone: str = "Deleted") -> list[dict[str, Any]]:
    """Rows of ``parts/shares.html``: how many people are changed or gone, and above which share that waits."""
    limits = (
        ("Changed", changed, settings.GUARD_CHANGED_SHARE),
        (is_gone, gone, settings.GUARD_DELETED_SHARE),
    )
    return [
        {
            "what": what,
            "people": people,
            "share": f"{people / max(population, 1):.1%}",
            "limit": f"{limit:.0%}",
            "is_over": people >= settings.GUARD_MINIMUM_PEOPLE and people > limit * population,
        }
        for what, people, limit in limits
    ]

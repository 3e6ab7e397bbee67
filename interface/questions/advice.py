"""Who to turn to with a code: the lines of advice that operators keep, by the codes that each is about."""

from __future__ import annotations

from interface.models import Advice


def advice_by_code() -> dict[str, Advice]:
    """Every code that has advice; where two lines claim a code, the first in the list."""
    found: dict[str, Advice] = {}
    for advice in Advice.objects.order_by("position"):
        for code in advice.codes:
            found.setdefault(code, advice)
    return found

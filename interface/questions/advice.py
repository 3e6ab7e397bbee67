"""Who to turn to with a code: the lines of advice that operators keep, by the codes that each is about."""

from __future__ import annotations

from django.db.models import F, Q

from interface.models import Advice
from people.models import Organisation


def advice_by_code(organisation: Organisation | int) -> dict[str, Advice]:
    """Every code that has advice there. Of several lines: the organisation's own, then the first."""
    found: dict[str, Advice] = {}
    lines = Advice.objects.filter(Q(organisation=organisation) | Q(organisation__isnull=True))
    for advice in lines.order_by(F("organisation").asc(nulls_last=True), "position"):
        for code in advice.codes:
            found.setdefault(code, advice)
    return found

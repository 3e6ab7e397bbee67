"""The lines of outbound records as templates, and the digest of what a line says.

A line is filled in from a template that is made from the layout's table once, because a full file of a large
trust has hundreds of thousands of them. The digest leaves out the Last Update column: a row that was merely
saved again tells the partner nothing (promises P11). ``element_digest`` gives a CMA's digest from plain values,
for the inbound side, which knows what the partner told us long before it is projected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from interface.formats import go, moments
from interface.formats.layout import Layout
from interface.formats.text import SEPARATOR

LAST_UPDATE = "last_update"

# Stands for a separator inside a value: whoever encodes the line replaces control characters, and counts them.
STAND_IN = "\x1f"


@lru_cache(maxsize=65536)
def day(value: date | None) -> str:
    """A date as the wire has it; the same few thousand dates come again and again."""
    return moments.write_date(value)


def digest_of(content: str) -> int:
    """64 bits of BLAKE2b, signed, as the ledger keeps them."""
    return int.from_bytes(blake2b(content.encode(), digest_size=8).digest(), "big", signed=True)


class Sheet(NamedTuple):
    """One record as it stands today: what is compared, and what is needed to write it."""

    digest: int
    before: str
    last_update: datetime | None
    after: str


class Template:
    """One record type's line: the parts before and after its Last Update column, with places for values.

    ``fixed`` are columns with the same text in every line; every other field has a place, in table order.
    """

    def __init__(
        self, layout: Layout, fixed: Mapping[str, str], stamp: Callable[[datetime | None], str]
    ) -> None:
        cells = [layout.record_type] + [""] * (layout.width - 1)
        for column in layout.columns:
            if column.field and column.field != LAST_UPDATE:
                cells[column.index] = fixed.get(column.field, "%s")
        split = next(column.index for column in layout.columns if column.field == LAST_UPDATE)
        self.fields = tuple(field for field in layout.fields if field not in fixed and field != LAST_UPDATE)
        self.before = SEPARATOR.join(cells[:split]) + SEPARATOR
        self.after = "".join(SEPARATOR + cell for cell in cells[split + 1 :])
        self.separators = split
        self.places_before = self.before.count("%s")
        self.stamp = stamp

    def fill(self, values: tuple[str, ...], last_update: datetime | None) -> Sheet:
        """The record of these values."""
        if any(SEPARATOR in value for value in values):
            values = tuple(value.replace(SEPARATOR, STAND_IN) for value in values)
        before = self.before % values[: self.places_before]
        after = self.after % values[self.places_before :]
        return Sheet(digest_of(before + after), before, last_update, after)

    def line(self, sheet: Sheet) -> str:
        """The line of a record, its Last Update in place."""
        return f"{sheet.before}{self.stamp(sheet.last_update)}{sheet.after}"


def _day_stamp(moment: datetime | None) -> str:
    return moments.write_timestamp(moment)[:8]


@lru_cache(maxsize=65536)
def _moment(moment: datetime | None) -> str:
    return moments.write_timestamp(moment)


PERSON = Template(go.PRA, {}, _day_stamp)
ASSIGNMENT = Template(go.ASA, {"location_id": ""}, _moment)
COMPETENCE = Template(
    go.CDA,
    # The staff record keeps none of these for the definitions that this interface sends.
    {
        "behavioural_indicator": "",
        "certification_required": "",
        "rating_scale_id": "",
        "evaluation_method": "",
        "cluster": "",
        "alias": "",
        "vpd": "",
    },
    _moment,
)
ELEMENT = Template(
    go.CMA,
    {
        "competency_type": "PERSONAL",
        "status": "ACHIEVED",
        "certification_date": "",
        "next_certification_date": "",
    },
    _moment,
)
TEMPLATES = {"PRA": PERSON, "ASA": ASSIGNMENT, "CDA": COMPETENCE, "CMA": ELEMENT}

_ELEMENT_BEFORE = ELEMENT.before
_ELEMENT_AFTER = ELEMENT.after
_ELEMENT_SEPARATORS = ELEMENT.separators


def element_text(values: tuple[str, str, str, str, str, str, str, str, str]) -> str:
    """A CMA's line up to its Last Update, from the values of ``ELEMENT.fields``: ``ELEMENT.fill`` for the many."""
    text = _ELEMENT_BEFORE % values
    if text.count(SEPARATOR) != _ELEMENT_SEPARATORS:
        text = _ELEMENT_BEFORE % tuple(value.replace(SEPARATOR, STAND_IN) for value in values)
    return text


def element_digest(
    *,
    person_id: str,
    element_id: str,
    competence_name: str,
    competence_id: str,
    date_from: date | None,
    date_to: date | None,
    proficiency_level: str,
    certification_method: str,
    vpd: str,
) -> int:
    """The digest of the CMA that the projection gives for an element with these values."""
    text = element_text(
        (
            person_id,
            element_id,
            competence_name,
            day(date_from),
            day(date_to),
            proficiency_level,
            vpd,
            certification_method,
            competence_id,
        )
    )
    return int.from_bytes(
        blake2b((text + _ELEMENT_AFTER).encode(), digest_size=8).digest(), "big", signed=True
    )
